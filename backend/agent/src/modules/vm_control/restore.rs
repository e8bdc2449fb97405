//! `restore`: starts the machine from its saved memory. Where none is saved, a start would begin anew: that is refused.

use archipel_protocol::{Failure, VmId};

use super::{Answer, Call, create, machine, startable};
use crate::{host::Host, messages::Refusal, modules::Change};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let restore = |vm| Change {
        verb: "restore",
        ..create::start(vm)
    };
    Answer::change(saved(host, call).map(restore))
}

fn saved(host: &Host, call: &Call) -> Result<VmId, Failure> {
    let vm = startable(host, call)?;
    let (_, machine) = machine(host, call)?;
    if machine.domain.as_ref().is_some_and(|domain| domain.saved) {
        return Ok(vm);
    }
    Err(Refusal::NotSaved(machine.name.clone()).into())
}
