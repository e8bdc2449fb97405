//! Machines that are made, removed, managed and let go.

use crate::common::{Site, driver, eventually, jid, vm};
use archipel_hypervisor::Driver as _;
use archipel_lab::ServerKind;
use archipel_protocol::{
    VmState,
    definitions::Which,
    failure::FailureKind,
    feed::{Detail, Row},
    machines,
    vm_control::{self},
    vm_resources::Disks,
};

use crate::say::{address, alloc, control, define, definition, flags, machines, made};

#[tokio::test]
async fn machines_are_made_and_removed() {
    let Some(site) = Site::start(ServerKind::Prosody, "allocate and free").await else {
        return;
    };
    let driver = driver(2);
    let agent = site.agent(&driver).await;
    let (admin, eve) = (site.client("admin").await, site.client("eve").await);
    let known = async || definition(&admin, vm(1), Which::Next).await.is_ok();
    eventually("the machine is known", known).await;
    let denied = machines(&eve, alloc("shop", None)).await.unwrap_err();
    assert_eq!(denied.kind, FailureKind::Forbidden);
    let taken = machines(&admin, alloc("VM-1", None)).await.unwrap_err();
    assert_eq!(taken.kind, FailureKind::Conflict);

    // Without a definition; it is still there when the agent comes back.
    let bare = made(machines(&admin, alloc("shop", None)).await.unwrap());
    agent.stop().await;
    let _again = site.agent(&driver).await;
    let known = async || definition(&admin, vm(1), Which::Next).await.is_ok();
    eventually("the machine is known", known).await;
    let rows = admin.watch("rows", Detail::State).await;
    let state = rows.iter().find_map(|row| match row {
        Row::Vm(row) if row.id == bare => Some((row.name.clone(), row.state)),
        _ => None,
    });
    assert_eq!(state, Some(("shop".to_owned(), VmState::Undefined)));

    // With a definition, whose name and uuid are replaced.
    let text = definition(&admin, vm(1), Which::Next).await.unwrap();
    let own = format!(
        "<devices><disk type='file'><source file='/no/images/{bare}/root'/><target dev='vda'/></disk><disk type='file'><source file='/no/images/shared'/><target dev='vdb'/></disk></devices></domain>"
    );
    let text = text.replace("<devices/>", "").replace("</domain>", &own);
    let second = made(
        machines(&admin, alloc("second", Some(&text)))
            .await
            .unwrap(),
    );
    assert_eq!(driver.domain(second).unwrap().name, "second");
    define(
        &admin,
        bare,
        &text.replace(&vm(1).to_string(), &bare.to_string()),
    )
    .await
    .unwrap();

    // Protected, then freed with its disks: what another names stays.
    driver.add_volume(&format!("/no/images/{bare}/root"));
    driver.add_volume("/no/images/shared");
    control(&admin, bare, vm_control::Action::Protect { on: true })
        .await
        .unwrap();
    let free = |id, disks| machines::Action::Free {
        jid: address(id),
        disks,
    };
    let guarded = machines(&admin, free(bare, None)).await.unwrap_err();
    assert_eq!(guarded.kind, FailureKind::WrongState);
    control(&admin, bare, vm_control::Action::Protect { on: false })
        .await
        .unwrap();
    control(&admin, bare, vm_control::Action::Create)
        .await
        .unwrap();
    machines(&admin, free(second, Some(Disks::Keep)))
        .await
        .unwrap();
    assert_eq!(driver.volumes().len(), 2);
    machines(&admin, free(bare, None)).await.unwrap();
    assert_eq!(driver.volumes(), ["/no/images/shared"]);
    assert!(driver.domain(bare).is_err() && driver.domain(second).is_err());
    let gone = machines(&admin, free(bare, None)).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::NotFound);
    let nonsense = machines::Action::Free {
        jid: jid("olga").into(),
        disks: None,
    };
    let nonsense = machines(&admin, nonsense).await.unwrap_err();
    assert!(
        matches!(nonsense.kind, FailureKind::Invalid { .. }),
        "{nonsense}"
    );
}

#[tokio::test]
async fn machines_are_managed_and_let_go() {
    let Some(site) = Site::start(ServerKind::Ejabberd, "manage and unmanage").await else {
        return;
    };
    let driver = driver(2);
    let agent = site.agent(&driver).await;
    let admin = site.client("admin").await;
    let managed = async |watch: &str, id| flags(&admin, watch, id).await.managed;
    let known = async || definition(&admin, vm(1), Which::Next).await.is_ok();
    eventually("the machine is known", known).await;
    let target = |id| machines::Target { jid: address(id) };
    let unmanage = machines::Action::Unmanage {
        machines: vec![target(vm(1))],
    };
    machines(&admin, unmanage.clone()).await.unwrap();
    assert!(!managed("one", vm(1)).await && managed("two", vm(2)).await);
    let again = machines(&admin, unmanage).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::WrongState);
    agent.stop().await;
    let _again = site.agent(&driver).await;
    let there = async || definition(&admin, vm(2), Which::Next).await.is_ok();
    eventually("the machines are known", there).await;
    assert!(!managed("three", vm(1)).await);
    let manage = machines::Action::Manage {
        machines: vec![target(vm(1))],
    };
    machines(&admin, manage.clone()).await.unwrap();
    assert!(managed("four", vm(1)).await);
    assert_eq!(
        machines(&admin, manage).await.unwrap_err().kind,
        FailureKind::Conflict
    );
}
