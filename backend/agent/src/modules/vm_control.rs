//! `archipel:vm:control`: what a machine is asked, by its own address or through its hypervisor. One action, one file.

mod autostart;
mod create;
mod destroy;
mod info;
mod reboot;
mod resume;
mod shutdown;
mod suspend;
mod xmldesc;

use archipel_hypervisor::Power;
use archipel_protocol::{Failure, VmId, VmState, ns};

use super::{Action, Answer, Call, Change, Family, Module};
use crate::{host::Host, machines::Machine, messages::Refusal};

pub(super) const MODULE: Module = Module {
    features: &[ns::VM_CONTROL],
    families: &[Family {
        namespace: ns::VM_CONTROL,
        prefix: "",
        of_machines: true,
        filtered: &[],
        own: &[],
    }],
    actions: &[
        action("info", info::run),
        action("create", create::run),
        action("shutdown", shutdown::run),
        action("destroy", destroy::run),
        action("reboot", reboot::run),
        action("suspend", suspend::run),
        action("resume", resume::run),
        action("xmldesc", xmldesc::run),
        action("autostart", autostart::run),
    ],
    questions: &[],
};

const fn action(word: &'static str, run: fn(&mut Host, &Call) -> Answer) -> Action {
    Action {
        namespace: ns::VM_CONTROL,
        word,
        run,
    }
}

/// The machine that is asked.
fn machine<'a>(host: &'a Host, call: &Call) -> Result<(VmId, &'a Machine), Failure> {
    let id = call.vm()?;
    let machine = host.state.machines.get(id);
    Ok((id, machine.ok_or(Refusal::NoMachine(id))?))
}

/// The machine that is to be changed: one that the agent looks after and that has a definition.
fn changeable(host: &Host, call: &Call) -> Result<VmId, Failure> {
    let (id, machine) = machine(host, call)?;
    let name = || machine.name.clone();
    if !machine.managed {
        return Err(Refusal::NotManaged(name()).into());
    }
    if machine.state() == VmState::Undefined {
        return Err(Refusal::NotDefined(name()).into());
    }
    Ok(id)
}

/// A change of power that answers nothing but that it was accepted.
fn power(
    vm: VmId,
    power: Power,
    settled: fn(&archipel_hypervisor::Domain) -> Option<Vec<archipel_protocol::Element>>,
) -> Change {
    Change {
        vm,
        verb: word(power),
        act: Box::new(move |driver| driver.power(vm, power).map(|()| Vec::new())),
        settled,
    }
}

/// What is done, for people.
const fn word(power: Power) -> &'static str {
    match power {
        Power::Start => "start",
        Power::Shutdown => "shut down",
        Power::Destroy => "power off",
        Power::Reboot => "reboot",
        Power::Suspend => "pause",
        Power::Resume => "resume",
    }
}
