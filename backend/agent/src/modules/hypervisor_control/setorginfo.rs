//! `setorginfo`: what a machine's card says; another name is the machine's from then on.

use archipel_protocol::{Failure, Request, VmId, VmState, machines};

use super::{Answer, Call};
use crate::{
    card::{Organisation, Said},
    host::Host,
    messages::Refusal,
    modules::{Change, Note, Outcome, Stop, vm_control::free_name},
    store::Store,
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(setorginfo(host, call))
}

fn setorginfo(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::Machines(machines::Action::SetOrgInfo {
        target: vm,
        name,
        organisation,
        unit,
        locality,
        owner,
        categories,
    }) = &call.command.request
    else {
        return Err(call.unknown());
    };
    let machine = host
        .state
        .machines
        .get(*vm)
        .ok_or(Refusal::NoMachine(*vm))?;
    if !machine.managed {
        return Err(Refusal::NotManaged(machine.name.clone()).into());
    }
    let wished = name.as_ref().filter(|name| **name != machine.name);
    let jid = host.state.identity.machine_full(*vm);
    let jid = jid.ok_or(Refusal::NoMachine(*vm))?.into();
    let said = Said {
        name: organisation.as_deref(),
        unit: unit.as_deref(),
        locality: locality.as_deref(),
        owner: owner.as_deref(),
        categories: categories.as_deref(),
    };
    let card = Card {
        vm: *vm,
        rename: wished.map(|name| free_name(host, *vm, name)).transpose()?,
        is_defined: machine.state() != VmState::Undefined,
        organisation: said.about(machine.organisation.clone().unwrap_or_default()),
        store: host.tools.store.clone(),
        answer: machines::Machine { jid },
    };
    Ok(Change {
        vm: *vm,
        verb: "describe",
        act: Box::new(move |driver| card.write(driver)),
        settled: |_| None,
    })
}

/// What a card is to say.
struct Card {
    vm: VmId,
    rename: Option<String>,
    is_defined: bool,
    organisation: Organisation,
    store: Store,
    answer: machines::Machine,
}

impl Card {
    fn write(self, driver: &dyn archipel_hypervisor::Driver) -> Result<Outcome, Stop> {
        if let Some(name) = self.rename.as_ref().filter(|_| self.is_defined) {
            driver.rename(self.vm, name)?;
        }
        let kept = self.store.describe(self.vm, &self.organisation);
        kept.map_err(|error| Stop::from(Refusal::Store(error.to_string())))?;
        let mut notes = vec![Note::Described(self.vm, self.organisation)];
        // Of a rename libvirt tells by itself.
        if self.is_defined && self.rename.is_none() {
            notes.push(Note::PushOf(
                self.vm,
                "virtualmachine:definition",
                "defined",
            ));
        }
        notes.extend(self.rename.map(|name| Note::Named(self.vm, name)));
        Ok(Outcome {
            payload: vec![self.answer.to_element()],
            notes,
        })
    }
}
