//! `alloc`: makes a machine, with a definition or without.

use archipel_language::Permission;
use archipel_protocol::{Failure, Request, VmId, document::Document, machines};

use super::{Answer, Call};
use crate::{
    definitions::{New, Writer},
    host::Host,
    messages::Refusal,
    modules::{Change, Note, Outcome, Stop, vm_control::free_name},
    store::Store,
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(alloc(host, call))
}

fn alloc(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::Machines(machines::Action::Alloc { name, domain, .. }) = &call.command.request
    else {
        return Err(call.unknown());
    };
    let vm = fresh(host);
    let name = match name {
        Some(name) => free_name(host, vm, name)?,
        None => generated(vm),
    };
    let jid = host.state.identity.machine(vm);
    let jid = jid.ok_or(Refusal::NoMachine(vm))?.into();
    let making = Making {
        vm,
        name: name.clone(),
        writer: domain.as_ref().map(|_| writer(host, call, vm, name)),
        store: host.tools.store.clone(),
        answer: machines::Machine { jid },
    };
    let domain = domain.clone();
    Ok(Change {
        vm,
        verb: "allocate",
        act: Box::new(move |driver| making.make(driver, domain.as_ref())),
        // A repetition would be another machine.
        settled: |_| None,
    })
}

/// A random id (RFC 9562, version 4) that no machine here has.
fn fresh(host: &Host) -> VmId {
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

fn generated(vm: VmId) -> String {
    let id = vm.to_string();
    format!("vm-{}", id.split('-').next().unwrap_or_default())
}

fn writer(host: &Host, call: &Call, vm: VmId, name: String) -> Writer {
    let state = &host.state;
    let all = state.allows(&call.who, Permission::ALL.0, None);
    Writer {
        vm,
        name,
        by: call.who.clone(),
        at: state.clock.now(),
        verb: "allocate",
        store: host.tools.store.clone(),
        limits: (!all).then(|| state.folders.clone()),
    }
}

/// A machine that is being made.
struct Making {
    vm: VmId,
    name: String,
    /// Writes its definition, if it gets one.
    writer: Option<Writer>,
    store: Store,
    answer: machines::Machine,
}

impl Making {
    /// The definition first: a machine that libvirt refuses is none.
    fn make(
        &self,
        driver: &dyn archipel_hypervisor::Driver,
        domain: Option<&Document>,
    ) -> Result<Outcome, Stop> {
        if let (Some(writer), Some(domain)) = (&self.writer, domain) {
            let text = renamed(domain);
            writer.write(driver, &New::Text(text))?;
        }
        let kept = self.store.manage(self.vm, &self.name);
        kept.map_err(|error| Stop::from(Refusal::Store(error.to_string())))?;
        Ok(Outcome {
            payload: vec![self.answer.to_element()],
            notes: vec![
                Note::Managed(self.vm, self.name.clone()),
                Note::Push("hypervisor", "alloc"),
            ],
        })
    }
}

/// Name and uuid of a definition that is made for several machines are each machine's own.
fn renamed(domain: &Document) -> String {
    domain.without("uuid").without("name").text()
}
