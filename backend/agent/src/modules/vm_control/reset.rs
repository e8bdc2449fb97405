//! `reset`: the machine's reset button. The guest is not asked, and nothing shows afterwards whether it was pressed.

use archipel_hypervisor::Power;

use super::{Answer, Call, power, unguarded};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(unguarded(host, call).map(|vm| power(vm, Power::Reset, |_| None)))
}
