//! Room on the disk of the store.

use std::time::Duration;

use archipel_bus::probe::Check;
use archipel_config::finding::{Fault, Finding, Severity};
use rustix::fs::statvfs;

use super::{Host, existing};

pub(super) static CHECK: Check<Host> = Check {
    id: "disk",
    about: "Whether the disk of the store has room",
    deadline: Duration::from_secs(10),
    alone: false,
    faults: &[&FULL, &LOW],
    run: |host| Box::pin(std::future::ready(run(host))),
};

static FULL: Fault = Fault {
    id: "disk.full",
    severity: Severity::Problem,
    title: "The disk of the store is full",
    why: "Every change is refused: the agent does not act before it has noted what it is about to do.",
    todo: "Make room, or move state_dir.",
    prosody: "",
    ejabberd: "",
};

static LOW: Fault = Fault {
    id: "disk.low",
    severity: Severity::Warning,
    title: "The disk of the store is nearly full",
    why: "When it is full every change is refused.",
    todo: "Make room, or move state_dir.",
    prosody: "",
    ejabberd: "",
};

const MIB: u64 = 1 << 20;

fn run(host: &Host) -> Vec<Finding> {
    let folder = existing(&host.settings.state_dir);
    let Ok(space) = statvfs(&folder) else {
        return Vec::new();
    };
    // Pseudo file systems have no blocks at all; another check says that they cannot be written.
    if space.f_blocks == 0 {
        return Vec::new();
    }
    let free = space.f_bavail.saturating_mul(space.f_frsize) / MIB;
    vec![judge(&folder.display().to_string(), free)]
}

fn judge(on: &str, free: u64) -> Finding {
    let seen = format!("{free} MiB are free");
    match free {
        0..16 => Finding::of(&FULL, on, seen),
        16..256 => Finding::of(&LOW, on, seen),
        _ => Finding::ok(CHECK.id, on, seen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_named_by_degree() {
        let ids = [0, 100, 10_000].map(|free| judge("/", free).id);
        assert_eq!(ids, ["disk.full", "disk.low", "disk"]);
    }
}
