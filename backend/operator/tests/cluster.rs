//! Two nodes of one bus, one of them killed in the midst of commands: agents and operator move over, and what the driver was asked to
//! do is what was accepted, once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{collections::HashMap, sync::Arc};

use archipel_agent::{
    Adopt, Agent, Bus, Clock, Credentials, Deadlines, Parts, Pools, Rules, Store, VmSessions,
    logging::LogTail,
};
use archipel_bus::{LoginGate, Timing, TlsClient};
use archipel_config::{BusSettings, Environment, Flags, Paths, Profile as Settled, Secret};
use archipel_fleet::{Fleet, StepState, VmRef, plan};
use archipel_hypervisor::{
    SimulatedDriver,
    simulated::{Call, machines},
};
use archipel_lab::{Cluster, Profile, ServerKind, ServerOptions, missing, skip};
use archipel_language::Verb;
use archipel_operator::{Clock as OperatorClock, Settings};
use archipel_protocol::{VmId, VmState};
use common::{PASSWORD, Screen, hv};
use tempfile::TempDir;

const HOSTS: u8 = 3;
const MACHINES: u32 = 8;

/// An agent, what it works on, and what it was asked.
struct Host {
    driver: Arc<SimulatedDriver>,
    _agent: Agent,
    _store: TempDir,
}

/// The bus as `number`'s account is told it: half of the hosts begin with the other node.
fn settings(cluster: &Cluster, number: u8) -> BusSettings {
    let mut addresses = cluster.addresses();
    if number.is_multiple_of(2) {
        addresses.reverse();
    }
    BusSettings {
        hosts: addresses
            .map(|address| address.to_string().parse().unwrap())
            .to_vec(),
        ca_file: Some(cluster.node(0).ca_pem_path().to_owned()),
        ..BusSettings::default()
    }
}

fn host(cluster: &Cluster, number: u8) -> Host {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(cluster, number);
    let driver = Arc::new(SimulatedDriver::new(machines(MACHINES)));
    let parts = Parts {
        account: hv(number).jid().clone(),
        credentials: Credentials::Password(Secret::new(PASSWORD.into())),
        hostname: format!("hv{number:02}"),
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
        driver: driver.clone(),
        store: Store::open(folder.path()).unwrap(),
        pools: Pools::default(),
        deadlines: Deadlines::default(),
        clock: Clock::system(),
        log: LogTail::default(),
    };
    Host {
        driver,
        _agent: Agent::start(parts),
        _store: folder,
    }
}

fn screen(cluster: &Cluster, folder: &TempDir) -> Screen {
    let [first, second] = cluster.addresses();
    let authority = cluster.node(0).ca_pem_path().display().to_string();
    let values = |name: &str| match name {
        "ARCHIPEL_JID" => Some("olga@dc.example".to_owned()),
        "ARCHIPEL_HOSTS" => Some(format!("{first},{second}")),
        "ARCHIPEL_CA_FILE" => Some(authority.clone()),
        _ => None,
    };
    let paths = Paths::under(folder.path());
    let environment = Environment::from_lookup(values);
    let profile = Settled::load(&paths, &Flags::default(), &environment).unwrap();
    let own = paths.profile(&profile.name);
    let secret = Secret::new(PASSWORD.into());
    Screen::start(Settings::new(profile, secret, own, OperatorClock::start()))
}

async fn live(screen: &mut Screen) {
    for number in 1..=HOSTS {
        screen.until_live(&hv(number), MACHINES).await;
    }
}

/// The machines that are off.
fn off(fleet: &Fleet) -> Vec<VmRef> {
    let off = fleet.vms().filter(|vm| vm.state == VmState::Off);
    off.map(|vm| vm.at.clone()).collect()
}

/// How often each machine's state was changed, below the agent.
fn changes(host: &Host) -> HashMap<VmId, usize> {
    let mut counted = HashMap::new();
    for call in host.driver.calls() {
        if let Call::Power(id, _) = call {
            *counted.entry(id).or_default() += 1;
        }
    }
    counted
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_node_loses_and_doubles_nothing() {
    if let Some(reason) = missing(ServerKind::Ejabberd.programs()) {
        return skip("cluster", &reason);
    }
    let options = ["olga", "hv01", "hv02", "hv03"]
        .into_iter()
        .fold(ServerOptions::new("dc.example"), |options, name| {
            options.account(name, PASSWORD)
        })
        .profile(Profile::Fleet);
    let mut cluster = Cluster::start(options).await.unwrap();
    let hosts: Vec<Host> = (1..=HOSTS).map(|number| host(&cluster, number)).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut screen = screen(&cluster, &folder);
    for number in 1..=HOSTS {
        screen.handle.add(hv(number)).await.unwrap();
    }
    live(&mut screen).await;

    let targets = off(&screen.fleet);
    assert!(!targets.is_empty());
    let verb = Verb::by_id("vm.start").unwrap();
    let planned = plan(&screen.fleet, verb, &targets);
    let run = screen.handle.execute(planned).unwrap();
    // Some are on their way, none has to be through.
    screen
        .until("the run began", |fleet| fleet.run(run).is_some())
        .await;
    cluster.node_mut(0).kill().await;

    screen
        .until("every command has its result", |fleet| {
            fleet.run(run).is_some_and(archipel_fleet::Run::is_over)
        })
        .await;
    live(&mut screen).await;
    settled(&screen, run, &hosts);
    assert!(
        screen
            .fleet
            .hypervisors()
            .all(|host| host.reach.is_online()),
        "all are on the node that is left"
    );

    cluster.node_mut(0).restart().await.unwrap();
    cluster.both_are_members().await.unwrap();
    cluster.node_mut(1).kill().await;
    live(&mut screen).await;
    screen.stop().await;
}

/// Accepted is done, once; what was not accepted was done at most once.
fn settled(screen: &Screen, run: archipel_fleet::RunId, hosts: &[Host]) {
    let run = screen.fleet.run(run).unwrap();
    for step in &run.steps {
        let number = (1..=HOSTS)
            .find(|number| hv(*number) == step.vm.hypervisor)
            .unwrap();
        let asked = changes(&hosts[usize::from(number) - 1]);
        let times = asked.get(&step.vm.vm).copied().unwrap_or_default();
        match &step.state {
            StepState::Done => assert_eq!(times, 1, "{} was accepted", step.name),
            other => assert!(times <= 1, "{}: {other:?}, {times} times", step.name),
        }
    }
}
