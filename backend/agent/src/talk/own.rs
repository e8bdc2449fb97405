//! What the original's entities understood and the language has no verb for.

use archipel_language::{GivenError, Risk};
use archipel_protocol::{
    Jid, Request, health, hypervisor_control, machines, migration, ns, roster,
    vm_resources::{self, Disks},
};

use super::deed::{Place, Slot};

/// Other words for verbs of the language: those of the original that the language does not know.
pub(super) const SYNONYMS: &[(&str, &[&str])] = &[
    ("vm.start", &["play", "run"]),
    ("vm.info", &["how are you", "and you"]),
    ("vm.xml", &["desc"]),
];

/// A row of what can be said.
#[derive(Debug)]
pub(crate) struct Own {
    pub(super) id: &'static str,
    pub(super) words: &'static [&'static str],
    pub(super) summary: &'static str,
    pub(super) risk: Risk,
    pub(super) place: Place,
    pub(super) wire: (&'static str, &'static str),
    pub(super) slots: &'static [Slot],
    pub(super) request: fn(&[String], Option<&Jid>) -> Result<Request, GivenError>,
}

const NEW_NAME: &[Slot] = &[Slot {
    name: "name",
    summary: "the name of the new machine",
    required: false,
    choices: &[],
}];
const DISKS: &[Slot] = &[Slot {
    name: "disks",
    summary: "what becomes of its disks",
    required: true,
    choices: &["keep", "delete"],
}];

const fn read(
    [id, summary]: [&'static str; 2],
    words: &'static [&'static str],
    wire: (&'static str, &'static str),
    request: fn(&[String], Option<&Jid>) -> Result<Request, GivenError>,
) -> Own {
    Own {
        id,
        words,
        summary,
        risk: Risk::Safe,
        place: Place::Host,
        wire,
        slots: &[],
        request,
    }
}

/// All of them.
pub(super) static OWN: &[Own] = &[
    read(
        ["hypervisor.capabilities", "Tell what libvirt can do here"],
        &["capabilities"],
        (ns::HYPERVISOR_CONTROL, "capabilities"),
        |_, _| Ok(control(hypervisor_control::Action::Capabilities)),
    ),
    read(
        ["hypervisor.node", "Tell what this host is"],
        &["nodeinfo"],
        (ns::HYPERVISOR_CONTROL, "nodeinfo"),
        |_, _| Ok(control(hypervisor_control::Action::NodeInfo)),
    ),
    read(
        ["hypervisor.migration", "Tell how machines could move here"],
        &["libvirt uri", "migration info"],
        (ns::HYPERVISOR_CONTROL, "migrationinfo"),
        |_, _| Ok(Request::MigrationTarget(migration::HostAction::Info)),
    ),
    read(
        ["hypervisor.address", "Tell the address of this host"],
        &["ip"],
        (ns::HYPERVISOR_CONTROL, "ip"),
        |_, _| Ok(control(hypervisor_control::Action::Ip)),
    ),
    read(
        ["hypervisor.machines", "List the machines"],
        &["roster", "vms", "virtual machines", "domains"],
        (ns::HYPERVISOR_CONTROL, "rostervm"),
        |_, _| Ok(control(hypervisor_control::Action::RosterVm)),
    ),
    read(
        ["hypervisor.health", "Tell how busy this host is"],
        &["health", "load"],
        (ns::HEALTH, "info"),
        |_, _| Ok(Request::Health(health::Action::Info)),
    ),
    Own {
        slots: NEW_NAME,
        ..read(
            ["hypervisor.alloc", "Make a new machine"],
            &["alloc"],
            (ns::HYPERVISOR_CONTROL, "alloc"),
            |given, _| Ok(alloc(given)),
        )
    },
    Own {
        place: Place::Machine,
        slots: DISKS,
        risk: Risk::Destructive,
        ..read(
            ["vm.free", "Remove the machine, with its disks or without"],
            &["free"],
            (ns::VM_CONTROL, "free"),
            |given, _| free(given),
        )
    },
    Own {
        place: Place::Machine,
        ..read(
            ["vm.interfaces", "Count what went through the interfaces"],
            &["net", "stat"],
            (ns::VM_CONTROL, "networkinfo"),
            |_, _| Ok(Request::VmResources(vm_resources::Action::NetworkInfo)),
        )
    },
    Own {
        place: Place::Machine,
        ..read(
            ["vm.roster", "List who is on the machine's roster"],
            &["roster", "users"],
            (ns::ENTITY_ROSTER, "getroster"),
            |_, _| Ok(Request::EntityRoster(roster::Action::GetRoster)),
        )
    },
];

const fn control(action: hypervisor_control::Action) -> Request {
    Request::HypervisorControl(action)
}

fn alloc(given: &[String]) -> Request {
    Request::Machines(machines::Action::Alloc {
        name: given.first().cloned(),
        organisation: None,
        unit: None,
        locality: None,
        owner: None,
        categories: None,
        domain: None,
        scope: None,
    })
}

fn free(given: &[String]) -> Result<Request, GivenError> {
    let disks: Option<Disks> = given.first().and_then(|text| text.parse().ok());
    let disks = Some(disks.ok_or(GivenError::Missing("disks"))?);
    Ok(Request::VmResources(vm_resources::Action::Free { disks }))
}
