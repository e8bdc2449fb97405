//! `memory`: how much memory the machine has.

use archipel_hypervisor::Apply;
use archipel_protocol::{Failure, Request, VmId, vm_resources::Action};

use super::{Answer, Call, Change, Outcome, apply, changeable};
use crate::{host::Host, messages::Refusal, modules::Note};

/// A machine with less does not boot anything.
const LEAST_KIB: u64 = 1_024;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(memory(host, call))
}

fn memory(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::VmResources(Action::Memory { kib, when }) = call.command.request else {
        return Err(call.unknown());
    };
    if kib < LEAST_KIB {
        return Err(Refusal::TooLittleMemory(kib).into());
    }
    let vm = changeable(host, call)?;
    let apply = apply(host, vm, when);
    Ok(change(vm, kib, apply))
}

fn change(vm: VmId, kib: u64, apply: Apply) -> Change {
    Change {
        vm,
        verb: "set the memory of",
        act: Box::new(move |driver| {
            driver.set_memory(vm, kib, apply)?;
            let told = Note::PushOf(vm, "virtualmachine:control", "memory");
            Ok(Outcome::noted(told))
        }),
        settled: |_| None,
    }
}
