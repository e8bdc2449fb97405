//! All checks and what they can find, for `--only`.

use archipel_config::finding::Fault;
use archipel_operator::doctor::{self, Aim, Check};

use super::{settings, terminal};
use crate::cli::failure::Failure;

/// A check and what it can find.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    id: &'static str,
    faults: &'static [&'static Fault],
}

fn entries<S>(checks: &'static [&'static Check<S>]) -> impl Iterator<Item = Entry> {
    checks.iter().map(|check| Entry {
        id: check.id,
        faults: check.faults,
    })
}

/// All of them, in the order in which they run.
fn all() -> Vec<Entry> {
    let own = Entry {
        id: settings::ID,
        faults: settings::FAULTS,
    };
    let login = Entry {
        id: "login",
        faults: doctor::LOGIN_FAULTS,
    };
    let trust = Entry {
        id: "trust",
        faults: doctor::TRUST_FAULTS,
    };
    entries(terminal::CHECKS)
        .chain([own])
        .chain(entries(doctor::OUTSIDE))
        .chain([login])
        .chain(entries(doctor::INSIDE))
        .chain([trust])
        .chain(entries(doctor::FLEET))
        .collect()
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
    let mut ids: Vec<&str> = all.iter().map(|entry| entry.id).collect();
    ids.sort_unstable();
    ids.dedup();
    Err(Failure::usage(format_args!(
        "there is no check `{wanted}`\n  known: {}",
        ids.join(", ")
    )))
}
