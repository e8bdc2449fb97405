//! `clone`: another machine like one that is off, with disks of its own or upon its disks. Its id, its name and the addresses of its
//! interfaces are its own; nothing is left of a copy that fails.

use archipel_hypervisor::Copying;
use archipel_protocol::{Failure, Request, VmId, VmState, machines};

use super::{Answer, Call};
use crate::{
    definitions::Copy,
    host::Host,
    messages::Refusal,
    modules::{
        Change, Copied,
        making::{self, Making},
        vm_control::free_name,
    },
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    match clone(host, call) {
        Ok((change, copied)) => Answer::Copy(Box::new(change), copied),
        Err(failure) => Answer::Now(Err(failure)),
    }
}

fn clone(host: &Host, call: &Call) -> Result<(Change, Copied), Failure> {
    let Request::Machines(machines::Action::Clone { name, copy, .. }) = &call.command.request
    else {
        return Err(call.unknown());
    };
    let of = *call.machines()?.last().ok_or(Refusal::NoTargets)?;
    let source = host.state.machines.get(of).ok_or(Refusal::NoMachine(of))?;
    let source = source.clone();
    at_rest(&source)?;
    let how = match copy {
        Some(machines::Copying::Linked) => Copying::Linked,
        Some(machines::Copying::Full) | None => Copying::Full,
    };
    stays_off(&source, how)?;
    let vm = making::fresh(host);
    let name = match name {
        Some(name) => free_name(host, vm, name)?,
        None => generated(host, vm, &source.name),
    };
    let placed = making::place(host, call, vm, None, &source.tags)?;
    let copy = Copy {
        of,
        name: source.name,
        vm,
        how,
        store: host.tools.store.clone(),
    };
    let copied = Copied {
        of,
        name: name.clone(),
    };
    let making = Making {
        vm,
        name: name.clone(),
        placed,
        organisation: source.organisation,
        writer: making::writer(host, call, (vm, name), "clone"),
        store: host.tools.store.clone(),
        payload: Vec::new(),
        pushes: &["alloc", "clone"],
    };
    let change = Change {
        vm,
        verb: "clone",
        act: Box::new(move |driver| copy.make(driver, making)),
        // A repetition would be another machine.
        settled: |_| None,
    };
    Ok((change, copied))
}

/// The disks of one that runs, or whose memory waits, are not whole.
fn at_rest(source: &crate::machines::Machine) -> Result<(), Refusal> {
    let name = || source.name.clone();
    if !source.managed {
        return Err(Refusal::NotManaged(name()));
    }
    match source.state() {
        VmState::Undefined => Err(Refusal::NotDefined(name())),
        state if state.is_active() => Err(Refusal::NotOff(name())),
        _ if source.domain.as_ref().is_some_and(|domain| domain.saved) => {
            Err(Refusal::NotAtRest(name()))
        }
        _ => Ok(()),
    }
}

/// Whether it will not start by itself, with disks on which others build.
fn stays_off(source: &crate::machines::Machine, how: Copying) -> Result<(), Refusal> {
    let starts = source
        .domain
        .as_ref()
        .is_some_and(|domain| domain.autostart);
    if starts && how == Copying::Linked {
        return Err(Refusal::StartsWithHost(source.name.clone()));
    }
    Ok(())
}

/// `web01-copy`, or the first number behind it that is free.
fn generated(host: &Host, vm: VmId, of: &str) -> String {
    let first = format!("{of}-copy");
    let more = (2..).map(|number| format!("{first}-{number}"));
    let mut all = std::iter::once(first.clone()).chain(more);
    let free = |name: &String| host.state.machines.named(name, vm).is_none();
    all.find(free).unwrap_or(first.clone())
}
