//! What happens when the daemon does not do what it should.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use archipel_hypervisor::{Driver, DriverEvent, ErrorKind, Lifecycle, Power};
use archipel_libvirt::{LibvirtDriver, check};
use archipel_protocol::VmId;
use common::{Daemon, hear};
use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::mpsc::Receiver;

fn is_lost(event: &DriverEvent) -> bool {
    matches!(event, DriverEvent::Lost { .. })
}

fn stock_machine(driver: &LibvirtDriver) -> VmId {
    driver.domains().unwrap()[0].id
}

/// Calls answer, and events arrive.
fn assert_alive(driver: &LibvirtDriver, news: &mut Receiver<DriverEvent>) {
    let id = stock_machine(driver);
    for (power, what) in [
        (Power::Suspend, Lifecycle::Suspended),
        (Power::Resume, Lifecycle::Resumed),
    ] {
        driver.power(id, power).unwrap();
        let awaited = DriverEvent::Machine { id, what };
        hear(news, &format!("{awaited:?}"), |event| *event == awaited);
    }
}

#[test]
fn a_killed_daemon_is_told_and_events_live_after_it_is_back() {
    let Some(daemon) = Daemon::with_test_driver("a killed daemon") else {
        return;
    };
    let driver = LibvirtDriver::open(&daemon.uri()).unwrap();
    let mut news = driver.subscribe();
    assert_alive(&driver, &mut news);
    for _ in 0..2 {
        daemon.kill();
        let lost = hear(&mut news, "lost", is_lost);
        let DriverEvent::Lost { reason } = lost else {
            panic!("{lost:?}");
        };
        let error = driver.domains().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Lost, "{error}");
        assert!(
            error.message.contains("test+unix:///default")
                && reason.contains("test+unix:///default")
        );
        daemon.restart();
        hear(&mut news, "restored", |event| {
            *event == DriverEvent::Restored
        });
        assert_alive(&driver, &mut news);
    }
}

#[test]
fn a_daemon_that_comes_later_is_found() {
    let Some(daemon) = Daemon::with_test_driver("a late daemon") else {
        return;
    };
    daemon.kill();
    let driver = LibvirtDriver::open(&daemon.uri()).unwrap();
    let mut news = driver.subscribe();
    let error = driver.node().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Lost);
    assert!(
        error.message.contains("systemctl start libvirtd"),
        "{error}"
    );
    daemon.restart();
    hear(&mut news, "restored", |event| {
        *event == DriverEvent::Restored
    });
    assert_alive(&driver, &mut news);
}

/// Nothing but keep-alive tells a daemon that hangs from a slow one.
#[test]
fn while_the_daemon_hangs_calls_fail_at_once() {
    let Some(daemon) = Daemon::with_test_driver("a hanging daemon") else {
        return;
    };
    let driver = LibvirtDriver::open(&daemon.uri()).unwrap();
    let mut news = driver.subscribe();
    let pid = Pid::from_raw(i32::try_from(daemon.pid()).unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    hear(&mut news, "lost", is_lost);
    // The supervisor hangs in its attempt to open: nobody else does.
    for _ in 0..3 {
        assert_eq!(driver.domains().unwrap_err().kind, ErrorKind::Lost);
    }
    kill_process(pid, Signal::CONT).unwrap();
    hear(&mut news, "restored", |event| {
        *event == DriverEvent::Restored
    });
    assert_alive(&driver, &mut news);
}

#[test]
fn the_check_says_what_to_do() {
    let Some(daemon) = Daemon::with_test_driver("the check") else {
        return;
    };
    let node = check(&daemon.uri()).unwrap();
    assert_eq!(node.driver, "TEST");
    let refused = |uri: &str, kind, said: &[&str]| {
        let error = check(uri).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        for words in said {
            assert!(error.message.contains(words), "{error}");
        }
    };
    let nonsense = daemon.uri().replace("test+", "nonsense+");
    refused(
        &nonsense,
        ErrorKind::Unsupported,
        &["`nonsense+unix:///default`", "qemu:///system"],
    );
    daemon.kill();
    refused(
        &daemon.uri(),
        ErrorKind::Lost,
        &["`test+unix:///default`", "systemctl start libvirtd"],
    );
}
