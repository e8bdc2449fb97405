//! A private server, an agent over a simulated driver, and people who talk to it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    unreachable_pub
)]

pub mod contacts;
pub mod raw;
pub mod team;

use std::{sync::Arc, time::Duration};

use archipel_agent::{
    Adopt, Agent, Bus, Clock, Credentials, Deadlines, Parts, Pools, Rules, Status, Store,
    VmSessions, logging::LogTail,
};
use archipel_bus::{
    Account, Event, LoginGate, Options, RequestError, Session, Timing, TlsClient, connect,
};
use archipel_config::{BusSettings, Endpoint, Secret, TlsMode};
use archipel_hypervisor::{
    Domain, SimulatedDriver,
    simulated::{Setup, machines},
};
use archipel_lab::{Patience, Scratch, ServerKind, ServerOptions, XmppServer, until};
use archipel_protocol::{
    BareJid, Command, Element, Failure, FullJid, Iq, IqKind, Jid, Presence, PresenceKind, Request,
    Stanza, VmId, feed, ns, vm_control,
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

pub const DOMAIN: &str = "dc.example";
pub const PASSWORD: &str = "open sesame";

/// A server on which `admin`, `eve` and `hv01` have accounts.
pub struct Site {
    pub server: XmppServer,
    pub state: Scratch,
}

impl Site {
    /// `None`, said so, where the server is not installed.
    pub async fn start(kind: ServerKind, test: &str) -> Option<Self> {
        Self::with(kind, test, |options| options).await
    }

    pub async fn with(
        kind: ServerKind,
        test: &str,
        change: impl FnOnce(ServerOptions) -> ServerOptions,
    ) -> Option<Self> {
        if let Some(reason) = archipel_lab::missing(kind.programs()) {
            archipel_lab::skip(test, &reason);
            return None;
        }
        let mut options = ServerOptions::new(DOMAIN);
        for name in ["admin", "eve", "olga", "hv01"] {
            options = options.account(name, PASSWORD);
        }
        let server = XmppServer::start(kind, change(options)).await.unwrap();
        let state = Scratch::new().unwrap();
        Some(Self { server, state })
    }

    pub fn bus(&self) -> Bus {
        let settings = BusSettings {
            hosts: vec![Endpoint {
                host: "127.0.0.1".into(),
                port: self.server.tls_addr().port(),
            }],
            tls: TlsMode::Direct,
            ca_file: Some(self.server.ca_pem_path().to_owned()),
            ..BusSettings::default()
        };
        Bus {
            tls: TlsClient::new(&settings).unwrap(),
            settings,
            gate: LoginGate::default(),
            timing: Timing::default(),
        }
    }

    pub fn store(&self) -> Store {
        Store::open(&self.state.path().join("agent")).unwrap()
    }

    pub fn parts(&self, driver: &Arc<SimulatedDriver>) -> Parts {
        Parts {
            account: jid("hv01"),
            credentials: Credentials::Password(Secret::new(PASSWORD.into())),
            hostname: "elsewhere".into(),
            bus: self.bus(),
            rules: Rules {
                admins: vec![jid("admin")],
                adopt: Adopt::Manage,
                folders: vec!["/no/images/{vm}".into()],
                originals: Vec::new(),
            },
            vm_sessions: VmSessions::None,
            driver: driver.clone(),
            store: self.store(),
            pools: Pools::default(),
            deadlines: Deadlines::default(),
            clock: Clock::system(),
            log: LogTail::default(),
        }
    }

    pub async fn agent(&self, driver: &Arc<SimulatedDriver>) -> Agent {
        online(Agent::start(self.parts(driver))).await
    }

    pub async fn client(&self, name: &str) -> Client {
        let bus = self.bus();
        let account = Account {
            jid: jid(name),
            resource: Some("test".into()),
            secret: Secret::new(PASSWORD.into()),
        };
        let (session, mut events) = connect(Options::new(account, bus.settings, bus.tls));
        // News that nobody waits for must not hold up answers.
        let (heard, news) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                let _ = heard.send(event);
            }
        });
        let mut client = Client {
            session,
            events: news,
        };
        client
            .wait("a session", |event| {
                matches!(event, Event::Reset { .. }).then_some(())
            })
            .await;
        client.send(Presence::new(PresenceKind::Available)).await;
        client
    }
}

/// Waits until the agent is on the bus.
pub async fn online(agent: Agent) -> Agent {
    let mut status = agent.status();
    let wait = status.wait_for(|status| matches!(status, Status::Online { .. }));
    tokio::time::timeout(Patience::USUAL.0, wait)
        .await
        .expect("the agent is on the bus in time")
        .expect("the agent lives");
    agent
}

pub fn jid(name: &str) -> BareJid {
    format!("{name}@{DOMAIN}").parse().unwrap()
}

/// The hypervisor's full address: its resource is the simulated host's name.
pub fn hypervisor() -> FullJid {
    jid("hv01").with_resource_str("simulated").unwrap()
}

/// A driver with some machines whose time passes.
pub fn driver(count: u32) -> Arc<SimulatedDriver> {
    driver_of(machines(count))
}

pub fn driver_of(domains: Vec<Domain>) -> Arc<SimulatedDriver> {
    let start = std::time::Instant::now();
    Arc::new(SimulatedDriver::with(Setup {
        domains,
        clock: Arc::new(move || start.elapsed()),
        ..Setup::default()
    }))
}

pub fn vm(number: usize) -> VmId {
    machines(u32::try_from(number).unwrap())[number - 1].id
}

/// Somebody on the bus.
pub struct Client {
    pub session: Session,
    events: mpsc::UnboundedReceiver<Event>,
}

pub const DEADLINE: Duration = Duration::from_mins(2);

impl Client {
    pub async fn send(&self, stanza: impl Into<Stanza>) {
        self.session.send(stanza).await.unwrap();
    }

    /// Asks from now on and hears nothing else.
    pub fn deaf(self) -> Session {
        self.session
    }

    /// The first that `pick` picks of all that arrives.
    pub async fn wait<T>(&mut self, what: &str, mut pick: impl FnMut(Event) -> Option<T>) -> T {
        let search = async {
            loop {
                let event = self.events.recv().await.expect("a living session");
                if let Some(found) = pick(event) {
                    return found;
                }
            }
        };
        tokio::time::timeout(Patience::USUAL.0, search)
            .await
            .unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }

    pub async fn iq(
        &self,
        kind: IqKind,
        to: impl Into<Jid>,
        payload: Element,
    ) -> Result<Iq, Failure> {
        let request = Iq::request(kind, Some(to.into()), payload);
        match self.session.request(request, DEADLINE).await {
            Ok(iq) => Ok(iq),
            Err(RequestError::Refused(iq)) => Err(Failure::parse(&iq)),
            Err(error) => panic!("no answer: {error}"),
        }
    }

    /// Asks the hypervisor; the payload of the answer.
    pub async fn ask(&self, kind: IqKind, payload: Element) -> Result<Element, Failure> {
        let answer = self.iq(kind, hypervisor(), payload).await?;
        Ok(answer.payload().cloned().expect("a payload"))
    }

    /// A command, as `set` where it changes something.
    pub async fn command(&self, command: &Command) -> Result<Element, Failure> {
        let kind = if command.request.is_change() {
            IqKind::Set
        } else {
            IqKind::Get
        };
        self.ask(kind, command.to_element()).await
    }

    pub async fn vm(&self, id: VmId, action: vm_control::Action) -> Result<Element, Failure> {
        let command = Command::new(Request::VmControl(action)).for_vm(id);
        self.command(&command).await
    }

    /// Watches from the beginning; all rows of the snapshot.
    pub async fn watch(&self, id: &str, detail: feed::Detail) -> Vec<feed::Row> {
        let watch = feed::Watch {
            id: id.parse().unwrap(),
            known: None,
            detail,
            every_s: 1,
        };
        let mut update = self.update(watch.to_element()).await.unwrap();
        let mut rows = std::mem::take(&mut update.rows);
        while let feed::Kind::Snapshot {
            next: Some(after), ..
        } = update.kind
        {
            let page = feed::Page {
                id: watch.id.clone(),
                after,
            };
            update = self.update(page.to_element()).await.unwrap();
            rows.append(&mut update.rows);
        }
        rows
    }

    pub async fn update(&self, question: Element) -> Result<feed::Update, Failure> {
        let answer = self.ask(IqKind::Set, question).await?;
        Ok(feed::Update::parse(&answer).unwrap())
    }

    /// Waits until the feed tells this state; a row may be told again meanwhile.
    pub async fn until_state(&mut self, id: VmId, state: archipel_protocol::VmState) {
        self.delta("the machine's state", |row| match row {
            feed::Row::Vm(row) if row.id == id && row.state == state => Some(()),
            _ => None,
        })
        .await;
    }

    /// The next delta in which `pick` finds something.
    pub async fn delta<T>(&mut self, what: &str, pick: impl Fn(&feed::Row) -> Option<T>) -> T {
        self.wait(what, |event| {
            let Event::Stanza(Stanza::Message(message)) = event else {
                return None;
            };
            let update = feed::Update::parse(message.payload("feed", ns::FLEET)?).unwrap();
            update.rows.iter().find_map(&pick)
        })
        .await
    }
}

/// An operation that expires in five minutes.
pub fn operation(id: &str) -> archipel_protocol::operation::Operation {
    let life = SignedDuration::from_mins(5);
    archipel_protocol::operation::Operation::new(id.parse().unwrap(), Timestamp::now(), life)
}

/// Waits until `condition` holds.
pub async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    until(what, Patience::USUAL, async || {
        condition().await.then_some(())
    })
    .await
    .unwrap();
}
