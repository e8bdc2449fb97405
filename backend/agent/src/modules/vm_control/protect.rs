//! `protect`: whether the agent refuses to stop the machine hard and to remove anything of it. A guard against mistakes: whoever may
//! write the machine's definition may take it away.

use archipel_protocol::{Failure, Request, VmId, vm_control};

use super::{Answer, Call, Change, Outcome, machine};
use crate::{
    host::Host,
    messages::Refusal,
    modules::{Note, Stop},
    store::Store,
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let on = match call.command.request {
        Request::VmControl(vm_control::Action::Protect { on }) => Ok(on),
        _ => Err(call.unknown()),
    };
    let change = on.and_then(|on| {
        let vm = managed(host, call)?;
        Ok(protect(vm, on, host.tools.store.clone()))
    });
    Answer::change(change)
}

/// Also a machine without a definition can be guarded.
fn managed(host: &Host, call: &Call) -> Result<VmId, Failure> {
    let (id, machine) = machine(host, call)?;
    if machine.managed {
        return Ok(id);
    }
    Err(Refusal::NotManaged(machine.name.clone()).into())
}

fn protect(vm: VmId, on: bool, store: Store) -> Change {
    Change {
        vm,
        verb: if on { "protect" } else { "unprotect" },
        act: Box::new(move |_| {
            let kept = store.protect(vm, on);
            kept.map_err(|error| Stop::from(Refusal::Store(error.to_string())))?;
            Ok(Outcome::noted(Note::Protected(vm, on)))
        }),
        // The store tells, libvirt does not.
        settled: |_| None,
    }
}
