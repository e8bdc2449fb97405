//! One agent: what it is made of, how it is started, and what its owner sees of it.

use std::{sync::Arc, time::Duration};

use archipel_bus::{Account, End, Event, Events, Session, connect};
use archipel_config::Secret;
use archipel_hypervisor::{Driver, Node};
use archipel_protocol::{BareJid, Epoch, Failure, FullJid, Iq, Jid, Message, VmId};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    access::Access,
    account::{AccountError, Bus, Login, joined_login, own_login},
    calls::{Calls, Deadlines, Pools},
    clock::Clock,
    eventlog::EventLog,
    feed::Feed,
    figures::Figures,
    health::Health,
    host::{Host, HostParts, Inputs, Sessions, Tools, Via},
    logging::LogTail,
    machine::MachineNews,
    machines::{Adopt, Machines},
    state::{Identity, State},
    store::{Store, StoreError},
};

/// How long the start waits for libvirt to tell the host's name.
const NAME_DEADLINE: Duration = Duration::from_secs(3);
/// Orders that wait for the hypervisor's task.
const ORDERS: usize = 256;
/// The longest resource (RFC 7622 allows 1,023 bytes; a host name has at most 64 characters).
const RESOURCE_LIMIT: usize = 64;

/// How the agent gets into its own account.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// With this password.
    Password(Secret),
    /// With a secret of its own, for an account that it registers itself.
    Registered,
    /// With the secret that it set when the host joined.
    Joined,
}

/// Which machines get a session of their own on the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VmSessions {
    /// All, where the server lets the agent have accounts.
    #[default]
    Auto,
    /// All.
    All,
    /// None: they are served through the hypervisor.
    None,
}

/// What may change while the agent runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Root admins: full bare addresses.
    pub admins: Vec<BareJid>,
    /// What happens to domains that the agent did not make.
    pub adopt: Adopt,
    /// What files definitions may name without rights on the host: what begins with one of these, `{vm}` being the machine's id.
    pub folders: Vec<String>,
    /// Hosts with the original agent. While there are any, machines' definitions hold their accounts, and a machine that comes from
    /// one of these brings its own.
    pub originals: Vec<BareJid>,
}

/// What an agent is made of. Nothing else of the process or the system is used.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The hypervisor's account.
    pub account: BareJid,
    /// How to get into it.
    pub credentials: Credentials,
    /// The host's name where libvirt cannot tell it.
    pub hostname: String,
    /// The way to the bus.
    pub bus: Bus,
    /// What may change later.
    pub rules: Rules,
    /// Which machines get sessions.
    pub vm_sessions: VmSessions,
    /// What runs the machines.
    pub driver: Arc<dyn Driver>,
    /// What outlives the agent.
    pub store: Store,
    /// Where blocking calls run.
    pub pools: Pools,
    /// How long answers may take.
    pub deadlines: Deadlines,
    /// The time for people.
    pub clock: Clock,
    /// The last lines of the log.
    pub log: LogTail,
}

/// How things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Not on the bus yet.
    Starting,
    /// On the bus.
    Online {
        /// The full address.
        jid: FullJid,
        /// Machines that are known.
        machines: usize,
        /// Why libvirt is out of reach; `None` while all is well.
        libvirt: Option<String>,
    },
    /// Not on the bus; the agent goes on trying.
    Offline {
        /// What failed.
        reason: String,
    },
}

/// Why an agent ended.
#[derive(Debug, thiserror::Error)]
pub enum AgentEnd {
    /// Its owner wished it.
    #[error("stopped")]
    Stopped,
    /// The bus will not have it.
    #[error(transparent)]
    Bus(End),
    /// The store does not work.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no secret to log in with.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The account cannot be an agent's.
    #[error("`{0}` cannot be a hypervisor's address: {1}. Write `jid` as name@server")]
    Address(BareJid, String),
    /// A fault of the agent itself.
    #[error("the agent failed: {0}. Its log says more; please report it")]
    Fault(String),
}

impl From<End> for AgentEnd {
    fn from(end: End) -> Self {
        match end {
            End::Stopped => Self::Stopped,
            end => Self::Bus(end),
        }
    }
}

/// What reaches the hypervisor's task from other tasks.
#[derive(Debug)]
pub(crate) enum Order {
    /// New rules.
    Reload(Rules),
    /// Somebody wants to know how things stand.
    Figures(oneshot::Sender<Figures>),
    /// A request through a machine's session.
    Asked(Via, Box<Iq>),
    /// A request that waited for its turn: may it still be carried out?
    Again(Via, Box<Iq>, oneshot::Sender<Result<(), Failure>>),
    /// Something said through a machine's session.
    Heard(Via, Box<Message>),
    /// Somebody asks, through its session, to see a machine's presence.
    Knock(Session, VmId, Jid),
    /// Somebody no longer wants to see it.
    Leave(VmId, Jid),
    /// A machine has a session.
    Live(VmId, Session),
    /// Those who see a machine's presence.
    Contacts(VmId, Vec<BareJid>),
    /// Something happened to a machine's session.
    Machine(VmId, MachineNews),
}

/// A running agent. Dropping it stops it.
#[derive(Debug)]
pub struct Agent {
    stop: DropGuard,
    orders: mpsc::Sender<Order>,
    status: watch::Receiver<Status>,
    task: JoinHandle<AgentEnd>,
}

impl Agent {
    /// Starts an agent. Must be called inside a tokio runtime.
    pub fn start(parts: Parts) -> Self {
        let stop = CancellationToken::new();
        let (orders, inbox) = mpsc::channel(ORDERS);
        let (status, seen) = watch::channel(Status::Starting);
        let start = Start {
            parts,
            stop: stop.clone(),
            orders: orders.clone(),
            inbox,
            status,
        };
        Self {
            stop: stop.drop_guard(),
            orders,
            status: seen,
            task: tokio::spawn(start.run()),
        }
    }

    /// How things stand, now and later.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// New rules take effect without a restart.
    pub async fn reload(&self, rules: Rules) {
        // An agent that ended needs no rules.
        let _ = self.orders.send(Order::Reload(rules)).await;
    }

    /// For whoever wants figures.
    pub(crate) fn looker(&self) -> Looker {
        Looker(self.orders.clone())
    }

    /// Ends it in an orderly way: unavailable presence, closed streams.
    pub async fn stop(self) -> AgentEnd {
        drop(self.stop);
        ended(self.task.await)
    }

    /// Waits until it ends by itself.
    pub async fn ended(&mut self) -> AgentEnd {
        ended((&mut self.task).await)
    }
}

/// Asks an agent how things stand, and does not keep it alive.
#[derive(Debug, Clone)]
pub(crate) struct Looker(mpsc::Sender<Order>);

impl Looker {
    /// The figures; `None` before the agent works, and after its end.
    pub(crate) async fn figures(&self) -> Option<Figures> {
        let (reply, answer) = oneshot::channel();
        self.0.try_send(Order::Figures(reply)).ok()?;
        answer.await.ok()
    }

    /// One whose agent has ended.
    #[cfg(test)]
    pub(crate) fn of_nobody() -> Self {
        Self(mpsc::channel(1).0)
    }
}

fn ended(task: Result<AgentEnd, tokio::task::JoinError>) -> AgentEnd {
    task.unwrap_or_else(|error| AgentEnd::Fault(error.to_string()))
}

/// An agent before its first session.
struct Start {
    parts: Parts,
    stop: CancellationToken,
    orders: mpsc::Sender<Order>,
    inbox: mpsc::Receiver<Order>,
    status: watch::Sender<Status>,
}

impl Start {
    async fn run(self) -> AgentEnd {
        let stop = self.stop.clone();
        let host = tokio::select! {
            () = stop.cancelled() => return AgentEnd::Stopped,
            host = self.prepare() => host,
        };
        match host {
            Ok((host, inputs)) => host.run(inputs).await,
            Err(end) => end,
        }
    }

    async fn prepare(self) -> Result<(Host, Inputs), AgentEnd> {
        let parts = self.parts;
        let calls = Calls::new(parts.driver.clone(), parts.pools.clone(), parts.deadlines);
        // Before the first list: what happens in between is heard.
        let news = calls.driver().subscribe();
        let node = calls.read_within(NAME_DEADLINE, Driver::node).await;
        let node = node.unwrap_or_else(|_| Node {
            hostname: parts.hostname.clone(),
            ..Node::default()
        });
        let identity = identity(&parts.account, &node.hostname)?;
        let state = remembered(&parts, identity, node).await?;
        let (session, bus, first) = self::log_in(&parts, &state.identity).await?;
        let sessions = Sessions::new(
            parts.vm_sessions,
            parts.bus,
            parts.store.clone(),
            self.orders,
        );
        let unfinished = parts.store.unfinished().await?;
        let host = Host::new(HostParts {
            state,
            unfinished,
            feed: Feed::new(Epoch::from_random(rand::random())),
            tools: Tools {
                calls,
                store: parts.store,
            },
            session,
            sessions,
            status: self.status,
        });
        let inputs = Inputs {
            stop: self.stop,
            first,
            bus,
            news,
            orders: self.inbox,
        };
        Ok((host, inputs))
    }
}

/// The resource is the host's name, as the original has it.
fn identity(account: &BareJid, hostname: &str) -> Result<Identity, AgentEnd> {
    let refuse = |why: String| AgentEnd::Address(account.clone(), why);
    let node = account
        .node()
        .ok_or_else(|| refuse("it has no name part".to_owned()))?;
    let resource: String = hostname.chars().take(RESOURCE_LIMIT).collect();
    let full = account
        .with_resource_str(&resource)
        .or_else(|_| account.with_resource_str("agent"))
        .map_err(|why| refuse(why.to_string()))?;
    Ok(Identity {
        account: account.clone(),
        full,
        node: node.to_string(),
    })
}

/// What the store knows of earlier lives.
async fn remembered(parts: &Parts, identity: Identity, node: Node) -> Result<State, AgentEnd> {
    let store = &parts.store;
    let mut tags = store.tags().await?;
    let own_tags = tags.remove(&None).unwrap_or_default();
    let tags = tags.into_iter().filter_map(|(id, tags)| Some((id?, tags)));
    let admins = parts.rules.admins.iter().cloned();
    let machines = Machines::remembered(store.managed().await?, parts.rules.adopt.clone())
        .at(identity.clone())
        .tagged(tags.collect())
        .without(store.released().await?)
        .made(store.organisations().await?, store.linked().await?);
    Ok(State {
        identity,
        node,
        outage: None,
        machines,
        health: Health::restored(store.history().await?),
        events: EventLog::after(store.newest_event().await?),
        access: Access::new(admins, store.policy().await?),
        folders: parts.rules.folders.clone(),
        originals: parts.rules.originals.clone(),
        clock: parts.clock.clone(),
        log: parts.log.clone(),
        tags: own_tags,
        audit: store.audit_head().await?,
    })
}

/// Starts the hypervisor's session and waits for the first that it tells.
async fn log_in(
    parts: &Parts,
    identity: &Identity,
) -> Result<(Session, Events, Option<Event>), AgentEnd> {
    let login = match &parts.credentials {
        Credentials::Password(secret) => Login::known(secret.clone()),
        Credentials::Registered => own_login(&parts.store, &parts.account).await?,
        Credentials::Joined => joined_login(&parts.store, &parts.account).await?,
    };
    let (session, mut events) = open(parts, identity, &login);
    match events.next().await {
        Some(Event::Ended(End::RegistrationConflict { .. })) if !login.fresh => {
            let (session, events) = open(parts, identity, &login.without_registration());
            Ok((session, events, None))
        }
        first => Ok((session, events, first)),
    }
}

fn open(parts: &Parts, identity: &Identity, login: &Login) -> (Session, Events) {
    let account = Account {
        jid: identity.account.clone(),
        resource: Some(identity.full.resource().to_string()),
        secret: login.secret.clone(),
    };
    connect(parts.bus.options(account, login.registration))
}
