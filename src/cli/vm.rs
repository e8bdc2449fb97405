//! `archipel vm`: machines.

use std::collections::HashSet;

use archipel_config::Profile;
use archipel_fleet::{Fleet, Key, Moment, Vm, VmRef};
use archipel_language::{Ask, Noun, Risk, Selector, WireAction};
use archipel_operator::Wanted;
use archipel_protocol::{text::clean_block, vcard::Organisation, vm_control::Action};

use super::{
    act,
    arguments::{Deed, VmTask},
    definition::{self, the_one},
    describe,
    failure::Failure,
    messages::{NoMatch, ReadOnly, Undefined},
    screenshot,
    session::Session,
    sheet::{Cell, Column, Format, Sheet},
};
use crate::wall;

const LIST: &[Column] = &[
    Column::shown("name", "name"),
    Column::shown("state", "state"),
    Column::shown("hypervisor_name", "hypervisor"),
    Column::shown("vcpus", "vcpus"),
    Column::shown("memory_kib", "memory"),
    Column::shown("tags", "tags"),
    Column::shown("stale_s", "stale"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
    Column::hidden("managed"),
    Column::hidden("autostart"),
    Column::hidden("duplicate"),
];

const INFO: &[Column] = &[
    Column::shown("name", "name"),
    Column::shown("id", "id"),
    Column::shown("state", "state"),
    Column::shown("hypervisor", "hypervisor"),
    Column::shown("vcpus", "vcpus"),
    Column::shown("memory_kib", "memory"),
    Column::shown("max_memory_kib", "most memory"),
    Column::shown("cpu_percent", "cpu"),
    Column::shown("tags", "tags"),
    Column::shown("managed", "managed"),
    Column::shown("autostart", "starts with host"),
    Column::shown("organisation", "organisation"),
    Column::shown("unit", "unit"),
    Column::shown("locality", "place"),
    Column::shown("owner", "owner"),
    Column::shown("categories", "categories"),
];

const XML: &[Column] = &[
    Column::hidden("name"),
    Column::hidden("id"),
    Column::hidden("state"),
    Column::hidden("hypervisor"),
    Column::hidden("definition"),
];

/// Does what is asked about machines.
pub(super) async fn run(
    session: &mut Session,
    task: &VmTask,
    format: Format,
) -> Result<(), Failure> {
    match task {
        VmTask::List { selectors } => list(session, selectors, format).await,
        VmTask::Definition(task) => definition::run(session, task, format).await,
        VmTask::Describe(task) => describe::run(session, task, format).await,
        VmTask::Do(deed) => match deed.verb.wire {
            WireAction::Vm(Action::Info) => info(session, deed, format).await,
            WireAction::Vm(Action::XmlDesc) => definition(session, deed, format).await,
            WireAction::Ask(Ask::Pending) => definition::pending(session, deed, format).await,
            WireAction::Ask(Ask::Picture) => screenshot::run(session, deed, format).await,
            _ => act::act(session, deed, format).await,
        },
    }
}

/// Whether the profile allows `task` at all.
pub(super) fn permit(task: &VmTask, profile: &Profile) -> Result<(), Failure> {
    match task {
        VmTask::Do(deed) if profile.read_only && deed.verb.risk != Risk::Safe => {
            Err(Failure::usage(ReadOnly(deed.verb.id.0)))
        }
        VmTask::Definition(task) if profile.read_only && task.is_change() => {
            Err(Failure::usage(ReadOnly("vm.define")))
        }
        VmTask::Describe(task) if profile.read_only && !task.plan_only => {
            Err(Failure::usage(ReadOnly("vm.describe")))
        }
        _ => Ok(()),
    }
}

/// The machines that any of `selectors` picks, each once. One that picks none is a failure: a typing error must not pass for success.
pub(super) fn pick(fleet: &Fleet, selectors: &[Selector]) -> Result<Vec<VmRef>, Failure> {
    let mut picked = Vec::new();
    for selector in selectors {
        let machines = picked_by(fleet, selector);
        if machines.is_empty() {
            let noun = Noun::Vm;
            return Err(Failure::failed(NoMatch { noun, selector }));
        }
        picked.extend(machines);
    }
    Ok(once(picked))
}

/// In the order of the selector.
fn picked_by(fleet: &Fleet, selector: &Selector) -> Vec<VmRef> {
    let keys = selector.select_at(fleet, wall::now()).into_iter();
    keys.filter_map(Key::vm).collect()
}

fn once(mut machines: Vec<VmRef>) -> Vec<VmRef> {
    let mut seen = HashSet::new();
    machines.retain(|vm| seen.insert(vm.clone()));
    machines
}

/// A filter that picks nothing gives an empty list here: nothing is done to what it might have meant.
async fn list(
    session: &mut Session,
    selectors: &[Selector],
    format: Format,
) -> Result<(), Failure> {
    session.sync(Wanted::All).await?;
    let fleet = session.fleet();
    let picked = selectors
        .iter()
        .flat_map(|selector| picked_by(fleet, selector));
    let machines: Vec<&Vm> = if selectors.is_empty() {
        fleet.vms().collect()
    } else {
        let picked = once(picked.collect());
        picked.iter().filter_map(|vm| fleet.vm(vm)).collect()
    };
    let mut sheet = Sheet::new(LIST);
    let rows = machines.into_iter();
    sheet.rows = rows.map(|vm| row(fleet, session.now(), vm)).collect();
    sheet.print(format)
}

fn row(fleet: &Fleet, now: Moment, vm: &Vm) -> Vec<Cell> {
    let host = fleet.hypervisor(&vm.at.hypervisor);
    vec![
        Cell::text(&vm.name),
        Cell::text(vm.state.word()),
        Cell::maybe(host, |host| Cell::text(&host.name)),
        Cell::count(vm.vcpus),
        Cell::memory(vm.memory_kib),
        Cell::list(&vm.tags),
        Cell::maybe(vm.fresh.age(now), |age| Cell::Age(age.as_secs())),
        Cell::text(vm.at.vm.to_string()),
        Cell::text(vm.at.hypervisor.to_string()),
        Cell::Yes(vm.flags.managed),
        Cell::Yes(vm.flags.autostart),
        Cell::Yes(fleet.is_duplicate(&vm.at)),
    ]
}

async fn info(session: &mut Session, deed: &Deed, format: Format) -> Result<(), Failure> {
    let at = the_one(session, &deed.selectors, deed.verb.id.0).await?;
    let handle = session.handle();
    let info = session.alongside(handle.info(&at)).await?;
    let info = info.ok_or_else(|| undefined(session.fleet(), &at))?;
    let vm = session.fleet().vm(&at);
    let card = vm.and_then(|vm| vm.organisation.as_deref());
    let said = |field: fn(&Organisation) -> &String| Cell::maybe(card.map(field), Cell::text);
    let mut sheet = Sheet::new(INFO);
    sheet.rows.push(vec![
        Cell::maybe(vm, |vm| Cell::text(&vm.name)),
        Cell::text(at.vm.to_string()),
        Cell::text(info.state.word()),
        Cell::text(at.hypervisor.to_string()),
        Cell::Count(u64::from(info.vcpus)),
        Cell::Memory(info.memory_kib),
        Cell::Memory(info.max_memory_kib),
        Cell::Percent(info.cpu_percent),
        Cell::list(vm.map(|vm| vm.tags.as_slice()).unwrap_or_default()),
        Cell::maybe(vm, |vm| Cell::Yes(vm.flags.managed)),
        Cell::maybe(vm, |vm| Cell::Yes(vm.flags.autostart)),
        said(|card| &card.name),
        said(|card| &card.unit),
        said(|card| &card.locality),
        said(|card| &card.owner),
        said(|card| &card.categories),
    ]);
    sheet.print_one(format)
}

async fn definition(session: &mut Session, deed: &Deed, format: Format) -> Result<(), Failure> {
    let at = the_one(session, &deed.selectors, deed.verb.id.0).await?;
    let handle = session.handle();
    let definition = session.alongside(handle.definition(&at)).await?;
    if definition.is_empty() {
        return Err(undefined(session.fleet(), &at));
    }
    let definition = clean_block(&definition);
    if format == Format::Table {
        super::console::print(&definition)?;
    } else {
        let vm = session.fleet().vm(&at);
        let mut sheet = Sheet::new(XML);
        sheet.rows.push(vec![
            Cell::maybe(vm, |vm| Cell::text(&vm.name)),
            Cell::text(at.vm.to_string()),
            Cell::maybe(vm, |vm| Cell::text(vm.state.word())),
            Cell::text(at.hypervisor.to_string()),
            Cell::Text(definition.into_owned()),
        ]);
        sheet.print(format)?;
    }
    Ok(())
}

fn undefined(fleet: &Fleet, at: &VmRef) -> Failure {
    let known = fleet.vm(at).map(|vm| vm.name.to_string());
    let name = known.unwrap_or_else(|| at.vm.to_string());
    Failure::failed(Undefined(&name))
}
