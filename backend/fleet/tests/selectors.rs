//! Selectors over the model.

#![allow(clippy::unwrap_used)]

mod common;

use archipel_fleet::{Contact, Event, Key};
use archipel_language::{Noun, Selector};
use archipel_protocol::{
    VmState,
    feed::{HostLoad, Row, VmLoad, VmRow},
};
use common::{World, host, machine, reach_offline, vm_id, whole};

fn world() -> World {
    let mut world = World::live(2, &[(1, VmState::Running), (2, VmState::Off)]);
    let db = VmRow {
        name: "db01".into(),
        tags: vec!["infra/db".into()],
        memory_kib: 32 << 20,
        ..machine(7, VmState::Running)
    };
    let load = VmLoad {
        id: vm_id(7),
        cpu_permille: Some(900),
        memory_kib: None,
        disk: None,
        net: None,
    };
    let host_load = HostLoad {
        cpu_permille: Some(120),
        ..HostLoad::default()
    };
    let rows = vec![
        Row::Vm(db),
        Row::VmLoad(load),
        Row::HostLoad(Box::new(host_load)),
    ];
    world.feed(2, whole(rows));
    world.happens(Event::Contact(Contact {
        groups: vec!["rack-a".into()],
        ..Contact::bare(host(1))
    }));
    world
}

fn picked(world: &World, noun: Noun, text: &str) -> Vec<String> {
    let keys = Selector::exact(noun, text).unwrap().select(&world.fleet);
    let name = |key| match key {
        Key::Vm(vm) => world.fleet.vm(&vm).unwrap().name.to_string(),
        Key::Hypervisor(id) => world.fleet.hypervisor(&id).unwrap().name.clone(),
    };
    keys.into_iter().map(name).collect()
}

#[test]
fn machines_are_picked_by_every_field() {
    let world = world();
    for (text, names) in [
        ("web*", vec!["web01", "web02"]),
        ("state = off", vec!["web02"]),
        ("hypervisor = hv02", vec!["db01"]),
        ("hypervisor = hv02@dc.example", vec!["db01"]),
        ("group = rack-a and state = running", vec!["web01"]),
        ("tag = infra/**", vec!["db01"]),
        ("memory >= 8GiB", vec!["db01"]),
        ("cpu > 80%", vec!["db01"]),
        ("vcpus = 2 and managed = yes and not web*", vec!["db01"]),
        ("00000007-0000-0000-0000-000000000000", vec!["db01"]),
        ("hypervisor.name = hv02", vec!["db01"]),
        (
            "hypervisor.vms.name = web02 and state != off",
            vec!["web01"],
        ),
        ("sort by memory desc limit 1", vec!["db01"]),
    ] {
        assert_eq!(picked(&world, Noun::Vm, text), names, "{text}");
    }
}

#[test]
fn hypervisors_are_picked_by_every_field() {
    let mut world = world();
    world.happens(reach_offline(1));
    for (text, names) in [
        ("hv0?", vec!["hv01", "hv02"]),
        ("id = hv01@dc.example", vec!["hv01"]),
        ("state = offline", vec!["hv01"]),
        ("group = rack-a", vec!["hv01"]),
        ("machines = 1", vec!["hv02"]),
        ("cpu < 50%", vec!["hv02"]),
        ("vms.state = off", vec!["hv01"]),
        ("count(vms: web*) = 2", vec!["hv01"]),
        ("none(vms: web*)", vec!["hv02"]),
        ("all(vms: tag = infra/**)", vec!["hv02"]),
    ] {
        assert_eq!(picked(&world, Noun::Hypervisor, text), names, "{text}");
    }
}
