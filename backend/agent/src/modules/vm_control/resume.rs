//! `resume`: lets a paused machine go on.

use archipel_hypervisor::Power;
use archipel_protocol::VmState;

use super::{Answer, Call, changeable, power};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let change = changeable(host, call).map(|vm| {
        power(vm, Power::Resume, |domain| {
            (domain.state == VmState::Running).then(Vec::new)
        })
    });
    Answer::change(change)
}
