//! `soft_alloc`: takes over a machine that is off, with the id that it had. The original does so for everybody; here it takes
//! `migrate_in`, and the definition comes through the same door as every other. The account in its description is taken where agent.toml lists the host from which the
//! machine itself asks, and else left out: secrets do not travel in definitions.

use archipel_protocol::{
    Failure, Request, VmId,
    document::Document,
    migration::{Account, HostAction, may_hold_account},
};

use super::{Answer, Call, alloc::generated};
use crate::{
    access::Placed,
    host::Host,
    messages::Refusal,
    modules::{
        Change,
        making::{self, Making},
        vm_control::free_name,
    },
    store::Store,
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(soft_alloc(host, call))
}

fn soft_alloc(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::MigrationTarget(HostAction::Accept { domain }) = &call.command.request else {
        return Err(call.unknown());
    };
    let vm = machine_of(domain)?;
    let account = account_in(domain, vm)?.filter(|account| is_handed_over(host, call, account));
    if let Some(known) = host.state.machines.get(vm) {
        return Err(Refusal::IsHere(known.name.clone()).into());
    }
    let name = domain.leaf("name").unwrap_or_else(|| generated(vm));
    let name = free_name(host, vm, &name)?;
    let making = Making {
        vm,
        name: name.clone(),
        placed: Placed::default(),
        organisation: None,
        writer: making::writer(host, call, (vm, name), "take over"),
        store: host.tools.store.clone(),
        payload: Vec::new(),
        pushes: &["migrate"],
    };
    let domain = domain.clone();
    let store = host.tools.store.clone();
    Ok(Change {
        vm,
        verb: "take over",
        act: Box::new(move |driver| {
            // First: a machine that appears may log in at once.
            let brought = account.filter(|account| is_kept(&store, account));
            let made = making.make(driver, Some(&domain));
            if let (Err(_), Some(account)) = (&made, brought) {
                give_back(&store, &account);
            }
            made
        }),
        settled: |domain| domain.persistent.then(Vec::new),
    })
}

/// The id in the definition.
fn machine_of(domain: &Document) -> Result<VmId, Refusal> {
    let vm = domain.leaf("uuid").and_then(|uuid| uuid.parse().ok());
    vm.ok_or_else(|| Refusal::BadDefinition("the definition has no uuid".to_owned()))
}

/// The account in the description: the machine's or none.
fn account_in(domain: &Document, vm: VmId) -> Result<Option<Account>, Refusal> {
    let said = domain.leaf("description");
    let Some(text) = said.filter(|text| may_hold_account(text)) else {
        return Ok(None);
    };
    match Account::parse(&text) {
        Ok(account) if account.vm == vm => Ok(Some(account)),
        Ok(_) => Err(Refusal::OtherUuid(vm)),
        Err(_) => Err(Refusal::BadAccount),
    }
}

/// Whether the machine itself asks, from a host with the original agent that agent.toml lists. Such a host's name is the resource of
/// its machines; a machine's password is all that it takes to ask as the machine, so that nobody hands over more than they have.
fn is_handed_over(host: &Host, call: &Call, account: &Account) -> bool {
    let state = &host.state;
    let is_own = call.who == account.jid;
    let is_here = state.identity.machine(account.vm).as_ref() == Some(&account.jid);
    let resource = call.resource.as_deref();
    let mut nodes = state.originals.iter().filter_map(|host| host.node());
    is_own && is_here && nodes.any(|node| Some(node.as_str()) == resource)
}

/// Whether it is the agent's from now on. Without its account a machine is served through the hypervisor.
fn is_kept(store: &Store, account: &Account) -> bool {
    let secret = archipel_config::Secret::new(account.password.reveal().to_owned());
    let taken = store.take_secret(&account.jid, &secret);
    taken.unwrap_or_else(|error| {
        tracing::error!(%error, vm = %account.vm, "the account that a machine brought was not kept");
        false
    })
}

/// The machine did not come.
fn give_back(store: &Store, account: &Account) {
    if let Err(error) = store.give_secret_back(&account.jid) {
        tracing::error!(%error, vm = %account.vm, "a useless secret stays in the store");
    }
}
