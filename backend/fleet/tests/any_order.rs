//! Whatever happens in whatever order, nothing panics and the totals are those of a recount.

#![allow(clippy::unwrap_used)]

mod common;

use archipel_fleet::{
    Cached, Contact, Event, Level, Link, Moment, Notice, RunId, WatchState, plan,
};
use archipel_language::Verb;
use archipel_protocol::{
    VmState,
    feed::{Kind, Rights, Row, Update, VmLoad, VmRow},
};
use common::{
    World, at, host, machine, online, properties, reach_offline, reach_online, update, vm_id,
};
use proptest::prelude::*;

fn state() -> impl Strategy<Value = VmState> {
    (0..8_usize).prop_map(|at| VmState::ALL[at])
}

fn row() -> impl Strategy<Value = Row> {
    let name = |row: VmRow, name: u8| VmRow {
        name: format!("vm{}", name % 4),
        ..row
    };
    prop_oneof![
        4 => (0..12_u32, state(), any::<u8>()).prop_map(move |(id, state, called)| Row::Vm(name(machine(id, state), called))),
        2 => (0..12_u32).prop_map(|id| Row::Gone(vm_id(id))),
        1 => Just(properties(Rights::All)),
        1 => (0..12_u32).prop_map(|id| Row::VmLoad(VmLoad { id: vm_id(id), cpu_permille: Some(id), memory_kib: None, disk: None, net: None })),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Unchanged),
        any::<u64>().prop_map(|from| Kind::Delta {
            from: archipel_protocol::Seq(from)
        }),
        (any::<bool>(), proptest::option::of(0..12_u32)).prop_map(|(first, next)| Kind::Snapshot {
            first,
            next: next.map(vm_id)
        }),
    ]
}

fn feed() -> impl Strategy<Value = Update> {
    (kind(), proptest::collection::vec(row(), 0..8)).prop_map(|(kind, rows)| update(kind, rows))
}

fn watch() -> impl Strategy<Value = WatchState> {
    prop_oneof![
        Just(WatchState::Idle),
        Just(WatchState::Asking { since: Moment(1) }),
        Just(WatchState::Live),
        Just(WatchState::Failed("no".into())),
    ]
}

fn link() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(online()),
        Just(Event::Link(Link::default())),
        Just(Event::Link(Link::Suspended {
            reason: "cut".into(),
            retry_in_s: 1
        })),
    ]
}

fn cached(number: u32, rows: Vec<Row>) -> Event {
    let vms = rows.into_iter().filter_map(|row| {
        if let Row::Vm(row) = row {
            Some(row)
        } else {
            None
        }
    });
    Event::Cached(Box::new(Cached {
        contact: Contact::bare(host(number)),
        host: None,
        vms: vms.collect(),
        heard: Moment(5),
    }))
}

fn event() -> impl Strategy<Value = Event> {
    let number = 0..4_u32;
    prop_oneof![
        1 => link(),
        2 => (number.clone(), any::<bool>()).prop_map(|(number, yes)| Event::Trusted(host(number), yes)),
        1 => number.clone().prop_map(|number| Event::Contact(Contact { name: format!("h{}", number % 2), ..Contact::bare(host(number)) })),
        1 => number.clone().prop_map(|number| Event::ContactGone(host(number))),
        2 => number.clone().prop_map(reach_online),
        1 => number.clone().prop_map(reach_offline),
        1 => (number.clone(), watch()).prop_map(|(number, watch)| Event::Watching { hypervisor: host(number), watch }),
        8 => (number.clone(), feed()).prop_map(|(number, update)| Event::Feed { hypervisor: host(number), update }),
        1 => (number.clone(), proptest::collection::vec(row(), 0..8)).prop_map(|(number, rows)| cached(number, rows)),
        1 => (number, 0..12_u32, 0..3_u64).prop_map(|(number, vm, run)| Event::Step { run: RunId(run), vm: at(number, vm), result: Ok(()) }),
        1 => Just(Event::Notice(Notice { level: Level::Hint, text: "x".into() })),
    ]
}

proptest! {
    #[test]
    fn totals_are_those_of_a_recount(events in proptest::collection::vec(event(), 0..120)) {
        let mut world = World::default();
        for event in events {
            world.happens(event);
            prop_assert_eq!(world.fleet.counts(), world.recount());
        }
        let by_host: usize = world.fleet.hypervisors().map(|own| own.machines() as usize).sum();
        prop_assert_eq!(by_host, world.fleet.vms().count());
    }

    #[test]
    fn claims_are_those_of_the_rows(events in proptest::collection::vec(event(), 0..120)) {
        let mut world = World::default();
        for event in events {
            world.happens(event);
        }
        for vm in world.fleet.vms() {
            let claimants = world.fleet.vms().filter(|other| other.at.vm == vm.at.vm).count();
            prop_assert_eq!(world.fleet.is_duplicate(&vm.at), claimants > 1);
        }
    }

    #[test]
    fn a_recorded_stream_replays_to_the_same_fleet(events in proptest::collection::vec(event(), 0..80)) {
        let (mut first, mut second) = (World::default(), World::default());
        for event in events {
            prop_assert_eq!(first.happens(event.clone()), second.happens(event));
        }
        let rows = |world: &World| world.fleet.vms().cloned().collect::<Vec<_>>();
        prop_assert_eq!(rows(&first), rows(&second));
    }

    #[test]
    fn runs_end_when_every_step_has(words in proptest::collection::vec((0..3_u64, 0..12_u32, any::<bool>()), 0..60)) {
        let all: Vec<_> = (0..12).map(|id| (id, VmState::Off)).collect();
        let mut world = World::live(1, &all);
        let start = Verb::by_id("vm.start").unwrap();
        let targets: Vec<_> = (0..12).map(|id| at(1, id)).collect();
        for run in 0..3 {
            let plan = plan(&world.fleet, start, &targets);
            world.happens(Event::Started { run: RunId(run), plan });
        }
        for (run, vm, done) in words {
            let failure = archipel_protocol::Failure::new(archipel_protocol::failure::FailureKind::Busy, "busy");
            world.happens(Event::Step { run: RunId(run), vm: at(1, vm), result: if done { Ok(()) } else { Err(failure) } });
        }
        for run in world.fleet.runs() {
            let open = run.steps.iter().filter(|step| matches!(step.state, archipel_fleet::StepState::Waiting | archipel_fleet::StepState::Sent)).count();
            prop_assert_eq!(run.is_over(), open == 0);
            prop_assert_eq!(run.progress().all - run.progress().done - run.progress().failed, open);
        }
    }
}
