//! `alloc`: makes a machine, with a definition or without. Made under a scope, it has the scope's tags from the beginning; its maker is
//! granted the use of it.

use archipel_protocol::{Failure, Request, VmId, machines};

use super::{Answer, Call};
use crate::{
    card::{Organisation, Said},
    host::Host,
    messages::Refusal,
    modules::{
        Change,
        making::{self, Making},
        vm_control::free_name,
    },
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(alloc(host, call))
}

fn alloc(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::Machines(machines::Action::Alloc {
        name,
        organisation,
        unit,
        locality,
        owner,
        categories,
        domain,
        scope,
    }) = &call.command.request
    else {
        return Err(call.unknown());
    };
    let vm = making::fresh(host);
    let placed = making::place(host, call, vm, scope.as_deref(), &[])?;
    let name = match name {
        Some(name) => free_name(host, vm, name)?,
        None => generated(vm),
    };
    let jid = host.state.identity.machine(vm);
    let jid = jid.ok_or(Refusal::NoMachine(vm))?.into();
    let said = Said {
        name: organisation.as_deref(),
        unit: unit.as_deref(),
        locality: locality.as_deref(),
        owner: owner.as_deref(),
        categories: categories.as_deref(),
    };
    let making = Making {
        vm,
        name: name.clone(),
        placed,
        organisation: Some(said.about(Organisation::default())),
        writer: making::writer(host, call, (vm, name), "allocate"),
        store: host.tools.store.clone(),
        payload: vec![machines::Machine { jid }.to_element()],
        pushes: &["alloc"],
    };
    // Name and uuid of a definition that is made for several machines are each machine's own.
    let domain = domain
        .as_ref()
        .map(|text| text.without("uuid").without("name"));
    Ok(Change {
        vm,
        verb: "allocate",
        act: Box::new(move |driver| making.make(driver, domain.as_ref())),
        // A repetition would be another machine.
        settled: |_| None,
    })
}

pub(super) fn generated(vm: VmId) -> String {
    let id = vm.to_string();
    format!("vm-{}", id.split('-').next().unwrap_or_default())
}
