//! `shutdown`: asks the guest to stop. It may take its time, or not listen.

use archipel_hypervisor::Power;

use super::{Answer, Call, changeable, power};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let change = changeable(host, call).map(|vm| {
        power(vm, Power::Shutdown, |domain| {
            (!domain.state.is_active()).then(Vec::new)
        })
    });
    Answer::change(change)
}
