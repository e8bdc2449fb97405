//! Machines that are being made: allocated, copied, taken over from another host.

use archipel_hypervisor::Driver;
use archipel_language::Permission;
use archipel_protocol::{Element, Failure, VmId, document::Document};

use super::{Call, Note, Outcome, Stop};
use crate::{
    access::{Placed, Planned},
    card::Organisation,
    definitions::{New, Writer},
    host::Host,
    messages::Refusal,
    store::{Made, Store},
};

/// A machine that is being made.
#[derive(Debug)]
pub(crate) struct Making {
    pub(crate) vm: VmId,
    pub(crate) name: String,
    /// Its tags, and what is granted with it.
    pub(crate) placed: Placed,
    /// `None`: its card says it.
    pub(crate) organisation: Option<Organisation>,
    /// Writes its definition.
    pub(crate) writer: Writer,
    pub(crate) store: Store,
    /// What is answered.
    pub(crate) payload: Vec<Element>,
    /// What the original's clients are told, of the hypervisor.
    pub(crate) pushes: &'static [&'static str],
}

impl Making {
    /// The definition first: a machine that libvirt refuses is none.
    pub(super) fn make(
        self,
        driver: &dyn Driver,
        domain: Option<&Document>,
    ) -> Result<Outcome, Stop> {
        if let Some(domain) = domain {
            self.writer.write(driver, &New::Text(domain.text()))?;
        }
        self.keep(driver, None)
    }

    /// The agent looks after it from now on. What cannot be kept is not left behind.
    pub(crate) fn keep(self, driver: &dyn Driver, base: Option<VmId>) -> Result<Outcome, Stop> {
        let kept = self.store.make(Made {
            vm: self.vm,
            name: &self.name,
            placed: &self.placed,
            organisation: self.organisation.as_ref(),
            base,
        });
        let policy = kept.map_err(|error| {
            // The failure that is told is the store's; one of libvirt shows as a domain that is there.
            let _ = driver.undefine(self.vm);
            Stop::from(Refusal::Store(error.to_string()))
        })?;
        let mut notes = vec![
            Note::Managed(self.vm, self.name),
            Note::Tagged(self.vm, self.placed.tags),
        ];
        let described = self.organisation;
        notes.extend(described.map(|what| Note::Described(self.vm, what)));
        if !self.placed.changes.is_empty() {
            notes.push(Note::Granted(Box::new(policy), self.placed.changes));
        }
        notes.extend(base.map(|base| Note::Linked(self.vm, base)));
        let push = |change| Note::Push("hypervisor", change);
        notes.extend(self.pushes.iter().copied().map(push));
        Ok(Outcome {
            payload: self.payload,
            notes,
        })
    }
}

/// A random id (RFC 9562, version 4) that no machine here has.
pub(super) fn fresh(host: &Host) -> VmId {
    loop {
        let mut bytes: [u8; 16] = rand::random();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let vm = VmId::from_bytes(bytes);
        if host.state.machines.get(vm).is_none() {
            return vm;
        }
    }
}

/// Where a new machine of the requester comes.
pub(super) fn place(
    host: &Host,
    call: &Call,
    id: VmId,
    scope: Option<&str>,
    tags: &[String],
) -> Result<Placed, Failure> {
    let permission = call.command.request.permission();
    let planned = Planned {
        by: &call.who,
        permission,
        scope,
        id,
        tags,
    };
    let state = &host.state;
    let placed = state
        .access
        .place(planned, &state.identity, state.clock.now());
    placed.map_err(Failure::from)
}

/// Whoever writes about a machine: what the definition may reach depends on the requester's rights on the host.
pub(super) fn writer(
    host: &Host,
    call: &Call,
    (vm, name): (VmId, String),
    verb: &'static str,
) -> Writer {
    let state = &host.state;
    let all = state.allows(&call.who, Permission::ALL.0, None);
    Writer {
        vm,
        name,
        by: call.who.clone(),
        at: state.clock.now(),
        verb,
        store: host.tools.store.clone(),
        limits: (!all).then(|| state.folders.clone()),
    }
}
