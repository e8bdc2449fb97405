//! Whether the shared groups of the server that the profile trusts are there.

use std::time::Duration;

use archipel_bus::probe::Check;
use archipel_config::finding::{Fault, Finding, Severity};

use super::Desk;

pub(super) static CHECK: Check<Desk> = Check {
    id: "groups",
    about: "Whether the trusted groups have members on the roster",
    deadline: Duration::from_secs(5),
    alone: false,
    faults: &[&EMPTY],
    run: |desk| Box::pin(std::future::ready(run(desk))),
};

static EMPTY: Fault = Fault {
    id: "groups.empty",
    severity: Severity::Warning,
    title: "A trusted group has no members on your roster",
    why: "Its hypervisors are neither shown nor believed. The server does not share the group with this account, or lacks the module, or the group is called otherwise.",
    todo: "Compare `trusted_groups` in the profile with the server's groups.",
    prosody: "modules_enabled = { \"groups\"; … }\ngroups_file = \"/etc/prosody/groups.txt\"",
    ejabberd: "modules:\n  mod_shared_roster: {}\nejabberdctl srg_user_add admin dc.example hypervisors dc.example",
};

fn run(desk: &Desk) -> Vec<Finding> {
    let fleet = desk.fleet();
    let trusted = fleet.hypervisors().flat_map(|own| &own.groups);
    let others = fleet.contacts().flat_map(|contact| &contact.groups);
    let there: Vec<&String> = trusted.chain(others).collect();
    let judged = |group: &String| {
        let members = there.iter().filter(|own| **own == group).count();
        match members {
            0 => Finding::of(&EMPTY, group, ""),
            members => Finding::ok(CHECK.id, group, format!("{members} on the roster")),
        }
    };
    desk.trusted_groups.iter().map(judged).collect()
}
