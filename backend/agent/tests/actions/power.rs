//! Power, what machines are given, protection.

use crate::common::{Site, driver, eventually, vm};
use archipel_hypervisor::Driver as _;
use archipel_lab::ServerKind;
use archipel_protocol::{
    Reply, Request, VmState,
    failure::FailureKind,
    feed::Detail,
    vm_control::{self, Action as Control},
    vm_definition,
    vm_resources::{self, Action as Give, When},
};

use crate::say::{control, flags, give, refused};

#[tokio::test]
async fn power_memory_processors_and_names() {
    let Some(site) = Site::start(ServerKind::Prosody, "power, memory, names").await else {
        return;
    };
    let driver = driver(3);
    let _agent = site.agent(&driver).await;
    let (admin, eve) = (site.client("admin").await, site.client("eve").await);
    let known = async || {
        control(&admin, vm(1), vm_control::Action::Info)
            .await
            .is_ok()
    };
    eventually("the machine is known", known).await;

    for action in [
        Control::Reset,
        Control::Save,
        Control::Restore,
        Control::Discard,
        Control::Protect { on: true },
    ] {
        let denied = control(&eve, vm(1), action).await.unwrap_err();
        assert_eq!(denied.kind, FailureKind::Forbidden);
    }
    let rename = |name: &str| Give::Rename { name: name.into() };
    assert_eq!(
        give(&eve, vm(1), rename("x")).await.unwrap_err().kind,
        FailureKind::Forbidden
    );

    // Saved memory.
    admin.watch("states", Detail::State).await;
    control(&admin, vm(1), Control::Create).await.unwrap();
    control(&admin, vm(1), Control::Reset).await.unwrap();
    control(&admin, vm(1), Control::Save).await.unwrap();
    eventually("the feed tells of saved memory", async || {
        flags(&admin, "saved", vm(1)).await.saved
    })
    .await;
    control(&admin, vm(1), Control::Restore).await.unwrap();
    let failure = control(&admin, vm(2), Control::Restore).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::WrongState, "{failure}");
    let failure = control(&admin, vm(2), Control::Reset).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::WrongState, "{failure}");

    // Memory and processors: at once where it runs, else from the next start on.
    let memory = |kib, when| Give::Memory { kib, when };
    give(&admin, vm(1), memory(524_288, None)).await.unwrap();
    give(&admin, vm(2), memory(1 << 22, None)).await.unwrap();
    give(
        &admin,
        vm(1),
        Give::SetVcpus {
            count: 3,
            when: Some(When::Next),
        },
    )
    .await
    .unwrap();
    assert_eq!(driver.domain(vm(1)).unwrap().memory_kib, 524_288);
    assert_eq!(driver.domain(vm(2)).unwrap().max_memory_kib, 1 << 22);
    let few = refused(
        &admin,
        vm(1),
        Request::VmResources(memory(9, None)),
        |kind| matches!(kind, FailureKind::Invalid { .. }),
    )
    .await;
    assert!(few.contains("KiB"), "{few}");
    let pin = |cpus: &str| Give::Pin {
        vcpu: 0,
        cpus: cpus.into(),
        when: None,
    };
    give(&admin, vm(1), pin("0-1")).await.unwrap();
    let nonsense = give(&admin, vm(1), pin("all")).await.unwrap_err();
    assert!(
        matches!(nonsense.kind, FailureKind::Invalid { .. }),
        "{nonsense}"
    );

    // Names.
    give(&admin, vm(2), rename("web02")).await.unwrap();
    assert_eq!(driver.domain(vm(2)).unwrap().name, "web02");
    let taken = give(&admin, vm(3), rename("WEB02")).await.unwrap_err();
    assert_eq!(taken.kind, FailureKind::Conflict);
    let running = give(&admin, vm(1), rename("other")).await.unwrap_err();
    assert_eq!(running.kind, FailureKind::WrongState);
    let bad = give(&admin, vm(2), rename("a/b")).await.unwrap_err();
    assert!(matches!(bad.kind, FailureKind::Invalid { .. }), "{bad}");

    // Traffic.
    let Reply::VmResources(vm_resources::Reply::Interfaces(interfaces)) =
        give(&admin, vm(1), Give::NetworkInfo).await.unwrap()
    else {
        panic!("no interfaces");
    };
    assert_eq!(interfaces[0].name, "net0");
}

#[tokio::test]
async fn a_protected_machine_is_not_stopped_hard_nor_robbed() {
    let Some(site) = Site::start(ServerKind::Ejabberd, "protection").await else {
        return;
    };
    let driver = driver(1);
    let agent = site.agent(&driver).await;
    let admin = site.client("admin").await;
    let known = async || {
        control(&admin, vm(1), vm_control::Action::Info)
            .await
            .is_ok()
    };
    eventually("the machine is known", known).await;
    control(&admin, vm(1), Control::Protect { on: true })
        .await
        .unwrap();
    assert!(flags(&admin, "guarded", vm(1)).await.protected);
    control(&admin, vm(1), Control::Create).await.unwrap();
    for action in [Control::Destroy, Control::Reset, Control::Discard] {
        let failure = control(&admin, vm(1), action).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::WrongState);
        assert!(failure.text.contains("protected"), "{failure}");
    }
    let undefine = Request::VmDefinition(vm_definition::Action::Undefine);
    refused(&admin, vm(1), undefine, |kind| {
        *kind == FailureKind::WrongState
    })
    .await;
    assert_eq!(driver.domain(vm(1)).unwrap().state, VmState::Running);

    agent.stop().await;
    let _again = site.agent(&driver).await;
    eventually("protection outlives the agent", async || {
        flags(&admin, "again", vm(1)).await.protected
    })
    .await;
    control(&admin, vm(1), Control::Protect { on: false })
        .await
        .unwrap();
    control(&admin, vm(1), Control::Destroy).await.unwrap();
}
