//! The operator's engine and the real agent over a simulated hypervisor: both ends of the wire at once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;

use archipel_agent::{
    Adopt, Agent, Bus, Clock, Credentials, Deadlines, Parts, Pools, Rules, Store, VmSessions,
    logging::LogTail,
};
use archipel_bus::{LoginGate, Timing, TlsClient};
use archipel_config::{BusSettings, Secret};
use archipel_fleet::{Fleet, Range, Run, plan};
use archipel_hypervisor::{SimulatedDriver, simulated};
use archipel_language::Verb;
use archipel_operator::Follow;
use archipel_protocol::{VmId, VmState, events, history::Metric};
use common::{Lab, PASSWORD, Screen, hv, lab};
use tempfile::TempDir;

/// An agent and what it works on.
struct Hypervisor {
    agent: Agent,
    _store: TempDir,
}

fn agent(lab: &Lab, machines: u32) -> Hypervisor {
    let folder = tempfile::tempdir().unwrap();
    let settings = BusSettings {
        hosts: vec![lab.server.starttls_addr().to_string().parse().unwrap()],
        ca_file: Some(lab.server.ca_pem_path().to_owned()),
        ..BusSettings::default()
    };
    let parts = Parts {
        account: hv(1).jid().clone(),
        credentials: Credentials::Password(Secret::new(PASSWORD.into())),
        hostname: "hv01".into(),
        bus: Bus {
            tls: TlsClient::new(&settings).unwrap(),
            settings,
            gate: LoginGate::default(),
            timing: Timing::default(),
        },
        rules: Rules {
            admins: vec!["olga@dc.example".parse().unwrap()],
            adopt: Adopt::Manage,
            ..Rules::default()
        },
        vm_sessions: VmSessions::None,
        driver: Arc::new(SimulatedDriver::new(simulated::machines(machines))),
        store: Store::open(folder.path()).unwrap(),
        pools: Pools::default(),
        deadlines: Deadlines::default(),
        clock: Clock::system(),
        log: LogTail::default(),
    };
    Hypervisor {
        agent: Agent::start(parts),
        _store: folder,
    }
}

async fn live(lab: &Lab, machines: u32) -> (Hypervisor, Screen) {
    let hypervisor = agent(lab, machines);
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), machines).await;
    (hypervisor, screen)
}

#[tokio::test]
async fn three_hundred_machines_are_listed_started_and_followed() {
    let Some(lab) = lab("real agent").await else {
        return;
    };
    let (hypervisor, mut screen) = live(&lab, 300).await;
    screen.handle.follow(Follow::All);
    let targets: Vec<_> = screen
        .fleet
        .vms_of(&hv(1))
        .take(50)
        .map(|vm| vm.at.clone())
        .collect();
    let start = Verb::by_id("vm.start").unwrap();
    let run = screen
        .handle
        .execute(plan(&screen.fleet, start, &targets))
        .unwrap();
    let over = |fleet: &Fleet| fleet.run(run).is_some_and(Run::is_over);
    screen.until("the run is over", over).await;
    assert_eq!(screen.fleet.run(run).unwrap().progress().done, 50);
    let running = |fleet: &Fleet| fleet.counts().of(VmState::Running) == 50;
    screen.until("the feed says so", running).await;
    let told = |fleet: &Fleet| {
        let log: std::collections::BTreeSet<VmId> =
            fleet.log().filter_map(|entry| entry.event.vm).collect();
        targets.iter().all(|vm| log.contains(&vm.vm))
    };
    screen.until("the log says so", told).await;
    screen.stop().await;
    hypervisor.agent.stop().await;
}

#[tokio::test]
async fn definitions_information_history_and_logs_are_answered() {
    let Some(lab) = lab("questions").await else {
        return;
    };
    let (hypervisor, mut screen) = live(&lab, 3).await;
    let vm = screen.fleet.vms_of(&hv(1)).next().unwrap().at.clone();
    let text = screen.handle.definition(&vm).await.unwrap();
    assert!(text.contains("<name>vm-1</name>"), "{text}");
    let info = screen.handle.info(&vm).await.unwrap().unwrap();
    assert_eq!(info.state, VmState::Off);
    let query = events::Query {
        after: None,
        limit: 10,
        ..events::Query::default()
    };
    let page = screen.handle.events(&hv(1), query).await.unwrap();
    assert!(page.newest >= u64::try_from(page.events.len()).unwrap());

    screen.handle.history(hv(1), Range::Hour);
    let known = |fleet: &Fleet| {
        let own = fleet.hypervisor(&hv(1)).unwrap();
        own.history(Metric::Cpu, Range::Hour).is_some()
    };
    screen.until("the past is known", known).await;
    screen.stop().await;
    hypervisor.agent.stop().await;
}

#[tokio::test]
async fn an_agent_that_starts_anew_is_in_sync_again() {
    let Some(lab) = lab("agent restarted").await else {
        return;
    };
    let (hypervisor, mut screen) = live(&lab, 5).await;
    hypervisor.agent.stop().await;
    let gone = |fleet: &Fleet| fleet.counts().stale == 5;
    screen.until("it is gone", gone).await;
    let hypervisor = agent(&lab, 4);
    screen.until_live(&hv(1), 4).await;
    screen.stop().await;
    hypervisor.agent.stop().await;
}
