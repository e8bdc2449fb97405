//! Whether the hypervisors are there and tell their state.

use std::time::Duration;

use archipel_bus::probe::Check;
use archipel_config::finding::{Fault, Finding, Severity};
use archipel_fleet::{Reach, Wire};
use archipel_protocol::feed::Rights;

use super::{Desk, gathered};
use crate::{command::Missing, invite::Invitation};

pub(super) static CHECK: Check<Desk> = Check {
    id: "feed",
    about: "Whether each trusted hypervisor is there, tells its state and lets you act",
    deadline: Duration::from_secs(5),
    alone: false,
    faults: &[&NOBODY, &INVITED, &OFFLINE, &NONE, &SILENT, &NO_RIGHTS],
    run: |desk| Box::pin(std::future::ready(run(desk))),
};

static NOBODY: Fault = Fault {
    id: "feed.nobody",
    severity: Severity::Hint,
    title: "No hypervisor is trusted yet",
    why: "The screen stays empty: only trusted hypervisors are watched.",
    todo: "For a host that shall join: archipel hypervisor invite hv01. For one that is on the bus: archipel hypervisor add hv01. Or name a shared group of the server under `trusted_groups`.",
    prosody: "",
    ejabberd: "",
};

static INVITED: Fault = Fault {
    id: "feed.invited",
    severity: Severity::Hint,
    title: "The host was invited and has not joined yet",
    why: "Until it joins, its account is there and its join code is as good as a password.",
    todo: "On the host, with the code: archipel-agent join. If it shall not come: archipel hypervisor invite --revoke NAME",
    prosody: "",
    ejabberd: "",
};

static OFFLINE: Fault = Fault {
    id: "feed.offline",
    severity: Severity::Warning,
    title: "The agent is not there",
    why: "Its machines go on, but they are shown as they were, and nothing can be done to them.",
    todo: "On the host: systemctl status archipel-agent; archipel-agent check",
    prosody: "",
    ejabberd: "",
};

static NONE: Fault = Fault {
    id: "feed.none",
    severity: Severity::Hint,
    title: "The agent has no feed",
    why: "It is an original agent: it is asked every minute, tells no figures of its machines, and what is new here is refused.",
    todo: "Install archipel-agent there when it suits you.",
    prosody: "",
    ejabberd: "",
};

static SILENT: Fault = Fault {
    id: "feed.silent",
    severity: Severity::Warning,
    title: "The agent is there and does not tell its state",
    why: "Its machines are shown as they were.",
    todo: "On the host: journalctl -u archipel-agent; archipel-agent check",
    prosody: "",
    ejabberd: "",
};

static NO_RIGHTS: Fault = Fault {
    id: "feed.no-rights",
    severity: Severity::Warning,
    title: "You may do nothing on this hypervisor",
    why: "You see it and every action is refused.",
    todo: "On the host, in agent.toml: add your account to `admins`, then systemctl reload archipel-agent",
    prosody: "",
    ejabberd: "",
};

fn run(desk: &Desk) -> Vec<Finding> {
    if desk.fleet().hypervisors().next().is_none() {
        return vec![Finding::of(&NOBODY, "trusted hypervisors", "")];
    }
    let mut findings = Vec::new();
    for fault in [&INVITED, &OFFLINE, &SILENT] {
        let missing = desk.missing.iter();
        let those = missing.filter(|one| fault_of(desk, one) == fault);
        let told = those.map(|one| (one.hypervisor.to_string(), reason(desk, one)));
        findings.extend(gathered(fault, &told.collect::<Vec<_>>()));
    }
    let originals = desk.current().filter(|own| own.wire == Wire::Original);
    let originals = originals.map(|own| (own.id.to_string(), String::new()));
    findings.extend(gathered(&NONE, &originals.collect::<Vec<_>>()));
    let powerless = desk.current().filter(|own| {
        let row = own.row.as_ref();
        row.is_some_and(|row| row.rights == Rights::Only(Vec::new()))
    });
    let powerless = powerless.map(|own| (own.id.to_string(), String::new()));
    findings.extend(gathered(&NO_RIGHTS, &powerless.collect::<Vec<_>>()));
    let current = desk.current().count();
    if current > 0 {
        let all = desk.fleet().hypervisors().count();
        let seen = format!("{current} of {all} tell their state");
        findings.push(Finding::ok(CHECK.id, "hypervisors", seen));
    }
    findings
}

fn fault_of(desk: &Desk, missing: &Missing) -> &'static Fault {
    let own = desk.fleet().hypervisor(&missing.hypervisor);
    match own.map(|own| &own.reach) {
        Some(Reach::Online { .. }) => &SILENT,
        _ if invitation(desk, missing).is_some() => &INVITED,
        _ => &OFFLINE,
    }
}

fn reason(desk: &Desk, missing: &Missing) -> String {
    match invitation(desk, missing) {
        Some(invitation) if fault_of(desk, missing) == &INVITED => {
            format!("its code is good until {}", invitation.expires)
        }
        _ => missing.reason.clone(),
    }
}

fn invitation<'a>(desk: &'a Desk, missing: &Missing) -> Option<&'a Invitation> {
    let mut invited = desk.invited.iter();
    invited.find(|one| one.hypervisor == missing.hypervisor)
}
