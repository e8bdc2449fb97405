//! A real guest under QEMU.
#![allow(clippy::unwrap_used)]

mod common;

use archipel_hypervisor::{Driver, DriverEvent, Lifecycle, Power};
use archipel_lab::{Acceleration, Guest, GuestImage};
use archipel_libvirt::LibvirtDriver;
use archipel_protocol::{VmId, VmState};
use common::{Daemon, hear};

#[test]
fn a_guest_boots_pauses_outlives_its_daemon_and_dies() {
    let Some(daemon) = Daemon::with_qemu("a real guest") else {
        return;
    };
    let Ok(image) = daemon.run(GuestImage::get()) else {
        archipel_lab::skip("a real guest", "its image could not be fetched");
        return;
    };
    let guest = daemon
        .run(Guest::define(
            &daemon.libvirtd(),
            &image,
            Acceleration::Tcg,
            1,
        ))
        .unwrap();
    let id: VmId = guest.uuid().parse().unwrap();
    let driver = LibvirtDriver::open(&daemon.uri()).unwrap();
    let mut news = driver.subscribe();
    let mut step = |power, what, state| {
        driver.power(id, power).unwrap();
        let awaited = DriverEvent::Machine { id, what };
        hear(&mut news, &format!("{awaited:?}"), |event| {
            *event == awaited
        });
        assert_eq!(driver.domain(id).unwrap().state, state);
    };

    assert_eq!(driver.domain(id).unwrap().state, VmState::Off);
    step(Power::Start, Lifecycle::Started, VmState::Running);
    daemon.run(guest.wait_for_boot(1)).unwrap();
    let told = driver.statistics().unwrap();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].cpu_ns > Some(0) && told[0].resident_kib > Some(0),
        "{told:?}"
    );
    assert!(told[0].disk_read > Some(0), "{told:?}");
    assert_eq!(driver.domains().unwrap(), [driver.domain(id).unwrap()]);
    step(Power::Suspend, Lifecycle::Suspended, VmState::Paused);
    step(Power::Resume, Lifecycle::Resumed, VmState::Running);

    daemon.kill();
    daemon.restart();
    let mut news = driver.subscribe();
    if driver.node().is_err() {
        hear(&mut news, "restored", |event| {
            *event == DriverEvent::Restored
        });
    }
    assert_eq!(
        driver.domain(id).unwrap().state,
        VmState::Running,
        "the guest never noticed"
    );
    driver.power(id, Power::Destroy).unwrap();
    let stopped = DriverEvent::Machine {
        id,
        what: Lifecycle::Stopped,
    };
    hear(&mut news, "stopped", |event| *event == stopped);
    assert_eq!(driver.domain(id).unwrap().state, VmState::Off);
}
