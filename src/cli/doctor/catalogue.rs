//! All checks and what they can find, for `--only` and `--list`.

use archipel_config::finding::{Fault, chapter};
use archipel_operator::doctor::{self, Aim, Check};

use super::{settings, terminal};
use crate::cli::failure::Failure;

/// A check and what it can find.
#[derive(Debug, Clone)]
struct Entry {
    id: &'static str,
    about: &'static str,
    faults: Vec<&'static Fault>,
}

impl Entry {
    fn new(id: &'static str, about: &'static str, faults: &[&'static Fault]) -> Self {
        Self {
            id,
            about,
            faults: faults.to_vec(),
        }
    }
}

fn entries<S>(checks: &'static [&'static Check<S>]) -> impl Iterator<Item = Entry> {
    checks
        .iter()
        .map(|check| Entry::new(check.id, check.about, check.faults))
}

/// All of them, in the order in which they run. Two of one name are one.
fn all() -> Vec<Entry> {
    let trust = "Whether the list of trusted hypervisors can be read";
    let each = entries(terminal::CHECKS)
        .chain([Entry::new(settings::ID, settings::ABOUT, settings::FAULTS)])
        .chain(entries(doctor::OUTSIDE))
        .chain([Entry::new(
            doctor::LOGIN,
            doctor::LOGIN_ABOUT,
            doctor::LOGIN_FAULTS,
        )])
        .chain(entries(doctor::INSIDE))
        .chain([Entry::new("trust", trust, doctor::TRUST_FAULTS)])
        .chain(entries(doctor::FLEET));
    let mut all: Vec<Entry> = Vec::new();
    for mut entry in each {
        match all.iter_mut().find(|own| own.id == entry.id) {
            Some(own) => own.faults.append(&mut entry.faults),
            None => all.push(entry),
        }
    }
    all
}

/// The catalogue as a part of the guide.
pub(super) fn list() -> String {
    let late = "Not a check of its own: any of them may not end in time";
    let last = Entry::new("late", late, &[&doctor::LATE]);
    let chapters = all()
        .into_iter()
        .chain([last])
        .map(|entry| chapter(entry.id, entry.about, &entry.faults));
    chapters.collect::<Vec<_>>().join("\n")
}

/// Whether anything beyond the terminal is asked for.
pub(super) fn needs_settings(aim: Aim<'_>) -> bool {
    let terminal = |id: &str| terminal::CHECKS.iter().any(|check| check.id == id);
    all()
        .iter()
        .any(|entry| aim.wants(entry.id) && !terminal(entry.id))
}

/// A name that no check and no fault has.
pub(super) fn refuse_unknown(wanted: &str) -> Result<(), Failure> {
    let all = all();
    let named =
        |entry: &Entry| entry.id == wanted || entry.faults.iter().any(|fault| fault.id == wanted);
    if all.iter().any(named) {
        return Ok(());
    }
    let ids: Vec<&str> = all.iter().map(|entry| entry.id).collect();
    Err(Failure::usage(format_args!(
        "there is no check `{wanted}`\n  known: {}",
        ids.join(", ")
    )))
}
