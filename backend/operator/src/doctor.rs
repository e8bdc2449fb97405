//! What is wrong with a fleet as the operator's account sees it: the bus first, then the hypervisors on it.
//!
//! The checks of the bus are those of [`archipel_bus::probe`]; [`FLEET`] adds those of the hypervisors. Nothing is changed anywhere.

mod clock;
mod feed;
mod groups;
mod libvirt;
mod version;

use std::time::Duration;

use archipel_bus::probe::{self, Line, Purpose};
use archipel_config::finding::{Fault, Finding, Severity};
use archipel_fleet::{Fleet, Hypervisor};

use crate::{
    command::{Missing, Wanted},
    error::StartError,
    invite::{Invitation, Invitations},
    one_shot::OneShot,
    settings::Settings,
};

pub use archipel_bus::probe::{
    Access, Aim, Check, Examined, INSIDE, LATE, LOGIN, LOGIN_ABOUT, LOGIN_FAULTS, OUTSIDE, all,
};

/// Checks of the hypervisors.
pub static FLEET: &[&Check<Desk>] = &[
    &groups::CHECK,
    &feed::CHECK,
    &version::CHECK,
    &libvirt::CHECK,
    &clock::CHECK,
];

/// What stands before the checks of the hypervisors.
pub static TRUST_FAULTS: &[&Fault] = &[&TRUST];

/// The list of trusted hypervisors cannot be used.
static TRUST: Fault = Fault {
    id: "trust.unusable",
    severity: Severity::Problem,
    title: "The list of trusted hypervisors cannot be read",
    why: "Nobody can tell whom to believe, so nobody is believed, and the program does not start.",
    todo: "Correct the file that is named, or put it away and trust anew: archipel hypervisor add JID",
    prosody: "",
    ejabberd: "",
};

/// How long hypervisors may take to tell their state.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most findings of one fault that are told one by one.
const SINGLE: usize = 5;
/// The most names in a finding that stands for many.
const NAMES: usize = 8;

/// An operator's view of the fleet at one moment.
#[derive(Debug)]
pub struct Desk {
    engine: OneShot,
    trusted_groups: Vec<String>,
    /// Those whose state is not current.
    missing: Vec<Missing>,
    /// Those who have not joined.
    invited: Vec<Invitation>,
}

/// Looks at the bus, and if a login is possible, at the hypervisors.
///
/// Takes up to two minutes where nothing answers. Must be called inside a tokio runtime.
pub async fn examine(settings: Settings, aim: Aim<'_>) -> Examined {
    let profile = &settings.profile;
    let line = Line::new(
        profile.bus.clone(),
        profile.jid.clone(),
        Some(settings.secret.clone()),
        Purpose::Operator,
    );
    let mut examined = probe::examine(line, aim).await;
    let wanted = FLEET.iter().any(|check| aim.wants(check.id)) || aim.wants("trust");
    if wanted && examined.access != Access::Refused {
        let (mut findings, access) = examine_fleet(settings, aim).await;
        examined.findings.append(&mut findings);
        examined.access = access;
    }
    examined
}

async fn examine_fleet(settings: Settings, aim: Aim<'_>) -> (Vec<Finding>, Access) {
    let account = settings.profile.jid.to_string();
    let profile = settings.profile.clone();
    let places = settings.paths.clone();
    let mut engine = match OneShot::start(settings) {
        Ok(engine) => engine,
        Err(StartError::Trust(error)) => {
            let found = Finding::of(&TRUST, account, error.to_string());
            return (vec![found], Access::In);
        }
        // Told by the checks of the bus.
        Err(StartError::Tls(_)) => return (Vec::new(), Access::Refused),
    };
    let Ok(missing) = engine.sync(Wanted::All, PATIENCE).await else {
        return (Vec::new(), Access::Refused);
    };
    let invitations = Invitations::new(engine.handle().clone(), &profile, &places);
    let desk = Desk {
        engine,
        trusted_groups: profile.trusted_groups,
        missing,
        // What keeps the list from being read does not keep hosts from joining.
        invited: invitations.waiting().await.unwrap_or_default(),
    };
    let findings = probe::all(FLEET, &desk, aim).await;
    desk.engine.stop().await;
    (findings, Access::In)
}

impl Desk {
    fn fleet(&self) -> &Fleet {
        self.engine.fleet()
    }

    /// The hypervisors whose state is current.
    fn current(&self) -> impl Iterator<Item = &Hypervisor> {
        let missing =
            |own: &Hypervisor| self.missing.iter().any(|other| other.hypervisor == own.id);
        self.fleet().hypervisors().filter(move |own| !missing(own))
    }
}

/// One finding for each hypervisor, or one for all if they are many.
fn gathered(fault: &'static Fault, found: &[(String, String)]) -> Vec<Finding> {
    if found.len() <= SINGLE {
        let each = found.iter();
        return each
            .map(|(on, seen)| Finding::of(fault, on, seen))
            .collect();
    }
    let count = found.len();
    let names: Vec<&str> = found.iter().map(|(on, _)| on.as_str()).collect();
    let shown = names.get(..NAMES.min(count)).unwrap_or_default().join(", ");
    let more = match count.saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let seen = format!("{shown}{more}");
    vec![Finding::of(fault, format!("{count} hypervisors"), seen)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_of_a_kind_are_one_finding() {
        let found = |count: usize| {
            let each = (0..count).map(|at| (format!("hv{at}"), "gone".to_owned()));
            gathered(&TRUST, &each.collect::<Vec<_>>())
        };
        assert_eq!(found(5).len(), 5);
        let all = found(2_500);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].on, "2500 hypervisors");
        assert!(
            all[0].seen.ends_with("hv7 and 2492 more"),
            "{}",
            all[0].seen
        );
    }
}
