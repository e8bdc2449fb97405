//! Who may use the agent.

use std::time::Duration;

use archipel_bus::probe::Check;
use archipel_config::finding::{Fault, Finding, Severity};

use super::Host;

pub(super) static CHECK: Check<Host> = Check {
    id: "admins",
    about: "Whether anybody may use the agent",
    deadline: Duration::from_secs(5),
    alone: false,
    faults: &[&NONE],
    run: |host| Box::pin(std::future::ready(run(host))),
};

static NONE: Fault = Fault {
    id: "admins.none",
    severity: Severity::Warning,
    title: "Nobody is an admin of this agent",
    why: "Everything is refused to everybody who holds no grant, and nobody can give one.",
    todo: "Add a line such as admins = [\"admin@dc.example\"], then: systemctl reload archipel-agent",
    prosody: "",
    ejabberd: "",
};

fn run(host: &Host) -> Vec<Finding> {
    let admins = &host.settings.rules.admins;
    let names: Vec<&str> = admins.iter().map(|jid| jid.as_str()).collect();
    vec![if names.is_empty() {
        Finding::of(&NONE, "admins", "")
    } else {
        Finding::ok(CHECK.id, "admins", names.join(", "))
    }]
}
