//! Copies of machines: full and linked, what is their own, and that nothing is left of one that fails.

use std::sync::Arc;

use archipel_hypervisor::{
    Driver as _, DriverError, ErrorKind, SimulatedDriver, View,
    simulated::{Call, Fault},
};
use archipel_lab::ServerKind;
use archipel_protocol::{
    Request, VmId, VmState,
    failure::FailureKind,
    feed::{Detail, Row},
    machines::{Action, Copying},
    vm_control::Action as Control,
    vm_resources::{Action as Give, Disks},
};

use crate::{
    common::{Client, Site, driver, eventually, vm},
    say::{address, ask, control, define, give, known, machines},
};

fn clone(of: VmId, name: &str, copy: Option<Copying>) -> Action {
    Action::Clone {
        jid: Some(address(of)),
        name: Some(name.into()),
        copy,
    }
}

/// The first machine with a disk, an interface and a common medium.
async fn furnished(site: &Site, driver: &Arc<SimulatedDriver>) -> String {
    let admin = site.client("admin").await;
    known(&admin, vm(1)).await;
    let id = vm(1);
    let text = driver.secure_definition(id, View::Next).unwrap();
    let devices = format!(
        "<devices>\
         <disk type='file'><driver name='qemu' type='raw'/><source file='/no/images/{id}-vda.raw'/><target dev='vda'/></disk>\
         <disk type='file' device='cdrom'><source file='/no/images/any.iso'/><target dev='sda'/><readonly/></disk>\
         <interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/></interface></devices></domain>"
    );
    let text = text
        .replace("<devices/>", "")
        .replace("</domain>", &devices);
    define(&admin, id, &text).await.unwrap();
    let disk = format!("/no/images/{id}-vda.raw");
    driver.add_volume(&disk);
    disk
}

/// The machine of this name.
fn named(driver: &SimulatedDriver, name: &str) -> Option<VmId> {
    let all = driver.truth();
    all.iter()
        .find(|domain| domain.name == name)
        .map(|domain| domain.id)
}

#[tokio::test]
async fn a_full_copy_shares_nothing() {
    let Some(site) = Site::start(ServerKind::Prosody, "full copies").await else {
        return;
    };
    let driver = driver(2);
    let _agent = site.agent(&driver).await;
    let disk = furnished(&site, &driver).await;
    let (admin, eve) = (site.client("admin").await, site.client("eve").await);
    let denied = machines(&eve, clone(vm(1), "twin", None))
        .await
        .unwrap_err();
    assert_eq!(denied.kind, FailureKind::Forbidden);
    let taken = machines(&admin, clone(vm(1), "vm-2", None))
        .await
        .unwrap_err();
    assert_eq!(taken.kind, FailureKind::Conflict);
    let unknown = machines(&admin, clone(VmId::from_bytes([9; 16]), "x", None))
        .await
        .unwrap_err();
    assert_eq!(unknown.kind, FailureKind::NotFound);

    machines(&admin, clone(vm(1), "twin", None)).await.unwrap();
    let twin = named(&driver, "twin").unwrap();
    let text = driver.secure_definition(twin, View::Next).unwrap();
    assert!(
        text.contains(&format!("/no/images/{twin}-vda.raw")),
        "{text}"
    );
    assert!(
        text.contains("any.iso") && text.contains("<interface"),
        "{text}"
    );
    for own in [&vm(1).to_string(), "52:54:00:00:00:01", "nvram"] {
        assert!(!text.contains(own), "{own}: {text}");
    }
    assert_eq!(driver.volumes().len(), 2);
    // By the machine's own name on the wire, and a name that the agent chooses.
    let request = Request::Machines(Action::Clone {
        jid: None,
        name: None,
        copy: Some(Copying::Full),
    });
    ask(&admin, vm(1), request).await.unwrap();
    let second = named(&driver, "vm-1-copy").unwrap();
    give(
        &admin,
        second,
        Give::Free {
            disks: Some(Disks::Delete),
        },
    )
    .await
    .unwrap();
    assert!(driver.volumes().contains(&disk) && driver.volumes().len() == 2);

    control(&admin, vm(1), Control::Create).await.unwrap();
    let running = async || {
        let failure = machines(&admin, clone(vm(1), "late", None)).await;
        failure.is_err_and(|failure| failure.kind == FailureKind::WrongState)
    };
    eventually("a machine that runs is not copied", running).await;
}

/// Waits until the agent knows that the first machine starts with its host, or no longer.
async fn starts_with_host(admin: &Client, on: bool) {
    eventually("the autostart to be known", async || {
        let rows = admin.watch("autostart", Detail::State).await;
        rows.iter()
            .any(|row| matches!(row, Row::Vm(row) if row.id == vm(1) && row.flags.autostart == on))
    })
    .await;
}

#[tokio::test]
async fn a_linked_copy_keeps_its_first_at_rest() {
    let Some(site) = Site::start(ServerKind::Ejabberd, "linked copies").await else {
        return;
    };
    let driver = driver(1);
    let agent = site.agent(&driver).await;
    let disk = furnished(&site, &driver).await;
    let admin = site.client("admin").await;
    let autostart = async |on| control(&admin, vm(1), Control::Autostart { on }).await;
    let linked = || machines(&admin, clone(vm(1), "leaf", Some(Copying::Linked)));
    autostart(true).await.unwrap();
    starts_with_host(&admin, true).await;
    let refused = linked().await.unwrap_err();
    assert!(refused.text.contains("autostart"), "{refused}");
    autostart(false).await.unwrap();
    starts_with_host(&admin, false).await;
    linked().await.unwrap();
    assert_eq!(
        autostart(true).await.unwrap_err().kind,
        FailureKind::WrongState
    );
    for disks in [None, Some(Disks::Delete)] {
        let refused = give(&admin, vm(1), Give::Free { disks }).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::WrongState);
        assert!(refused.text.contains("`leaf`"), "{refused}");
    }
    let leaf = named(&driver, "leaf").unwrap();
    let text = driver.secure_definition(leaf, View::Next).unwrap();
    assert!(
        text.contains("type='qcow2'") || text.contains("type=\"qcow2\""),
        "{text}"
    );
    assert_eq!(
        driver.delete_volume(&disk).unwrap_err().kind,
        ErrorKind::Busy
    );
    let refused = control(&admin, vm(1), Control::Create).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::WrongState);
    assert!(refused.text.contains("`leaf`"), "{refused}");
    agent.stop().await;
    let _again = site.agent(&driver).await;
    known(&admin, vm(1)).await;
    assert!(control(&admin, vm(1), Control::Create).await.is_err());
    control(&admin, leaf, Control::Create).await.unwrap();
    give(
        &admin,
        leaf,
        Give::Free {
            disks: Some(Disks::Delete),
        },
    )
    .await
    .unwrap();
    control(&admin, vm(1), Control::Create).await.unwrap();
    assert_eq!(driver.truth_of(vm(1)).unwrap().state, VmState::Running);
}

#[tokio::test]
async fn nothing_is_left_of_a_copy_that_fails() {
    let Some(site) = Site::start(ServerKind::Prosody, "copies that fail").await else {
        return;
    };
    let driver = driver(1);
    let _agent = site.agent(&driver).await;
    let disk = furnished(&site, &driver).await;
    let admin = site.client("admin").await;
    for call in [Call::CopyVolume, Call::Define] {
        let full = DriverError::new(ErrorKind::Failed, "the disk is full");
        driver.inject(Fault::fail(full).on(move |seen| *seen == call));
        let failure = machines(&admin, clone(vm(1), "half", None))
            .await
            .unwrap_err();
        assert!(failure.text.contains("the disk is full"), "{failure}");
        driver.heal();
        assert_eq!(driver.volumes(), [disk.as_str()]);
        assert_eq!(named(&driver, "half"), None);
    }
    machines(&admin, clone(vm(1), "half", None)).await.unwrap();
}
