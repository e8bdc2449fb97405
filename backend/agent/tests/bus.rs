//! An agent over a simulated driver on real servers, as people on the bus see it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_hypervisor::{
    Power,
    simulated::{Call, Change},
};
use archipel_lab::ServerKind;
use archipel_protocol::{
    Command, IqKind, Request, VmState,
    failure::FailureKind,
    feed::{Detail, Row},
    hypervisor_control::{self, parse_roster},
    operation::echoed,
    vm_control::Action,
};
use common::{Site, driver, hypervisor, operation, vm};

/// The whole way: list, watch, start, see it start.
async fn a_machine_is_started_and_seen_to_start(kind: ServerKind) {
    let Some(site) = Site::start(kind, "a machine is started").await else {
        return;
    };
    let driver = driver(3);
    let agent = site.agent(&driver).await;
    let mut admin = site.client("admin").await;

    let roster = Command::new(Request::HypervisorControl(
        hypervisor_control::Action::RosterVm,
    ));
    let items = parse_roster(&admin.command(&roster).await.unwrap()).unwrap();
    assert_eq!(items.len(), 3);
    assert!(items.iter().all(|item| item.managed));
    assert_eq!(items[0].jid.resource().unwrap().as_str(), "hv01");

    let rows = admin.watch("w1", Detail::Metrics).await;
    let machines = rows.iter().filter(|row| matches!(row, Row::Vm(_)));
    assert_eq!(machines.count(), 3);
    assert!(matches!(&rows[0], Row::Host(host) if host.rights.allow("create")));

    let answer = admin.vm(vm(2), Action::Create).await.unwrap();
    assert!(archipel_protocol::vm_control::parse_created(&answer).is_ok());
    admin.until_state(vm(2), VmState::Running).await;

    driver
        .outside(Change::Power(vm(2), Power::Destroy))
        .unwrap();
    admin.until_state(vm(2), VmState::Off).await;
    agent.stop().await;
}

#[tokio::test]
async fn a_machine_is_started_on_prosody() {
    a_machine_is_started_and_seen_to_start(ServerKind::Prosody).await;
}

#[tokio::test]
async fn a_machine_is_started_on_ejabberd() {
    a_machine_is_started_and_seen_to_start(ServerKind::Ejabberd).await;
}

#[tokio::test]
async fn a_stranger_is_refused_everything() {
    let Some(site) = Site::start(ServerKind::Prosody, "a stranger is refused").await else {
        return;
    };
    let driver = driver(1);
    let _agent = site.agent(&driver).await;
    let eve = site.client("eve").await;
    driver.take_calls();
    for action in [Action::Info, Action::Create, Action::XmlDesc] {
        let refused = eve.vm(vm(1), action).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Forbidden);
        let text = format!("Cannot use '{}': permission denied", action.word());
        assert_eq!(refused.text, text);
    }
    let watch = archipel_protocol::feed::Watch {
        id: "w".parse().unwrap(),
        known: None,
        detail: Detail::State,
        every_s: 1,
    };
    let refused = eve.update(watch.to_element()).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
    let changed = driver.calls().into_iter().any(|call| call.changes());
    assert!(!changed, "{:?}", driver.calls());
}

#[tokio::test]
async fn an_operation_is_carried_out_once() {
    let Some(site) = Site::start(ServerKind::Prosody, "an operation").await else {
        return;
    };
    let driver = driver(2);
    let agent = site.agent(&driver).await;
    let admin = site.client("admin").await;
    let start = |number| {
        Command::new(Request::VmControl(Action::Create))
            .for_vm(vm(number))
            .with_operation(operation("op-1"))
    };
    let first = admin.command(&start(1)).await.unwrap();
    assert_eq!(echoed(&first).unwrap().as_str(), "op-1");
    assert_eq!(admin.command(&start(1)).await.unwrap(), first);
    let other = admin.command(&start(2)).await.unwrap_err();
    assert_eq!(other.kind, FailureKind::Conflict);

    agent.stop().await;
    let _again = site.agent(&driver).await;
    assert_eq!(admin.command(&start(1)).await.unwrap(), first);
    let starts = driver.calls();
    let starts = starts.iter().filter(|call| matches!(call, Call::Power(..)));
    assert_eq!(starts.count(), 1);
}

#[tokio::test]
async fn a_change_sent_as_a_question_is_refused() {
    let Some(site) = Site::start(ServerKind::Prosody, "a change as get").await else {
        return;
    };
    let driver = driver(1);
    let _agent = site.agent(&driver).await;
    let admin = site.client("admin").await;
    let start = Command::new(Request::VmControl(Action::Create)).for_vm(vm(1));
    let refused = admin
        .ask(IqKind::Get, start.to_element())
        .await
        .unwrap_err();
    assert_eq!(
        refused.kind,
        FailureKind::Invalid {
            field: "type".into()
        }
    );
    let unknown = "<query xmlns='archipel:vm:control'><archipel action='fly'/></query>";
    let refused = admin
        .ask(IqKind::Set, unknown.parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(refused.kind, FailureKind::Unsupported);
    let foreign = "<query xmlns='urn:nobody'/>".parse().unwrap();
    let refused = admin.iq(IqKind::Get, hypervisor(), foreign).await;
    assert_eq!(refused.unwrap_err().kind, FailureKind::Unsupported);
}
