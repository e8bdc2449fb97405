//! `info`: the machine's state and figures, from what the agent knows.

use archipel_protocol::{Element, Failure, VmState, vm_control::Info};

use super::{Answer, Call, machine};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::Now(info(host, call))
}

/// Without a definition the answer is empty, where the original sends an IQ of an illegal type.
fn info(host: &Host, call: &Call) -> Result<Vec<Element>, Failure> {
    let (id, machine) = machine(host, call)?;
    let Some(domain) = &machine.domain else {
        return Ok(Vec::new());
    };
    let load = host.state.health.machine_now(id);
    let permille = load.and_then(|load| load.cpu_permille).unwrap_or_default();
    let info = Info {
        state: if host.state.outage.is_some() {
            VmState::Unknown
        } else {
            domain.state
        },
        max_memory_kib: domain.max_memory_kib,
        memory_kib: domain.memory_kib,
        vcpus: domain.vcpus,
        cpu_percent: f64::from(permille) / 10.0,
        hypervisor: host.state.identity.full.clone().into(),
        autostart: domain.autostart,
    };
    Ok(vec![info.to_element()])
}
