//! `manage`: takes machines that libvirt has into the agent's care.

use archipel_protocol::{Failure, VmId};

use super::{Answer, Call};
use crate::{
    host::Host,
    messages::Refusal,
    modules::{Change, Note, Outcome, Stop},
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(manage(host, call))
}

/// All or none: one that is not here, or is managed already, is told before anything changes.
fn manage(host: &Host, call: &Call) -> Result<Change, Failure> {
    let wanted: Result<Vec<(VmId, String)>, Failure> = call
        .machines()?
        .into_iter()
        .map(|vm| shown(host, vm))
        .collect();
    let wanted = wanted?;
    let vm = wanted.first().map(|(vm, _)| *vm);
    let vm = vm.ok_or(Refusal::NoTargets)?;
    let store = host.tools.store.clone();
    Ok(Change {
        vm,
        verb: "manage",
        act: Box::new(move |_| {
            let mut notes = Vec::new();
            for (vm, name) in wanted {
                let kept = store.manage(vm, &name);
                kept.map_err(|error| Stop::from(Refusal::Store(error.to_string())))?;
                notes.push(Note::Managed(vm, name));
                // As the original: each is new to its clients.
                notes.push(Note::Push("hypervisor", "alloc"));
            }
            notes.push(Note::Push("hypervisor", "manage"));
            Ok(Outcome {
                notes,
                ..Outcome::default()
            })
        }),
        settled: |_| None,
    })
}

fn shown(host: &Host, vm: VmId) -> Result<(VmId, String), Failure> {
    let machine = host.state.machines.get(vm).ok_or(Refusal::NoMachine(vm))?;
    if machine.managed {
        return Err(Refusal::IsManaged(machine.name.clone()).into());
    }
    Ok((vm, machine.name.clone()))
}
