//! `soft_alloc`: takes over a machine that is off, with the id that it had. The original does so for everybody; here it takes
//! `migrate_in`, and the definition comes through the same door as every other. An account in it is not taken: secrets do not travel in
//! definitions.

use archipel_protocol::{
    Failure, Request, VmId,
    document::Document,
    migration::{Account, HostAction},
};

use super::{Answer, Call, alloc::generated};
use crate::{
    access::Placed,
    card::Organisation,
    host::Host,
    messages::Refusal,
    modules::{
        Change,
        making::{self, Making},
        vm_control::free_name,
    },
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(soft_alloc(host, call))
}

fn soft_alloc(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::MigrationTarget(HostAction::Accept { domain }) = &call.command.request else {
        return Err(call.unknown());
    };
    let vm = machine_of(domain)?;
    if let Some(known) = host.state.machines.get(vm) {
        return Err(Refusal::IsHere(known.name.clone()).into());
    }
    let name = domain.leaf("name").unwrap_or_else(|| generated(vm));
    let name = free_name(host, vm, &name)?;
    let making = Making {
        vm,
        name: name.clone(),
        placed: Placed::default(),
        organisation: Organisation::default(),
        writer: making::writer(host, call, (vm, name), "take over"),
        store: host.tools.store.clone(),
        payload: Vec::new(),
        pushes: &["migrate"],
    };
    let domain = domain.clone();
    Ok(Change {
        vm,
        verb: "take over",
        act: Box::new(move |driver| making.make(driver, Some(&domain))),
        settled: |domain| domain.persistent.then(Vec::new),
    })
}

/// The id in the definition; an account that is kept there must be the machine's.
fn machine_of(domain: &Document) -> Result<VmId, Refusal> {
    let vm = domain.leaf("uuid").and_then(|uuid| uuid.parse().ok());
    let vm = vm.ok_or_else(|| Refusal::BadDefinition("the definition has no uuid".to_owned()))?;
    let account = domain.leaf("description");
    let account = account.and_then(|text| Account::parse(&text).ok());
    if account.is_some_and(|account| account.vm != vm) {
        return Err(Refusal::OtherUuid(vm));
    }
    Ok(vm)
}
