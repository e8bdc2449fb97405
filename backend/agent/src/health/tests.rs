#![allow(clippy::unwrap_used)]
use std::time::Duration;

use archipel_hypervisor::{HostSample, Interface, Statistics};
use tokio::time::Instant;

use super::*;

const VM: VmId = VmId::from_bytes([1; 16]);

fn figures(start: Instant, second: u64, scale: u64) -> Figures {
    Figures {
        at: start + Duration::from_secs(second),
        wall: Timestamp::from_second(1_800_000_000 + i64::try_from(second).unwrap()).unwrap(),
        host: HostSample {
            cpu_busy_ns: Some(second * scale * 100_000_000),
            cpu_total_ns: Some(second * 1_000_000_000),
            memory_total_kib: Some(1_000_000),
            memory_free_kib: Some(400_000),
            load: Some([0.42, 0.4, 0.31]),
            interfaces: vec![Interface {
                name: "eth0".into(),
                received: second * 1_000,
                sent: second * 500,
            }],
            ..HostSample::default()
        },
        machines: vec![Statistics {
            id: VM,
            cpu_ns: Some(second * scale * 150_000_000),
            resident_kib: Some(1 << 20),
            disk_read: None,
            disk_written: None,
            net_received: Some(second * 10),
            net_sent: Some(0),
        }],
    }
}

#[test]
fn counters_become_rates() {
    let start = Instant::now();
    let mut health = Health::default();
    health.take(figures(start, 0, 1));
    assert_eq!(health.host_after(0).unwrap().cpu_permille, None);
    health.take(figures(start, 5, 1));
    let host = health.host_after(1).unwrap();
    assert_eq!(host.cpu_permille, Some(100));
    assert_eq!(host.memory_kib, Some(600_000));
    assert_eq!(host.load, Some([42, 40, 31]));
    assert_eq!(host.net, Some((1_000, 500)));
    let machine = health.machine_now(VM).unwrap();
    assert_eq!(machine.cpu_permille, Some(150));
    assert_eq!((machine.net, machine.disk), (Some((10, 0)), None));
}

#[test]
fn what_hardly_changes_is_not_told_again() {
    let start = Instant::now();
    let mut health = Health::default();
    for second in [0, 5, 10, 15] {
        health.take(figures(start, second, 1));
    }
    let told = health.tick() - 2;
    assert!(health.host_after(told).is_none());
    assert_eq!(health.machines_after(told).count(), 0);
    health.take(figures(start, 20, 5));
    assert!(health.host_after(told).is_some());
    assert_eq!(health.machines_after(told).count(), 1);
}

#[test]
fn a_stopped_machine_has_no_figures() {
    let start = Instant::now();
    let mut health = Health::default();
    health.take(figures(start, 0, 1));
    assert!(health.machine(VM).is_some());
    health.take(Figures {
        machines: vec![],
        ..figures(start, 5, 1)
    });
    assert!(health.machine(VM).is_none() && health.machine_now(VM).is_none());
}

#[test]
fn a_counter_that_began_anew_gives_no_rate() {
    let start = Instant::now();
    let mut health = Health::default();
    health.take(figures(start, 50, 1));
    let mut anew = figures(start, 55, 1);
    anew.host.cpu_busy_ns = Some(1);
    anew.machines[0].cpu_ns = Some(1);
    health.take(anew);
    assert_eq!(health.machine_now(VM).unwrap().cpu_permille, None);
}

#[test]
fn the_originals_samples_are_newest_first() {
    let start = Instant::now();
    let mut health = Health::default();
    health.take(figures(start, 0, 1));
    health.take(figures(start, 5, 1));
    let newest = &health.recent()[0];
    assert!((newest.idle_percent - 90.0).abs() < 0.01);
    assert_eq!(newest.networks, [("eth0".to_owned(), 7_500)]);
    assert!(
        newest.date.starts_with("2027-01-15 08:00:05."),
        "{}",
        newest.date
    );
}
