//! `save`: stops the machine with its memory kept in a file.

use archipel_hypervisor::Power;

use super::{Answer, Call, changeable, power};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let change = changeable(host, call)
        .map(|vm| power(vm, Power::Save, |domain| domain.saved.then(Vec::new)));
    Answer::change(change)
}
