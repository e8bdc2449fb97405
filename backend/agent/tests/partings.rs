//! How machines leave the bus, and come back to it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{sync::Arc, time::Duration};

use archipel_agent::{Agent, Deadlines, Parts, VmSessions};
use archipel_bus::{Account, LoginGate, Options, TlsClient, connect};
use archipel_config::{BusSettings, Endpoint, Secret};
use archipel_hypervisor::{
    SimulatedDriver,
    simulated::{Call, Change, Fault, Gate},
};
use archipel_lab::{ServerKind, ServerOptions};
use archipel_protocol::{
    Command, FullJid, Iq, IqKind, Request, VmId,
    feed::{Detail, Row, VmFlags},
    machines::{self, Target},
    vm_control::Action,
};
use common::{Client, DEADLINE, DOMAIN, Site, driver, driver_of, eventually, jid, online, vm};
use tokio::net::TcpListener;

fn machine(id: VmId) -> FullJid {
    format!("{id}@{DOMAIN}/hv01").parse().unwrap()
}

fn target(id: VmId) -> Vec<Target> {
    vec![Target {
        jid: machine(id).into(),
    }]
}

async fn site(kind: ServerKind, test: &str) -> Option<Site> {
    Site::with(kind, test, ServerOptions::registration).await
}

/// What the feed says of a machine now.
async fn flags(admin: &Client, id: VmId) -> Option<VmFlags> {
    let rows = admin.watch("flags", Detail::State).await;
    rows.iter().find_map(|row| match row {
        Row::Vm(row) if row.id == id => Some(row.flags),
        _ => None,
    })
}

async fn has_session(admin: &Client, id: VmId) -> bool {
    flags(admin, id).await.is_some_and(|flags| flags.session)
}

async fn change(admin: &Client, action: machines::Action) {
    let command = Command::new(Request::Machines(action));
    admin.command(&command).await.unwrap();
}

async fn manage(admin: &Client, id: VmId) {
    let machines = target(id);
    change(admin, machines::Action::Manage { machines }).await;
}

async fn unmanage(admin: &Client, id: VmId) {
    let machines = target(id);
    change(admin, machines::Action::Unmanage { machines }).await;
}

/// A machine that is let go answers what it was asked before, says that it has no session any more, and can be taken back at once.
async fn let_go(kind: ServerKind, test: &str) {
    let Some(site) = site(kind, test).await else {
        return;
    };
    let (id, driver) = (vm(1), driver(2));
    let parts = Parts {
        vm_sessions: VmSessions::All,
        deadlines: Deadlines {
            read: DEADLINE,
            ..Deadlines::default()
        },
        ..site.parts(&driver)
    };
    let _agent = online(Agent::start(parts)).await;
    let admin = site.client("admin").await;
    eventually("a session", async || has_session(&admin, id).await).await;
    let gate = Gate::new();
    let asked = ask_for_definition(&admin, &driver, &gate, id).await;
    unmanage(&admin, id).await;
    let left = flags(&admin, id).await.unwrap();
    assert!(!left.managed && !left.session, "{left:?}");
    manage(&admin, id).await;
    gate.open();
    let answer = asked.await.unwrap().unwrap();
    assert!(answer.payload().is_some(), "{answer:?}");
    eventually("a new session", async || has_session(&admin, id).await).await;
}

/// Asks a machine through its own session, and waits until libvirt was asked.
async fn ask_for_definition(
    admin: &Client,
    driver: &Arc<SimulatedDriver>,
    gate: &Gate,
    id: VmId,
) -> tokio::task::JoinHandle<Result<Iq, archipel_bus::RequestError>> {
    driver.inject(Fault::hang(gate).on(move |call| *call == Call::Definition(id)));
    let question = Command::new(Request::VmControl(Action::XmlDesc));
    let question = Iq::request(IqKind::Get, Some(machine(id).into()), question.to_element());
    let session = admin.session.clone();
    let asked = tokio::spawn(async move { session.request(question, DEADLINE).await });
    eventually("libvirt is asked", async || gate.waiting() > 0).await;
    asked
}

#[tokio::test]
async fn a_machine_that_is_let_go_answers_and_can_come_back_on_prosody() {
    let_go(ServerKind::Prosody, "let go on Prosody").await;
}

#[tokio::test]
async fn a_machine_that_is_let_go_answers_and_can_come_back_on_ejabberd() {
    let_go(ServerKind::Ejabberd, "let go on ejabberd").await;
}

/// One machine tries whether the server lets the agent have accounts, on behalf of all: where it is let go meanwhile, another one does.
#[tokio::test]
async fn another_machine_tries_where_the_first_is_let_go() {
    let Some(site) = site(ServerKind::Prosody, "another tries").await else {
        return;
    };
    let domains = driver(2).truth();
    let driver = driver_of(Vec::new());
    let mut parts = Parts {
        vm_sessions: VmSessions::Auto,
        ..site.parts(&driver)
    };
    parts.bus.gate = LoginGate::new(1, Duration::ZERO);
    let gate = parts.bus.gate.clone();
    let _agent = online(Agent::start(parts)).await;
    let admin = site.client("admin").await;

    let stuck = Stuck::at(gate).await;
    for domain in &domains {
        let xml = format!(
            "<domain type='test'><name>{}</name><uuid>{}</uuid><memory unit='KiB'>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>",
            domain.name, domain.id
        );
        driver.outside(Change::Define(xml)).unwrap();
        eventually("the machine is known", async || {
            flags(&admin, domain.id).await.is_some()
        })
        .await;
    }
    unmanage(&admin, vm(1)).await;
    stuck.leave();
    eventually("the other one has a session", async || {
        has_session(&admin, vm(2)).await
    })
    .await;
    assert!(!has_session(&admin, vm(1)).await);
}

/// Somebody who stands at the gate of logins, so that nobody else gets in.
struct Stuck {
    session: archipel_bus::Session,
    _listener: TcpListener,
    _connection: tokio::net::TcpStream,
}

impl Stuck {
    async fn at(gate: LoginGate) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = BusSettings {
            hosts: vec![Endpoint {
                host: "127.0.0.1".into(),
                port: listener.local_addr().unwrap().port(),
            }],
            ..BusSettings::default()
        };
        let tls = TlsClient::new(&settings).unwrap();
        let account = Account {
            jid: jid("olga"),
            resource: None,
            secret: Secret::new(String::new()),
        };
        let mut options = Options::new(account, settings, tls);
        options.gate = gate;
        options.timing.login = DEADLINE;
        let (session, events) = connect(options);
        tokio::spawn(async move {
            let mut events = events;
            while events.next().await.is_some() {}
        });
        let (connection, _) = listener.accept().await.unwrap();
        Self {
            session,
            _listener: listener,
            _connection: connection,
        }
    }

    fn leave(self) {
        self.session.stop();
    }
}

/// Whoever was told that a change is made sees it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_answered_is_what_is_seen() {
    let Some(site) = Site::start(ServerKind::Prosody, "answered and seen").await else {
        return;
    };
    let driver = driver(2);
    let _agent = site.agent(&driver).await;
    let admin = site.client("admin").await;
    eventually("the machine is known", async || {
        flags(&admin, vm(1)).await.is_some()
    })
    .await;
    for _ in 0..50 {
        unmanage(&admin, vm(1)).await;
        assert!(!flags(&admin, vm(1)).await.unwrap().managed);
        manage(&admin, vm(1)).await;
        assert!(flags(&admin, vm(1)).await.unwrap().managed);
    }
}
