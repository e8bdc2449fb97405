//! What is asked a thousand times a day must cost nothing that stays. Alone in its program: memory is the process's.
#![allow(clippy::unwrap_used)]

mod common;

use std::{fmt::Write as _, fs};

use archipel_domain::{Summary, skeleton};
use archipel_hypervisor::Driver;
use archipel_libvirt::LibvirtDriver;
use archipel_protocol::VmId;
use common::until;

const MACHINES: u32 = 500;
const POLLS: usize = 500;

/// A file for libvirt's test driver: a host and its running machines, a state of its own for each connection.
fn node_file(folder: &tempfile::TempDir) -> String {
    let mut text = "<node>".to_owned();
    for number in 1..=MACHINES {
        let facts = Summary {
            name: format!("vm-{number}"),
            uuid: Some(VmId::from_bytes(u128::from(number).to_be_bytes()).to_string()),
            title: None,
            memory_kib: 1 << 20,
            max_memory_kib: 1 << 20,
            vcpus: 1,
            max_vcpus: 1,
        };
        write!(text, "{}", skeleton("test", &facts)).unwrap();
    }
    let file = folder.path().join("node.xml");
    fs::write(&file, text + "</node>").unwrap();
    format!("test://{}", file.display())
}

/// Resident memory of this process, KiB.
fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn threads_named(name: &str) -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|comm| comm.trim() == name).count()
}

#[test]
fn polls_and_drivers_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let uri = node_file(&folder);
    let driver = LibvirtDriver::open(&uri).unwrap();
    let poll = || {
        assert_eq!(driver.statistics().unwrap().len(), MACHINES as usize);
        assert_eq!(driver.domains().unwrap().len(), MACHINES as usize);
    };
    (0..20).for_each(|_| poll());
    let before = resident_kib();
    (0..POLLS).for_each(|_| poll());
    // Unfreed records alone would be 350 bytes for each machine and poll: 85 MB.
    let grown = resident_kib().saturating_sub(before);
    assert!(
        grown < 8 << 10,
        "{grown} KiB more after {POLLS} polls of {MACHINES} machines"
    );

    drop(driver);
    for _ in 0..20 {
        let driver = LibvirtDriver::open("test:///default").unwrap();
        assert!(driver.node().is_ok());
    }
    until("all supervisors have ended", || {
        (threads_named("libvirt-link") == 0).then_some(())
    });
    assert_eq!(threads_named("libvirt-events"), 1);
}
