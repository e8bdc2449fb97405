//! `rename`: another name for a machine that is off, or that has no definition yet.

use archipel_protocol::{Failure, Request, VmId, VmState, vm_resources::Action};

use super::{Answer, Call, Change, Outcome, machine};
use crate::{host::Host, messages::Refusal, modules::Note};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(rename(host, call))
}

fn rename(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::VmResources(Action::Rename { name }) = &call.command.request else {
        return Err(call.unknown());
    };
    let (vm, machine) = machine(host, call)?;
    if !machine.managed {
        return Err(Refusal::NotManaged(machine.name.clone()).into());
    }
    let name = free_name(host, vm, name)?;
    Ok(change(vm, name, machine.state() != VmState::Undefined))
}

/// A name that libvirt takes and that no other machine here has.
pub(crate) fn free_name(host: &Host, vm: VmId, name: &str) -> Result<String, Failure> {
    let name = name.trim();
    let speakable = !name.contains(['/', '\0']) && !name.chars().any(char::is_control);
    if name.is_empty() || name.chars().count() > NAME || !speakable {
        return Err(Refusal::BadName.into());
    }
    match host.state.machines.named(name, vm) {
        None => Ok(name.to_owned()),
        Some(_) => Err(Refusal::NameTaken(name.to_owned()).into()),
    }
}

/// The longest name, characters.
const NAME: usize = 200;

fn change(vm: VmId, name: String, defined: bool) -> Change {
    Change {
        vm,
        verb: "rename",
        act: Box::new(move |driver| {
            if defined {
                driver.rename(vm, &name)?;
            }
            Ok(Outcome::noted(Note::Named(vm, name)))
        }),
        settled: |_| None,
    }
}
