//! What the feed changes in the model, and what it cannot change.

#![allow(clippy::unwrap_used)]

mod common;

use archipel_fleet::{
    Cached, Changes, Contact, Event, Freshness, Level, Link, MACHINES_LIMIT, Moment, Reach,
    WatchState,
};
use archipel_protocol::{
    VmState,
    feed::{HostLoad, Kind, Row, VmLoad, VmRow},
};
use common::{
    World, at, delta, host, machine, online, reach_offline, reach_online, update, vm_id, whole,
};

use VmState::{Off, Running};

fn part(first: bool, next: Option<u32>, machines: &[u32]) -> archipel_protocol::feed::Update {
    let next = next.map(vm_id);
    let rows = machines.iter().map(|id| Row::Vm(machine(*id, Running)));
    update(Kind::Snapshot { first, next }, rows.collect())
}

#[test]
fn machines_are_listed_by_name_and_counted() {
    let mut world = World::live(2, &[(2, Running), (1, Off)]);
    world.feed(2, whole(vec![Row::Vm(machine(9, Running))]));
    assert_eq!(world.names(1), ["web01", "web02"]);
    let counts = world.fleet.counts();
    assert_eq!(
        (counts.machines, counts.of(Running), counts.of(Off)),
        (3, 2, 1)
    );
    assert_eq!(
        world.fleet.hypervisor(&host(1)).unwrap().machines_in(Off),
        1
    );
    assert_eq!(counts, world.recount());
}

#[test]
fn what_no_part_of_a_snapshot_mentions_is_gone() {
    let mut world = World::live(1, &[(1, Running), (2, Running), (3, Running)]);
    world.feed(1, part(true, Some(1), &[1]));
    assert_eq!(world.names(1).len(), 3, "the snapshot is not complete");
    let changes = world.feed(1, part(false, None, &[4]));
    assert!(changes.has(Changes::STRUCTURE));
    assert_eq!(world.names(1), ["web01", "web04"]);
    assert_eq!(world.fleet.counts(), world.recount());
}

#[test]
fn a_delta_between_the_parts_of_a_snapshot_counts() {
    let mut world = World::live(1, &[(1, Running), (2, Running)]);
    world.feed(1, part(true, Some(1), &[1]));
    world.feed(
        1,
        delta(vec![Row::Vm(machine(7, Running)), Row::Gone(vm_id(1))]),
    );
    world.feed(1, part(false, None, &[2]));
    assert_eq!(world.names(1), ["web02", "web07"]);
}

#[test]
fn a_snapshot_cut_off_by_a_lost_link_removes_nothing() {
    let mut world = World::live(1, &[(1, Running), (2, Running)]);
    world.feed(1, part(true, Some(1), &[1]));
    world.happens(reach_offline(1));
    world.happens(reach_online(1));
    world.feed(1, part(false, None, &[1]));
    assert_eq!(world.names(1), ["web01", "web02"]);
}

#[test]
fn a_renamed_machine_changes_its_place() {
    let mut world = World::live(1, &[(1, Running), (2, Running)]);
    let renamed = VmRow {
        name: "zoo".into(),
        ..machine(1, Running)
    };
    let changes = world.feed(1, delta(vec![Row::Vm(renamed)]));
    assert!(changes.has(Changes::STRUCTURE));
    assert_eq!(world.names(1), ["web02", "zoo"]);
}

#[test]
fn a_row_that_says_nothing_new_changes_nothing() {
    let mut world = World::live(1, &[(1, Running)]);
    let changes = world.feed(1, delta(vec![Row::Vm(machine(1, Running))]));
    assert!(changes.is_empty(), "{changes:?}");
    assert!(
        world
            .feed(1, delta(vec![Row::Vm(machine(1, Off))]))
            .has(Changes::ROWS)
    );
}

#[test]
fn an_offline_host_keeps_its_last_state_with_its_age() {
    let mut world = World::live(1, &[(1, Running)]);
    world.happens(reach_offline(1));
    let lost = Moment(world.now);
    world.now += 60_000;
    world.happens(reach_offline(1));
    let vm = world.fleet.vm(&at(1, 1)).unwrap();
    assert_eq!(
        (vm.state, vm.fresh),
        (Running, Freshness::Stale { since: lost })
    );
    assert_eq!(world.fleet.counts().stale, 1);
    assert_eq!(
        world.fleet.hypervisor(&host(1)).unwrap().watch,
        WatchState::Idle
    );
    world.happens(reach_online(1));
    assert!(
        !world.fleet.vm(&at(1, 1)).unwrap().fresh.is_live(),
        "presence alone makes nothing current"
    );
    world.feed(1, update(Kind::Unchanged, vec![]));
    assert!(world.fleet.vm(&at(1, 1)).unwrap().fresh.is_live());
    assert_eq!(world.fleet.counts(), world.recount());
}

#[test]
fn a_suspended_link_makes_everything_stale_until_it_goes_on() {
    let mut world = World::live(1, &[(1, Running)]);
    let reason = "the connection was cut".to_owned();
    world.happens(Event::Link(Link::Suspended {
        reason,
        retry_in_s: 1,
    }));
    assert_eq!(world.fleet.counts().stale, 1);
    assert!(world.fleet.hypervisor(&host(1)).unwrap().reach.is_online());
    world.happens(online());
    world.watching(1, WatchState::Live);
    assert_eq!(world.fleet.counts().stale, 0);
}

#[test]
fn a_new_session_knows_nobodys_presence() {
    let mut world = World::live(1, &[(1, Running)]);
    world.happens(Event::Link(Link::default()));
    assert_eq!(
        world.fleet.hypervisor(&host(1)).unwrap().reach,
        Reach::Unknown
    );
    assert_eq!(world.fleet.counts().stale, 1);
}

#[test]
fn an_agent_speaks_for_its_own_machines_alone() {
    let mut world = World::live(2, &[(1, Running)]);
    world.feed(
        2,
        whole(vec![Row::Gone(vm_id(1)), Row::Vm(machine(5, Off))]),
    );
    world.feed(2, delta(vec![Row::Gone(vm_id(1))]));
    assert_eq!(world.fleet.vm(&at(1, 1)).unwrap().state, Running);
    assert_eq!(world.fleet.counts(), world.recount());
}

#[test]
fn one_uuid_on_two_hosts_is_an_alarm_until_one_gives_it_up() {
    let mut world = World::live(2, &[(1, Running)]);
    world.feed(2, whole(vec![Row::Vm(machine(1, Running))]));
    assert!(world.fleet.is_duplicate(&at(1, 1)) && world.fleet.is_duplicate(&at(2, 1)));
    let told = &world.fleet.notices().next_back().unwrap().notice;
    assert_eq!(told.level, Level::Error);
    assert!(
        told.text.contains("web01") && told.text.contains("hv01 and hv02"),
        "{}",
        told.text
    );
    world.feed(2, delta(vec![Row::Gone(vm_id(1))]));
    assert!(!world.fleet.is_duplicate(&at(1, 1)));
    assert_eq!(world.fleet.vm(&at(1, 1)).unwrap().state, Running);
}

#[test]
fn only_trusted_hypervisors_have_rows() {
    let mut world = World::default();
    world.happens(Event::Contact(Contact::bare(host(1))));
    world.feed(1, whole(vec![Row::Vm(machine(1, Running))]));
    assert_eq!(
        (
            world.fleet.hypervisors().count(),
            world.fleet.contacts().count()
        ),
        (0, 1)
    );
    world.happens(Event::Trusted(host(1), true));
    assert_eq!(
        (
            world.fleet.hypervisors().count(),
            world.fleet.contacts().count()
        ),
        (1, 0)
    );
    world.feed(1, whole(vec![Row::Vm(machine(1, Running))]));
    world.happens(Event::Trusted(host(1), false));
    assert_eq!(world.fleet.counts(), archipel_fleet::Counts::default());
    assert_eq!(world.fleet.contacts().count(), 1);
}

#[test]
fn the_roster_names_and_groups_a_hypervisor_not_its_agent() {
    let mut world = World::live(2, &[(1, Running)]);
    assert_eq!(world.fleet.hypervisor(&host(1)).unwrap().name, "hv01");
    let contact = Contact {
        name: "zeus".into(),
        groups: vec!["rack-a".into()],
        ..Contact::bare(host(1))
    };
    world.happens(Event::Contact(contact));
    let order: Vec<_> = world
        .fleet
        .hypervisors()
        .map(|own| own.name.clone())
        .collect();
    assert_eq!(order, ["hv01 (zeus)", "hv02"]);
    let groups = world.fleet.groups();
    assert_eq!((groups[0].name, groups[1].name), (Some("rack-a"), None));
    world.happens(Event::ContactGone(host(1)));
    assert_eq!(world.fleet.hypervisor(&host(1)).unwrap().name, "hv01");
}

#[test]
fn figures_of_known_machines_make_a_trend() {
    let mut world = World::live(1, &[(1, Running)]);
    let load = |id| VmLoad {
        id: vm_id(id),
        cpu_permille: Some(430),
        memory_kib: None,
        disk: None,
        net: None,
    };
    assert!(
        world
            .feed(1, delta(vec![Row::VmLoad(load(1))]))
            .has(Changes::LOAD)
    );
    assert!(world.feed(1, delta(vec![Row::VmLoad(load(77))])).is_empty());
    assert_eq!(world.fleet.vm(&at(1, 1)).unwrap().trend.samples(), [430]);
    let host_load = HostLoad {
        cpu_permille: Some(110),
        ..HostLoad::default()
    };
    world.feed(1, delta(vec![Row::HostLoad(Box::new(host_load))]));
    assert_eq!(
        world
            .fleet
            .hypervisor(&host(1))
            .unwrap()
            .cpu_trend
            .samples(),
        [110]
    );
}

#[test]
fn what_is_remembered_is_stale_with_its_age_and_yields_to_the_feed() {
    let mut world = World {
        now: 1_000_000,
        ..World::default()
    };
    world.happens(Event::Trusted(host(1), true));
    let cached = Cached {
        contact: Contact {
            groups: vec!["rack-a".into()],
            ..Contact::bare(host(1))
        },
        host: None,
        vms: vec![machine(1, Running), machine(2, Off)],
        heard: Moment(10_000),
    };
    world.happens(Event::Cached(Box::new(cached.clone())));
    assert_eq!(
        world.fleet.vm(&at(1, 1)).unwrap().fresh,
        Freshness::Stale {
            since: Moment(10_000)
        }
    );
    assert_eq!(world.fleet.counts().stale, 2);
    world.feed(1, whole(vec![Row::Vm(machine(2, Running))]));
    world.happens(Event::Cached(Box::new(cached)));
    assert_eq!(world.names(1), ["web02"]);
    assert_eq!(world.fleet.counts(), world.recount());
}

#[test]
fn an_agent_that_describes_too_many_machines_is_cut_off_with_a_warning() {
    let mut world = World::live(1, &[]);
    let too_many = u32::try_from(MACHINES_LIMIT).unwrap() + 10;
    world.feed(
        1,
        whole((0..too_many).map(|id| Row::Vm(machine(id, Off))).collect()),
    );
    assert_eq!(world.names(1).len(), MACHINES_LIMIT);
    assert_eq!(
        world
            .fleet
            .notices()
            .filter(|told| told.notice.level == Level::Warning)
            .count(),
        1
    );
}
