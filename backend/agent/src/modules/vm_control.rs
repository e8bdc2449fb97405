//! `archipel:vm:control`: what a machine is asked, by its own address or through its hypervisor. One action, one file.

mod autostart;
mod create;
mod destroy;
mod discard;
mod free;
mod info;
mod memory;
mod networkinfo;
mod picture;
mod pin;
mod protect;
mod reboot;
mod rename;
mod reset;
mod restore;
mod resume;
mod save;
mod screenshot;
mod setvcpus;
mod shutdown;
mod suspend;
mod xmldesc;

use archipel_hypervisor::{Apply, Power};
use archipel_protocol::{Failure, VmId, VmState, ns, vm_resources::When};

use super::{Action, Answer, Call, Change, Family, Module, Outcome};
use crate::{host::Host, machines::Machine, messages::Refusal};

pub(super) use self::{free::removal, rename::free_name};

pub(super) const MODULE: Module = Module {
    name: "machine",
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
        action("reset", reset::run),
        action("save", save::run),
        action("restore", restore::run),
        action("discard", discard::run),
        action("protect", protect::run),
        action("memory", memory::run),
        action("setvcpus", setvcpus::run),
        action("pin", pin::run),
        action("rename", rename::run),
        action("networkinfo", networkinfo::run),
        action("free", free::run),
        action("screenshot", screenshot::run),
        action("picture", picture::run),
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
pub(super) fn machine<'a>(host: &'a Host, call: &Call) -> Result<(VmId, &'a Machine), Failure> {
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

/// The machine that is to be stopped hard or robbed of something: one that is not guarded against it.
fn unguarded(host: &Host, call: &Call) -> Result<VmId, Failure> {
    let id = changeable(host, call)?;
    let (_, machine) = machine(host, call)?;
    if machine.protected {
        return Err(Refusal::Protected(machine.name.clone()).into());
    }
    Ok(id)
}

/// The machine that is to be started: one on whose disks no others build.
fn startable(host: &Host, call: &Call) -> Result<VmId, Failure> {
    let id = changeable(host, call)?;
    match copies(host, id) {
        None => Ok(id),
        Some(copies) => {
            let name = host.state.name(id);
            Err(Refusal::HasCopies { name, copies }.into())
        }
    }
}

/// The names of the machines whose disks build on those of this one; `None`: there are none.
fn copies(host: &Host, id: VmId) -> Option<String> {
    let copies = host.state.machines.copies_of(id);
    let quoted: Vec<String> = copies.iter().map(|name| format!("`{name}`")).collect();
    (!quoted.is_empty()).then(|| quoted.join(", "))
}

/// When a change counts: as asked, else at once where the machine runs and from its next start on where it is off.
fn apply(host: &Host, vm: VmId, when: Option<When>) -> Apply {
    let machine = host.state.machines.get(vm);
    let runs = machine.is_some_and(|machine| machine.state().is_active());
    match when {
        Some(When::Both) => Apply::Both,
        Some(When::Live) => Apply::Live,
        None if runs => Apply::Live,
        Some(When::Next) | None => Apply::Next,
    }
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
        act: Box::new(move |driver| {
            driver.power(vm, power)?;
            Ok(Outcome::default())
        }),
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
        Power::Reset => "reset",
        Power::Save => "save the memory of",
    }
}
