//! `destroy`: powers the machine off at once. One that is off already is no error.

use archipel_hypervisor::Power;

use super::{Answer, Call, power, unguarded};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let change = unguarded(host, call).map(|vm| {
        power(vm, Power::Destroy, |domain| {
            (!domain.state.is_active()).then(Vec::new)
        })
    });
    Answer::change(change)
}
