//! `unmanage`: lets machines go, with their domains and files kept. They stay let go, whatever `adopt` says, until somebody manages
//! them.

use archipel_protocol::{Failure, VmId};

use super::{Answer, Call};
use crate::{
    host::Host,
    messages::Refusal,
    modules::{Change, Note, Outcome, Stop},
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(unmanage(host, call))
}

fn unmanage(host: &Host, call: &Call) -> Result<Change, Failure> {
    let wanted: Result<Vec<VmId>, Failure> = call
        .machines()?
        .into_iter()
        .map(|vm| managed(host, vm))
        .collect();
    let wanted = wanted?;
    let vm = *wanted.first().ok_or(Refusal::NoTargets)?;
    let store = host.tools.store.clone();
    Ok(Change {
        vm,
        verb: "unmanage",
        act: Box::new(move |_| {
            let mut notes = Vec::new();
            for vm in wanted {
                let kept = store.release(vm);
                kept.map_err(|error| Stop::from(Refusal::Store(error.to_string())))?;
                notes.push(Note::Released(vm));
            }
            notes.push(Note::Push("hypervisor", "unmanage"));
            Ok(Outcome {
                notes,
                ..Outcome::default()
            })
        }),
        settled: |_| None,
    })
}

fn managed(host: &Host, vm: VmId) -> Result<VmId, Failure> {
    let machine = host.state.machines.get(vm).ok_or(Refusal::NoMachine(vm))?;
    if machine.managed {
        return Ok(vm);
    }
    Err(Refusal::NotManaged(machine.name.clone()).into())
}
