//! `setvcpus`: how many processors the machine has.

use archipel_hypervisor::Apply;
use archipel_protocol::{Failure, Request, VmId, vm_resources::Action};

use super::{Answer, Call, Change, Outcome, apply, changeable};
use crate::{host::Host, messages::Refusal, modules::Note};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(vcpus(host, call))
}

fn vcpus(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::VmResources(Action::SetVcpus { count, when }) = call.command.request else {
        return Err(call.unknown());
    };
    if count == 0 {
        return Err(Refusal::NoProcessor.into());
    }
    let vm = changeable(host, call)?;
    let apply = apply(host, vm, when);
    Ok(change(vm, count, apply))
}

fn change(vm: VmId, count: u32, apply: Apply) -> Change {
    Change {
        vm,
        verb: "set the processors of",
        act: Box::new(move |driver| {
            driver.set_vcpus(vm, count, apply)?;
            // The original's clients listen to either.
            let families = ["virtualmachine:control", "virtualmachine:definition"];
            Ok(Outcome {
                notes: families
                    .map(|family| Note::PushOf(vm, family, "nvcpu"))
                    .into(),
                ..Outcome::default()
            })
        }),
        settled: |_| None,
    }
}
