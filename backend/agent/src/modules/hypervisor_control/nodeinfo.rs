//! `nodeinfo`: what the host is.

use archipel_protocol::hypervisor_control::NodeInfo;

use super::{Answer, Call};
use crate::host::Host;

pub(super) fn run(host: &mut Host, _: &Call) -> Answer {
    let node = &host.state.node;
    let info = NodeInfo {
        model: node.model.clone(),
        memory_mib: node.memory_kib / 1024,
        cpus: node.cpus,
        mhz: node.mhz,
        numa_nodes: node.numa_nodes,
        sockets: node.sockets,
        cores: node.cores,
        threads: node.threads,
    };
    Answer::Now(Ok(vec![info.to_element()]))
}
