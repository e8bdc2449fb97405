//! Private libvirt daemons: the test driver, and real guests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use archipel_lab::{
    Acceleration, Driver, Fleet, Guest, GuestImage, Libvirtd, MachineState, Patience, missing,
    skip, until,
};

#[tokio::test]
async fn clients_of_a_test_daemon_share_its_machines() {
    if let Some(reason) = missing(&["libvirtd", "virsh"]) {
        return skip("clients_of_a_test_daemon_share_its_machines", &reason);
    }
    let (one, two) = (start(Driver::Test).await, start(Driver::Test).await);
    one.virsh(&["suspend", "test"]).await.unwrap();
    assert_eq!(one.virsh(&["domstate", "test"]).await.unwrap(), "paused");
    assert_eq!(two.virsh(&["domstate", "test"]).await.unwrap(), "running");
}

#[tokio::test]
async fn a_filled_fleet_is_in_the_states_it_names() {
    if let Some(reason) = missing(&["libvirtd", "virsh"]) {
        return skip("a_filled_fleet_is_in_the_states_it_names", &reason);
    }
    let libvirt = start(Driver::Test).await;
    let fleet = Fleet::of_host(2);
    fleet.fill(&libvirt).await.unwrap();
    for machine in fleet.machines() {
        let expected = match machine.state {
            MachineState::Running => "running",
            MachineState::Paused => "paused",
            MachineState::Off => "shut off",
        };
        assert_eq!(
            libvirt.virsh(&["domstate", &machine.uuid]).await.unwrap(),
            expected,
            "{}",
            machine.name
        );
    }
    assert!(libvirt.virsh(&["domstate", "test"]).await.is_err());
}

#[tokio::test]
async fn comes_back_on_the_same_socket() {
    if let Some(reason) = missing(&["libvirtd", "virsh"]) {
        return skip("comes_back_on_the_same_socket", &reason);
    }
    let mut libvirt = start(Driver::Test).await;
    let before = libvirt.uri();
    libvirt.kill().await;
    assert!(libvirt.virsh(&["list"]).await.is_err());
    libvirt.restart().await.unwrap();
    assert_eq!(libvirt.uri(), before);
    libvirt.virsh(&["suspend", "test"]).await.unwrap();
    assert_eq!(
        libvirt.virsh(&["domstate", "test"]).await.unwrap(),
        "paused"
    );
}

#[tokio::test]
async fn a_real_guest_boots_and_survives_its_daemon() {
    if let Some(reason) = missing(&GuestImage::PROGRAMS) {
        return skip("a_real_guest_boots_and_survives_its_daemon", &reason);
    }
    let image = GuestImage::get().await.unwrap();
    let mut libvirt = start(Driver::Qemu).await;
    let guest = Guest::define(&libvirt, &image, Acceleration::Tcg, 1)
        .await
        .unwrap();
    libvirt.virsh(&["start", guest.name()]).await.unwrap();
    guest.wait_for_boot(1).await.unwrap();
    libvirt.kill().await;
    libvirt.restart().await.unwrap();
    assert_eq!(state(&libvirt, &guest).await, "running");
    libvirt.virsh(&["shutdown", guest.name()]).await.unwrap();
    until("the guest's end", Patience::USUAL, async || {
        (state(&libvirt, &guest).await == "shut off").then_some(())
    })
    .await
    .unwrap();
}

async fn start(driver: Driver) -> Libvirtd {
    Libvirtd::start(driver).await.unwrap()
}

async fn state(libvirt: &Libvirtd, guest: &Guest) -> String {
    libvirt.virsh(&["domstate", guest.uuid()]).await.unwrap()
}
