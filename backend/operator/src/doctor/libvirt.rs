//! What the hypervisors say of their libvirt.

use std::time::Duration;

use archipel_bus::probe::Check;
use archipel_config::finding::{Fault, Finding, Severity};

use super::{Desk, gathered};

pub(super) static CHECK: Check<Desk> = Check {
    id: "libvirt",
    about: "Whether each hypervisor's libvirt can be reached",
    deadline: Duration::from_secs(5),
    alone: false,
    faults: &[&LOST],
    run: |desk| Box::pin(std::future::ready(run(desk))),
};

static LOST: Fault = Fault {
    id: "libvirt.lost",
    severity: Severity::Problem,
    title: "The agent does not reach its libvirt",
    why: "The machines go on, but nothing can be seen of them or done to them.",
    todo: "On the host: systemctl status libvirtd virtqemud.socket; archipel-agent check",
    prosody: "",
    ejabberd: "",
};

fn run(desk: &Desk) -> Vec<Finding> {
    let rows = || {
        desk.current()
            .filter_map(|own| Some((own, own.row.as_ref()?)))
    };
    let lost =
        rows().filter_map(|(own, row)| Some((own.id.to_string(), row.libvirt_lost.clone()?)));
    let mut findings = gathered(&LOST, &lost.collect::<Vec<_>>());
    let well = rows().filter(|(_, row)| row.libvirt_lost.is_none()).count();
    if well > 0 {
        let seen = format!("{well} have their libvirt");
        findings.push(Finding::ok(CHECK.id, "hypervisors", seen));
    }
    findings
}
