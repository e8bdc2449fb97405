//! `networkinfo`: what went through the machine's interfaces since its start.

use archipel_hypervisor::{Counters, Traffic};
use archipel_protocol::{Failure, VmState, vm_resources};

use super::{Answer, Call, machine};
use crate::host::Host;

/// Without a definition the answer is empty, where the original sends an IQ of an illegal type.
pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let (id, name, state) = match machine(host, call) {
        Ok((id, machine)) => (id, machine.name.clone(), machine.state()),
        Err(failure) => return Answer::Now(Err(failure)),
    };
    if state == VmState::Undefined {
        return Answer::Now(Ok(Vec::new()));
    }
    let calls = host.tools.calls.clone();
    Answer::Later(Box::pin(async move {
        let read = calls.read(move |driver| driver.traffic(id)).await;
        let failed = |why: crate::calls::CallError| -> Failure {
            why.into_failure(&format!("read the interfaces of `{name}`"))
        };
        let traffic = read.map_err(failed)?;
        Ok(traffic.iter().map(|one| row(one).to_element()).collect())
    }))
}

fn row(traffic: &Traffic) -> vm_resources::Traffic {
    let Counters {
        bytes,
        packets,
        errors,
        dropped,
    } = traffic.received;
    let sent = traffic.sent;
    vm_resources::Traffic {
        name: traffic.name.clone(),
        rx_bytes: told(bytes),
        rx_packets: told(packets),
        rx_errors: told(errors),
        rx_dropped: told(dropped),
        tx_bytes: told(sent.bytes),
        tx_packets: told(sent.packets),
        tx_errors: told(sent.errors),
        tx_dropped: told(sent.dropped),
    }
}

/// What libvirt cannot count is -1.
fn told(count: Option<u64>) -> i64 {
    count
        .and_then(|count| i64::try_from(count).ok())
        .unwrap_or(-1)
}
