//! How many files and connections the agent may have open.

use std::time::Duration;

use archipel_bus::probe::Check;
use archipel_config::finding::{Fault, Finding, Severity};
use rustix::process::{Resource, getrlimit};

use super::Host;
use crate::agent::VmSessions;

pub(super) static CHECK: Check<Host> = Check {
    id: "descriptors",
    about: "Whether the agent may open enough files and connections",
    deadline: Duration::from_secs(5),
    alone: false,
    faults: &[&FEW],
    run: |host| Box::pin(std::future::ready(run(host))),
};

static FEW: Fault = Fault {
    id: "descriptors.few",
    severity: Severity::Warning,
    title: "The agent may open few files and connections",
    why: "Each machine with a session of its own needs one; those beyond the limit stay without, and the store may fail with them.",
    todo: "systemctl edit archipel-agent: [Service] LimitNOFILE=65536; or vm_sessions = \"none\".",
    prosody: "",
    ejabberd: "",
};

/// Those the agent needs for itself, generously.
const OWN: u64 = 64;
/// Machines that must find room when they have sessions.
const MACHINES: u64 = 192;

fn run(host: &Host) -> Vec<Finding> {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let sessions = host.settings.vm_sessions != VmSessions::None;
    vec![judge(limit, sessions)]
}

fn judge(limit: u64, sessions: bool) -> Finding {
    let needed = OWN + if sessions { MACHINES } else { 0 };
    let on = "this user";
    if limit < needed {
        return Finding::of(
            &FEW,
            on,
            format!("at most {limit}, of which {OWN} are the agent's own"),
        );
    }
    let machines = limit.saturating_sub(OWN);
    let seen = if sessions {
        format!("at most {limit}: room for the sessions of {machines} machines")
    } else {
        format!("at most {limit}")
    };
    Finding::ok(CHECK.id, on, seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_of_machines_count() {
        assert_eq!(judge(100, true).id, "descriptors.few");
        assert_eq!(judge(100, false).id, "descriptors");
        assert_eq!(judge(1_024, true).id, "descriptors");
    }
}
