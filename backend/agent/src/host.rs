//! The hypervisor's entity: the one task that owns what the agent knows, and the only one that changes it.
//!
//! Everything that can happen arrives in [`Host::run`]: stanzas, libvirt's news, the ends of jobs, the clock, the owner's wishes. Nothing
//! here waits for libvirt, the disk or the bus: what takes time is a job, whose end is one more thing that happens.

mod ask;
mod bus;
mod change;
mod commands;
mod contacts;
mod face;
mod idle;
mod keep;
mod labels;
mod libvirt;
mod node;
mod picture;
mod policy;
mod reload;
mod sessions;
mod shout;
mod sight;
mod tags;
mod talk;
mod unfinished;
mod via;
mod wish;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use archipel_bus::{End, Event, Events, Session};
use archipel_hypervisor::{Domain, DriverEvent, Node};
use archipel_protocol::{
    BareJid, FullJid, OperationId, Stanza, VmId, audit::Head, presence::HypervisorStatus,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;

pub(crate) use self::{
    ask::malformed,
    contacts::{Contact, remove_node, sighted},
    face::{Face, Shown, Wanted, publish_card},
    picture::PictureWish,
    policy::PolicyWish,
    sessions::Sessions,
    tags::TagsWish,
    via::Via,
};
use self::{
    change::Ended, idle::Idle, keep::Denials, labels::Labels, libvirt::Refresh, node::Facts,
    picture::PictureEnd, policy::PolicyEnd, reload::Reread, shout::Shouting, sight::Ends,
    tags::TagsEnd, talk::Meant,
};
use crate::{
    agent::{AgentEnd, Order, Status},
    calls::{CallError, Calls},
    definitions::Staging,
    feed::Feed,
    health::{Figures, PERIOD_S},
    push::Pusher,
    screen::Shelf,
    state::State,
    store::{Store, StoreError},
    talk::Pending,
};

/// Jobs for requesters at a time; more are refused.
const JOBS: usize = 256;
/// How often history and log are tidied and stored, and the host's facts read.
const KEEP: Duration = Duration::from_mins(1);
/// How long changes that libvirt was asked for may delay the end of the agent.
const LAST_JOBS: Duration = Duration::from_secs(2);

/// What jobs need.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    pub(crate) calls: Calls,
    pub(crate) store: Store,
}

/// The end of a job.
pub(crate) enum Done {
    /// A question was answered.
    Answered,
    /// A change ended.
    Changed(Box<Ended>),
    /// libvirt was read.
    Refreshed(Box<Refreshed>),
    /// The host's facts were read.
    Node(Box<Result<Node, CallError>>),
    /// A sample was taken, in the given life of the connection to libvirt.
    Sampled(u64, Box<Result<Figures, CallError>>),
    /// Events were written, and the audit ends like this; or not.
    Wrote(Option<Head>),
    /// Rights were changed, or not.
    Policy(Box<PolicyEnd>),
    /// Tags were set, or not.
    Tags(Box<TagsEnd>),
    /// The card was looked at.
    Card(Shown),
    /// Those who see the hypervisor's presence.
    Contacts(Vec<BareJid>),
    /// Those who may be told something, and what.
    Shout(Box<Shouting>, Vec<BareJid>),
    /// A picture was read, or not.
    Picture(Box<PictureEnd>),
    /// The store was read anew, when so many changes had been begun.
    Reread(u64, Box<Result<Reread, StoreError>>),
    /// Machines' descriptions were looked at.
    Labelled,
    /// Something was stored that nobody waits for.
    Kept,
}

/// What libvirt said.
pub(crate) struct Refreshed {
    life: u64,
    what: Result<Read, CallError>,
}

/// A reading of libvirt.
pub(crate) enum Read {
    /// All machines.
    All(Vec<Domain>),
    /// Some machines; `None`: there is no such machine.
    Some(Vec<(VmId, Option<Domain>)>),
}

/// The hypervisor's entity.
pub(crate) struct Host {
    pub(crate) state: State,
    pub(crate) feed: Feed,
    pub(crate) tools: Tools,
    session: Session,
    /// Whether the session can carry something now.
    connected: bool,
    /// What was last said in presence.
    said: Option<HypervisorStatus>,
    face: Face,
    /// Who was told the presence directly.
    greeted: HashSet<FullJid>,
    /// Operations under way.
    running: HashSet<(BareJid, OperationId)>,
    refresh: Refresh,
    facts: Facts,
    denials: Denials,
    idle: Idle,
    ends: Ends,
    /// What was said and waits for a yes.
    pending: Pending<Meant>,
    pusher: Pusher,
    sessions: Sessions,
    /// Texts that are handed in piece by piece.
    pub(crate) staging: Staging,
    /// Pictures of screens that are fetched piece by piece.
    pub(crate) screens: Shelf,
    /// Files that an earlier life of the agent left half made.
    unfinished: Vec<(VmId, String)>,
    /// Machines whose disks are being copied, and the names of the copies.
    copied: HashMap<VmId, String>,
    /// Machines that were asked to stop and of which nothing was heard since.
    stopping: HashSet<VmId>,
    /// Machines that the store knows as managed, under these names.
    kept: HashMap<VmId, String>,
    labels: Labels,
    /// New machines that are to ask their makers to see each other's presence, as soon as they have a session.
    made: HashMap<VmId, BareJid>,
    /// How many changes of what the store keeps were begun.
    begun: u64,
    jobs: JoinSet<Done>,
    status: watch::Sender<Status>,
}

/// What a host is made of.
pub(crate) struct HostParts {
    pub(crate) state: State,
    pub(crate) feed: Feed,
    pub(crate) tools: Tools,
    pub(crate) session: Session,
    pub(crate) sessions: Sessions,
    /// Files that an earlier life left half made.
    pub(crate) unfinished: Vec<(VmId, String)>,
    pub(crate) status: watch::Sender<Status>,
}

/// What comes in from outside.
pub(crate) struct Inputs {
    pub(crate) stop: CancellationToken,
    /// What the session told before anybody lived to hear it.
    pub(crate) first: Option<Event>,
    pub(crate) bus: Events,
    pub(crate) news: mpsc::Receiver<DriverEvent>,
    pub(crate) orders: mpsc::Receiver<Order>,
}

impl Host {
    /// An entity that speaks through its session.
    pub(crate) fn new(parts: HostParts) -> Self {
        let account = parts.state.identity.account.clone();
        let managed = parts.state.machines.iter();
        Self {
            kept: managed
                .map(|(id, machine)| (id, machine.name.clone()))
                .collect(),
            ends: Ends::of(&parts.state),
            state: parts.state,
            feed: parts.feed,
            tools: parts.tools,
            pusher: Pusher::new(parts.session.clone(), account),
            session: parts.session,
            connected: false,
            said: None,
            face: Face::default(),
            greeted: HashSet::new(),
            running: HashSet::new(),
            refresh: Refresh::default(),
            facts: Facts::default(),
            denials: Denials::default(),
            idle: Idle::default(),
            pending: Pending::default(),
            sessions: parts.sessions,
            staging: Staging::default(),
            screens: Shelf::default(),
            unfinished: parts.unfinished,
            copied: HashMap::new(),
            stopping: HashSet::new(),
            labels: Labels::default(),
            made: HashMap::new(),
            begun: 0,
            jobs: JoinSet::new(),
            status: parts.status,
        }
    }

    /// Lives until it is told to stop or the session is over.
    pub(crate) async fn run(mut self, mut inputs: Inputs) -> AgentEnd {
        let end = self.live(&mut inputs).await;
        self.finish(inputs).await;
        end
    }

    async fn live(&mut self, inputs: &mut Inputs) -> AgentEnd {
        let mut sampling = interval(Duration::from_secs(PERIOD_S.into()));
        sampling.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut keeping = interval(KEEP);
        keeping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.note_set_aside();
        self.refresh_all();
        match inputs.first.take() {
            Some(Event::Ended(end)) => return end.into(),
            Some(event) => self.bus(event),
            None => {}
        }
        self.follow_machines();
        loop {
            let wake = self.wake();
            tokio::select! {
                biased;
                () = inputs.stop.cancelled() => return AgentEnd::Stopped,
                Some(order) = inputs.orders.recv() => self.order(order),
                event = inputs.bus.next() => match event {
                    Some(Event::Ended(end)) => return end.into(),
                    Some(event) => self.bus(event),
                    None => return End::Stopped.into(),
                },
                Some(news) = inputs.news.recv() => self.news(news),
                Some(done) = self.jobs.join_next(), if !self.jobs.is_empty() => self.done(done),
                () = sleep_until(wake) => {}
                _ = sampling.tick() => self.sample(),
                _ = keeping.tick() => {
                    self.keep();
                    self.read_node();
                }
            }
            self.take_ended();
            self.tell();
        }
    }

    /// Answers do not wait until nobody asks any more.
    fn take_ended(&mut self) {
        while let Some(done) = self.jobs.try_join_next() {
            self.done(done);
        }
    }

    /// When there is something to tell or to try again.
    fn wake(&self) -> Instant {
        let far = Instant::now() + KEEP;
        let feed = self
            .feed
            .wake(&self.state)
            .filter(|_| self.connected)
            .unwrap_or(far);
        let ends = self.ends.next().unwrap_or(far);
        feed.min(self.refresh.again_at().unwrap_or(far)).min(ends)
    }

    /// Everything that follows from a change of state: presence, the feed, the log on the disk.
    fn tell(&mut self) {
        self.end_grants();
        self.read_again();
        self.label_again();
        self.write_events();
        if !self.connected {
            return;
        }
        self.say_status();
        let session = &self.session;
        self.feed.flush(&self.state, Instant::now(), |who, update| {
            let headline =
                archipel_protocol::Message::headline(who.clone().into(), update.to_element());
            session.try_send(headline).is_ok()
        });
    }

    fn done(&mut self, done: Result<Done, tokio::task::JoinError>) {
        match done {
            Ok(Done::Changed(ended)) => self.changed(*ended),
            Ok(Done::Refreshed(refreshed)) => self.refreshed(*refreshed),
            Ok(Done::Node(node)) => self.node_read(*node),
            Ok(Done::Sampled(life, figures)) => self.sampled(life, *figures),
            Ok(Done::Wrote(head)) => self.wrote(head),
            Ok(Done::Reread(begun, read)) => self.reread(begun, *read),
            Ok(Done::Policy(end)) => self.policy_changed(*end),
            Ok(Done::Tags(end)) => self.tags_set(*end),
            Ok(Done::Card(shown)) => self.card(shown),
            Ok(Done::Contacts(all)) => self.check_contacts(None, &all),
            Ok(Done::Shout(what, all)) => self.shout_to(&what, all),
            Ok(Done::Picture(end)) => self.picture_read(*end),
            Ok(Done::Labelled) => self.labelled(),
            Err(error) if error.is_panic() => {
                tracing::error!(%error, "a part of the agent failed; the agent goes on");
            }
            Ok(Done::Answered | Done::Kept) | Err(_) => {}
        }
    }

    /// What the owner wishes, and what came in through machines' own sessions.
    fn order(&mut self, order: Order) {
        match order {
            Order::Reload(rules) => self.reload(&rules),
            // Who asked may have left.
            Order::Figures(reply) => drop(reply.send(self.figures())),
            Order::Asked(via, iq) => self.asked(via, *iq),
            Order::Again(via, iq, reply) => drop(reply.send(self.again(&via, &iq))),
            Order::Heard(via, message) => self.heard(via, &message),
            Order::Knock(session, id, from) => self.knock(&session, Some(id), &from),
            Order::Leave(id, from) => self.drop_contact(Some(id), &from),
            Order::Live(id, session) => {
                self.sessions.live(id, session);
                self.ask_maker(id);
            }
            Order::Contacts(id, all) => self.check_contacts(Some(id), &all),
            Order::Machine(id, news) => self.machine_news(id, news),
        }
    }

    /// Nobody waits for the answer to a request that arrived and was not looked at, and what waits for its turn is not begun any more.
    fn refuse_rest(&mut self, bus: &mut Events, mut orders: mpsc::Receiver<Order>) {
        orders.close();
        while let Ok(order) = orders.try_recv() {
            if let Order::Asked(via, iq) = order {
                self.refuse_late(&via, &iq);
            }
        }
        while let Some(event) = bus.try_next() {
            if let Event::Stanza(Stanza::Iq(iq)) = event {
                self.refuse_late(&Via::hypervisor(self.session.clone()), &iq);
            }
        }
    }

    /// Says goodbye: changes that libvirt was asked for may end, what is known is stored, the stream is closed.
    async fn finish(&mut self, inputs: Inputs) {
        let Inputs {
            mut bus, orders, ..
        } = inputs;
        self.refuse_rest(&mut bus, orders);
        self.write_events();
        self.keep();
        let end = Instant::now() + LAST_JOBS;
        while let Ok(Some(done)) = tokio::time::timeout_at(end, self.jobs.join_next()).await {
            self.done(done);
            self.write_events();
        }
        self.sessions.stop_all().await;
        self.session.stop();
        while let Some(event) = bus.next().await {
            if matches!(event, Event::Ended(_)) {
                break;
            }
        }
    }
}
