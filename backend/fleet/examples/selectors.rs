//! How long selectors take over 2,500 hypervisors with 40,000 machines: `cargo run --release -p archipel-fleet --example selectors`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]
// The crate knows no clock; what measures it does.
#![allow(clippy::disallowed_types)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::{Duration, Instant};

use archipel_fleet::Event;
use archipel_language::{Noun, Selector};
use archipel_protocol::{
    VmState,
    feed::{HostLoad, Row, VmRow},
};
use common::{World, host, machine, online, reach_online, whole};

const HOSTS: u32 = 2_500;
const MACHINES: u32 = 16;
const ROUNDS: usize = 200;

const SELECTORS: [(Noun, &str); 9] = [
    (Noun::Vm, "state = running"),
    (Noun::Vm, "web*"),
    (Noun::Vm, "tag = infra/** or tag = web"),
    (Noun::Vm, "name ~ /^web[0-9]+5$/"),
    (
        Noun::Vm,
        "tag = web and hypervisor.cpu > 80% sort by memory desc limit 20",
    ),
    (Noun::Vm, "hypervisor.vms.state = off"),
    (Noun::Vm, "count(events: severity = error) = 0"),
    (Noun::Hypervisor, "vms.state = off"),
    (
        Noun::Hypervisor,
        "all(vms: state = running) or count(vms: tag = db) > 2",
    ),
];

fn main() {
    let world = world();
    println!("| selector | picked | p50 | p99 |\n| --- | --- | --- | --- |");
    for (noun, text) in SELECTORS {
        let selector = Selector::exact(noun, text).unwrap();
        let (picked, mut times) = (
            selector.select(&world.fleet).len(),
            (0..ROUNDS)
                .map(|_| measured(&selector, &world))
                .collect::<Vec<_>>(),
        );
        times.sort();
        let (p50, p99) = (times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
        println!("| `{noun}: {text}` | {picked} | {p50:.1?} | {p99:.1?} |");
    }
}

fn measured(selector: &Selector, world: &World) -> Duration {
    let start = Instant::now();
    std::hint::black_box(selector.select(&world.fleet));
    start.elapsed()
}

fn world() -> World {
    let mut world = World::default();
    world.happens(online());
    for number in 1..=HOSTS {
        world.happens(Event::Trusted(host(number), true));
        world.happens(reach_online(number));
        let mut rows: Vec<Row> = (0..MACHINES)
            .map(|vm| Row::Vm(row(number * MACHINES + vm)))
            .collect();
        rows.push(Row::HostLoad(Box::new(HostLoad {
            cpu_permille: Some(number % 1_000),
            ..HostLoad::default()
        })));
        world.feed(number, whole(rows));
    }
    world
}

fn row(number: u32) -> VmRow {
    let state = if number.is_multiple_of(29) {
        VmState::Off
    } else {
        VmState::Running
    };
    let tags = ["web", "db", "infra/net/core"];
    VmRow {
        tags: vec![tags[number as usize % 3].into(), "site/munich".into()],
        memory_kib: u64::from(number % 64) << 20,
        ..machine(number, state)
    }
}
