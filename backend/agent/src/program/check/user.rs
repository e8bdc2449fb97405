//! As whom the check runs: what root may, the agent's user perhaps may not.

use std::{os::unix::fs::MetadataExt as _, time::Duration};

use archipel_bus::probe::Check;
use archipel_config::finding::{Fault, Finding, Severity};
use rustix::process::geteuid;

use super::Host;

pub(super) static CHECK: Check<Host> = Check {
    id: "user",
    about: "Whether the check runs as the agent's user",
    deadline: Duration::from_secs(5),
    alone: false,
    faults: &[&OTHER],
    run: |host| Box::pin(std::future::ready(run(host))),
};

static OTHER: Fault = Fault {
    id: "user.other",
    severity: Severity::Hint,
    title: "The check runs as another user than the agent",
    why: "Rights on libvirt's socket, on the password and on the store are those of the user who asks: the agent's own may be fewer.",
    todo: "sudo -u archipel archipel-agent check",
    prosody: "",
    ejabberd: "",
};

fn run(host: &Host) -> Vec<Finding> {
    let own = geteuid().as_raw();
    let state = &host.settings.state_dir;
    let owner = std::fs::metadata(state).ok().map(|found| found.uid());
    let on = format!("user {own}");
    vec![match owner {
        Some(owner) if owner != own => {
            let seen = format!("{} belongs to user {owner}", state.display());
            Finding::of(&OTHER, on, seen)
        }
        Some(_) => Finding::ok(CHECK.id, on, "the owner of the store"),
        None => Finding::ok(CHECK.id, on, "there is no store yet"),
    }]
}
