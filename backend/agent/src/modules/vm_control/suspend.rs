//! `suspend`: pauses the machine, memory kept.

use archipel_hypervisor::Power;
use archipel_protocol::VmState;

use super::{Answer, Call, changeable, power};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let change = changeable(host, call).map(|vm| {
        power(vm, Power::Suspend, |domain| {
            (domain.state == VmState::Paused).then(Vec::new)
        })
    });
    Answer::change(change)
}
