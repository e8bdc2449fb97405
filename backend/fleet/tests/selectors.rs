//! Selectors over the model.

#![allow(clippy::unwrap_used)]

mod common;

use archipel_fleet::{Contact, Event, Key};
use archipel_language::{Field, Noun, Now, Selector, selector::Values};
use archipel_protocol::{
    VmState, events,
    feed::{HostLoad, Row, VmLoad, VmRow},
    vcard::Organisation,
};
use common::{World, host, machine, reach_offline, vm_id, whole};

/// 2026-11-21T03:00:00Z.
const NOW: Now = Now::utc(1_795_230_000);

fn happened(number: u64, at: &str, vm: Option<u32>) -> events::Event {
    events::Event {
        number,
        at: at.parse().unwrap(),
        vm: vm.map(vm_id),
        name: vm.map_or_else(String::new, |vm| format!("web{vm:02}")),
        what: if vm.is_some() { "started" } else { "command" }.into(),
        by: vm.map(|_| "olga@dc.example".parse().unwrap()),
        text: format!("number {number}"),
        severity: match number {
            1 => events::Severity::Info,
            2 => events::Severity::Warning,
            _ => events::Severity::Error,
        },
        verb: (number > 1).then(|| "vm.destroy".into()),
        result: (number > 1).then_some(archipel_protocol::audit::Outcome::Failed),
    }
}

/// With what was logged lately.
fn logged() -> World {
    let mut world = world();
    let of_first = vec![
        happened(1, "2026-11-21T01:00:00Z", Some(1)),
        happened(2, "2026-11-21T02:40:00Z", Some(2)),
        happened(3, "2026-11-21T02:50:00Z", None),
    ];
    let of_second = vec![happened(1, "2026-11-20T22:00:00Z", Some(7))];
    for (number, events) in [(1, of_first), (2, of_second)] {
        for event in events {
            let hypervisor = host(number);
            world.happens(Event::Log { hypervisor, event });
        }
    }
    world
}

fn world() -> World {
    let mut world = World::live(2, &[(1, VmState::Running), (2, VmState::Off)]);
    let db = VmRow {
        name: "db01".into(),
        tags: vec!["infra/db".into()],
        memory_kib: 32 << 20,
        organisation: Some(Box::new(Organisation {
            name: "Example Lab".into(),
            owner: "olga@dc.example".into(),
            ..Organisation::default()
        })),
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
    let selector = Selector::exact(noun, text).unwrap();
    let keys = selector.select_at(&world.fleet, NOW);
    let name = |key| match key {
        Key::Vm(vm) => world.fleet.vm(&vm).unwrap().name.to_string(),
        Key::Hypervisor(id) => world.fleet.hypervisor(&id).unwrap().name.clone(),
        Key::Event(host, number) => format!("{} of {}", number, host.jid()),
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
        ("owner = olga@*", vec!["db01"]),
        ("org = \"Example Lab\" and not unit = *", vec!["db01"]),
        ("protected = yes", vec![]),
    ] {
        assert_eq!(picked(&world, Noun::Vm, text), names, "{text}");
    }
}

#[test]
fn a_hypervisor_goes_by_its_account_whatever_the_roster_calls_it() {
    let mut world = world();
    world.happens(Event::Contact(Contact {
        name: "server7".into(),
        ..Contact::bare(host(2))
    }));
    for text in [
        "hypervisor = hv02",
        "hypervisor = server7",
        "hypervisor.name = hv02",
    ] {
        assert_eq!(picked(&world, Noun::Vm, text), ["db01"], "{text}");
    }
    for text in ["hv02", "server7", "name = hv02"] {
        assert_eq!(
            picked(&world, Noun::Hypervisor, text),
            ["hv02 (server7)"],
            "{text}"
        );
    }
    assert!(picked(&world, Noun::Vm, "hypervisor != hv02 and db01").is_empty());
}

#[test]
fn no_hypervisor_passes_for_another() {
    let mut world = world();
    for name in ["hv01", "HV01"] {
        world.happens(Event::Contact(Contact {
            name: name.into(),
            ..Contact::bare(host(2))
        }));
        let shown = format!("hv02 ({name})");
        assert_eq!(world.fleet.hypervisor(&host(2)).unwrap().name, shown);
        for text in ["hv01", "name = hv01", "name = HV01"] {
            let found = picked(&world, Noun::Hypervisor, text);
            assert_eq!(found, ["hv01"], "{text}");
        }
        let machines = picked(&world, Noun::Vm, "hypervisor = hv01");
        assert!(!machines.contains(&"db01".to_owned()), "{machines:?}");
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

#[test]
fn events_lead_to_machines_and_hypervisors_and_back() {
    let world = logged();
    for (noun, text, wanted) in [
        (
            Noun::Event,
            "since 02:30",
            &["2 of hv01@dc.example", "3 of hv01@dc.example"][..],
        ),
        (
            Noun::Event,
            "since 00:30 and vm.tag = web",
            &["1 of hv01@dc.example", "2 of hv01@dc.example"],
        ),
        (Noun::Event, "vm.tag = infra/**", &["1 of hv02@dc.example"]),
        (
            Noun::Event,
            "hypervisor.group = rack-a and not who = olga@*",
            &["3 of hv01@dc.example"],
        ),
        (
            Noun::Event,
            "vm = web02 or number > 2",
            &["2 of hv01@dc.example", "3 of hv01@dc.example"],
        ),
        (
            Noun::Event,
            "since 02:30 and severity >= warning and verb = destroy and result = failed",
            &["2 of hv01@dc.example", "3 of hv01@dc.example"],
        ),
        (
            Noun::Event,
            "severity > warning or severity < warning and hypervisor = hv02",
            &["3 of hv01@dc.example", "1 of hv02@dc.example"],
        ),
        (
            Noun::Event,
            "severity in warning..error and not verb = vm.start and result != denied",
            &["2 of hv01@dc.example", "3 of hv01@dc.example"],
        ),
        (Noun::Event, "yesterday", &[]),
        (
            Noun::Event,
            "hv02 sort by time desc",
            &["1 of hv02@dc.example"],
        ),
        (Noun::Vm, "events.time >= 02:30", &["web02"]),
        (Noun::Vm, "none(events)", &[]),
        (
            Noun::Vm,
            "any(events: kind = started) and state = off",
            &["web02"],
        ),
        (Noun::Hypervisor, "count(events) = 3", &["hv01"]),
        (Noun::Hypervisor, "all(events: since today)", &["hv01"]),
        (
            Noun::Hypervisor,
            "events.vm.hypervisor.name = hv02",
            &["hv02"],
        ),
    ] {
        assert_eq!(picked(&world, noun, text), wanted, "{text}");
    }
}

#[test]
fn an_event_that_the_model_does_not_hold_is_picked_too() {
    let world = world();
    let selector = Selector::exact(Noun::Event, "since 02:30 and vm.tag = web").unwrap();
    let picks = |event| world.fleet.picks_event((&selector, NOW), &host(1), &event);
    assert!(picks(happened(9, "2026-11-21T02:30:00Z", Some(1))));
    assert!(!picks(happened(9, "2026-11-21T02:29:59Z", Some(1))));
    assert!(!picks(happened(9, "2026-11-21T02:30:00Z", Some(99))));
    assert!(!picks(happened(9, "2026-11-21T02:30:00Z", None)));
}

#[test]
fn live_values_are_those_of_the_records() {
    let world = logged();
    let values = |noun, field| {
        let mut all = Vec::new();
        Values::visit(&world.fleet, noun, field, &mut |value| {
            all.push(value.to_owned());
        });
        all
    };
    assert_eq!(values(Noun::Vm, Field::Tag), ["web", "web", "infra/db"]);
    assert_eq!(values(Noun::Hypervisor, Field::Name), ["hv01", "hv02"]);
    assert_eq!(values(Noun::Event, Field::Who).len(), 3);
    assert!(values(Noun::Vm, Field::Memory).is_empty());
}
