//! The machines' own sessions: which machines get one, and what becomes of them.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use archipel_bus::Session;
use archipel_hypervisor::Lifecycle;
use archipel_protocol::{BareJid, VmId, VmState, push::Push, vcard::Photo};
use jiff::Timestamp;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{Done, Host};
use crate::{
    account::Bus,
    agent::{Order, VmSessions},
    card::Organisation,
    machine::{self, MachineNews, MachineParts, Seen},
    push::{of_lifecycle, push},
    store::Store,
};

/// Notifications that wait for one machine's session.
const PUSHES: usize = 32;
/// How long the sessions may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(3);

/// All sessions of machines.
pub(crate) struct Sessions {
    mode: Mode,
    bus: Bus,
    store: Store,
    orders: mpsc::Sender<Order>,
    stop: CancellationToken,
    live: HashMap<VmId, Link>,
    /// Sessions that take their leave: the next one of the same machine begins when they are over.
    leaving: HashMap<VmId, CancellationToken>,
    /// Changes of each machine that are under way: whoever asked the machine itself is answered through its session, even when it is gone by
    /// then.
    changes: HashMap<VmId, usize>,
    tasks: JoinSet<()>,
}

/// Whether machines get sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// None does.
    Off,
    /// One tries, on behalf of all.
    Probing(Option<VmId>),
    /// All do.
    On,
}

/// The way to one machine's task.
struct Link {
    seen: watch::Sender<Seen>,
    pushes: mpsc::Sender<Box<Push>>,
    /// Its session, once it had one.
    session: Option<Session>,
    stop: CancellationToken,
    /// The account goes, too.
    leave: CancellationToken,
    /// It has ended.
    over: CancellationToken,
}

/// What a machine's session is started with.
pub(super) struct Wanted {
    id: VmId,
    account: BareJid,
    resource: String,
    seen: Seen,
}

impl Sessions {
    /// No sessions yet.
    pub(crate) fn new(
        vm_sessions: VmSessions,
        bus: Bus,
        store: Store,
        orders: mpsc::Sender<Order>,
    ) -> Self {
        Self {
            mode: match vm_sessions {
                VmSessions::None => Mode::Off,
                VmSessions::Auto => Mode::Probing(None),
                VmSessions::All => Mode::On,
            },
            bus,
            store,
            orders,
            stop: CancellationToken::new(),
            live: HashMap::new(),
            leaving: HashMap::new(),
            changes: HashMap::new(),
            tasks: JoinSet::new(),
        }
    }

    /// The way to the hypervisor's task.
    pub(super) fn orders(&self) -> mpsc::Sender<Order> {
        self.orders.clone()
    }

    /// Tells the original's clients of a machine's news.
    pub(super) fn news(&self, id: VmId, what: Lifecycle, now: Timestamp) {
        if let Some(push) = of_lifecycle(what, now) {
            self.push(id, push);
        }
    }

    /// Tells the original's clients something of a machine.
    pub(super) fn push(&self, id: VmId, push: Push) {
        if let Some(link) = self.live.get(&id) {
            // Full: notifications are best effort.
            let _ = link.pushes.try_send(Box::new(push));
        }
    }

    /// A machine is on the bus.
    pub(super) fn live(&mut self, id: VmId, session: Session) {
        if let Some(link) = self.live.get_mut(&id) {
            link.session = Some(session);
        }
    }

    /// A machine's session.
    pub(super) fn session(&self, id: VmId) -> Option<Session> {
        self.live.get(&id)?.session.clone()
    }

    /// A machine shows another picture.
    pub(super) fn picture(&self, id: VmId, photo: Photo) {
        if let Some(link) = self.live.get(&id) {
            link.seen
                .send_modify(|seen| seen.picture = Some(Arc::new(photo)));
        }
    }

    /// Shows what a machine does; starts its session where it is to have one.
    fn show(&mut self, wanted: Wanted) {
        if let Some(link) = self.live.get(&wanted.id) {
            link.seen.send_if_modified(|seen| {
                let wanted = Seen {
                    picture: seen.picture.clone(),
                    ..wanted.seen
                };
                let news = *seen != wanted;
                *seen = wanted;
                news
            });
            return;
        }
        match self.mode {
            Mode::Off | Mode::Probing(Some(_)) => {}
            Mode::Probing(None) => {
                self.mode = Mode::Probing(Some(wanted.id));
                self.start(wanted);
            }
            Mode::On => self.start(wanted),
        }
    }

    fn start(&mut self, wanted: Wanted) {
        let (seen, seen_by_task) = watch::channel(wanted.seen);
        let (pushes, pushes_of_task) = mpsc::channel(PUSHES);
        let stop = self.stop.child_token();
        let (leave, over) = (CancellationToken::new(), CancellationToken::new());
        let before = self.leaving.remove(&wanted.id);
        let ended = over.clone().drop_guard();
        let parts = MachineParts {
            id: wanted.id,
            account: wanted.account,
            resource: wanted.resource,
            bus: self.bus.clone(),
            store: self.store.clone(),
            seen: seen_by_task,
            pushes: pushes_of_task,
            orders: self.orders.clone(),
            stop: stop.clone(),
            stop_all: self.stop.clone(),
            leave: leave.clone(),
        };
        self.tasks.spawn(async move {
            let _ended = ended;
            machine::run(parts, before).await;
        });
        let link = Link {
            seen,
            pushes,
            session: None,
            stop,
            leave,
            over,
        };
        self.live.insert(wanted.id, link);
    }

    /// A change of a machine begins.
    pub(super) fn change_begins(&mut self, id: VmId) {
        *self.changes.entry(id).or_default() += 1;
    }

    /// A change of a machine ended, and its requester was answered.
    pub(super) fn change_ended(&mut self, id: VmId) {
        if let Entry::Occupied(mut under_way) = self.changes.entry(id) {
            *under_way.get_mut() -= 1;
            if *under_way.get() == 0 {
                under_way.remove();
            }
        }
    }

    /// A machine is no more. Says whether it has no session from now on: while changes of it are under way it keeps the one it has.
    fn end(&mut self, id: VmId) -> bool {
        if self.changes.contains_key(&id) {
            return false;
        }
        self.leaving.retain(|_, over| !over.is_cancelled());
        if let Some(link) = self.live.remove(&id) {
            link.stop.cancel();
            self.leaving.insert(id, link.over);
        }
        while self.tasks.try_join_next().is_some() {}
        true
    }

    /// The account of a machine goes when its session ends.
    fn leave(&self, id: VmId) {
        if let Some(link) = self.live.get(&id) {
            link.leave.cancel();
        }
    }

    /// Whether a machine has a session, or is about to.
    fn has(&self, id: VmId) -> bool {
        self.live.contains_key(&id)
    }

    /// The one that tried got nowhere for a reason of its own, such as an account that somebody else has: another may try. Says whether
    /// one was waited for.
    fn passed_on(&mut self, id: VmId) -> bool {
        let waited_for = self.mode == Mode::Probing(Some(id));
        if waited_for {
            self.mode = Mode::Probing(None);
        }
        waited_for
    }

    /// The server lets the agent have accounts; says whether that is news.
    fn proven(&mut self) -> bool {
        let news = matches!(self.mode, Mode::Probing(_));
        if news {
            self.mode = Mode::On;
        }
        news
    }

    /// The server does not let the agent have accounts. Where nobody insists, that is the end of it; says whether it is.
    fn give_up(&mut self) -> bool {
        let over = matches!(self.mode, Mode::Probing(_));
        if over {
            self.mode = Mode::Off;
            self.stop_links();
        }
        over
    }

    fn stop_links(&mut self) {
        for (_, link) in self.live.drain() {
            link.stop.cancel();
        }
    }

    /// Ends all sessions in an orderly way, and waits for them a moment.
    pub(super) async fn stop_all(&mut self) {
        self.stop.cancel();
        self.live.clear();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(GOODBYE, all).await.is_err() {
            tracing::warn!("not all machines said goodbye in time");
        }
    }
}

impl Host {
    /// Presence follows the machine's state; a machine that is gone leaves the bus.
    pub(super) fn follow_machine(&mut self, id: VmId) {
        match self.wanted(id) {
            Some(wanted) => self.sessions.show(wanted),
            None => self.part(id),
        }
    }

    /// A machine leaves the bus; if others waited for how it fares there, another one tries.
    fn part(&mut self, id: VmId) {
        if !self.sessions.end(id) {
            return;
        }
        if self.state.machines.set_session(id, false) {
            self.feed.vm_changed(id);
        }
        if self.sessions.passed_on(id) {
            self.follow_machines();
        }
    }

    /// The same, and its account goes with it.
    pub(super) fn part_for_good(&mut self, id: VmId) {
        self.sessions.leave(id);
        self.part(id);
    }

    /// The same for all machines.
    pub(super) fn follow_machines(&mut self) {
        let all: Vec<VmId> = self.state.machines.iter().map(|(id, _)| id).collect();
        for id in all {
            self.follow_machine(id);
        }
    }

    /// How a machine is to be seen; `None`: it has no session.
    fn wanted(&self, id: VmId) -> Option<Wanted> {
        let machine = self
            .state
            .machines
            .get(id)
            .filter(|machine| machine.managed)?;
        let identity = &self.state.identity;
        Some(Wanted {
            id,
            account: identity.machine(id)?,
            resource: identity.node.clone(),
            seen: Seen {
                name: machine.name.clone(),
                state: match (&self.state.outage, machine.state()) {
                    (Some(_), _) => VmState::Unknown,
                    // libvirt does not tell that a guest was asked.
                    (None, VmState::Running) if self.stopping.contains(&id) => {
                        VmState::ShuttingDown
                    }
                    (None, state) => state,
                },
                copied_to: self.copied.get(&id).cloned(),
                driver: self.state.node.driver.clone(),
                picture: None,
                organisation: machine.organisation.clone(),
            },
        })
    }

    /// Something happened to a machine's session.
    pub(super) fn machine_news(&mut self, id: VmId, news: MachineNews) {
        if let MachineNews::Described(what) = news {
            return self.learn(id, what);
        }
        // A session that takes its leave may have told this before.
        let online = news == MachineNews::Online && self.sessions.has(id);
        if self.state.machines.set_session(id, online) {
            self.feed.vm_changed(id);
        }
        match news {
            MachineNews::Online => {
                self.label(id);
                if self.sessions.proven() {
                    self.follow_machines();
                }
            }
            MachineNews::Offline | MachineNews::Described(_) => {}
            MachineNews::NotRegistered(reason) => {
                if self.sessions.give_up() {
                    tracing::info!(
                        reason,
                        "machines have no sessions of their own; they are served through the hypervisor"
                    );
                } else {
                    tracing::warn!(vm = %id, reason, "a machine is served through the hypervisor for now");
                }
            }
            MachineNews::Over(reason) => {
                tracing::warn!(vm = %id, reason, "a machine is served through the hypervisor");
                if self.sessions.passed_on(id) {
                    self.follow_machines();
                }
            }
        }
    }

    /// What a machine's card says is the agent's from then on, unless it was told something else meanwhile.
    fn learn(&mut self, id: VmId, what: Organisation) {
        let machine = self.state.machines.get(id);
        if !machine.is_some_and(|machine| machine.managed && machine.organisation.is_none()) {
            return;
        }
        self.state.machines.describe(id, what.clone());
        self.feed.vm_changed(id);
        self.follow_machine(id);
        let store = self.tools.store.clone();
        self.jobs.spawn(async move {
            if let Err(error) = store.learn(id, what).await {
                tracing::error!(%error, vm = %id, "what a machine's card says was not stored");
            }
            Done::Kept
        });
    }

    /// Notes in the store which machines are managed, under which names; the original's clients are told of new ones.
    pub(super) fn keep_managed(&mut self) {
        let managed: HashMap<VmId, String> = self
            .state
            .machines
            .iter()
            .filter(|(_, machine)| machine.managed)
            .map(|(id, machine)| (id, machine.name.clone()))
            .collect();
        if managed == self.kept {
            return;
        }
        let fresh: Vec<_> = managed
            .iter()
            .filter(|(id, name)| self.kept.get(id) != Some(name))
            .map(|(id, name)| (*id, name.clone()))
            .collect();
        let gone: Vec<_> = self
            .kept
            .keys()
            .filter(|id| !managed.contains_key(id))
            .copied()
            .collect();
        if managed.keys().any(|id| !self.kept.contains_key(id)) {
            let now = self.state.clock.now();
            self.pusher.push(push("hypervisor", "manage", now));
        }
        self.kept = managed;
        let store = self.tools.store.clone();
        self.jobs.spawn(async move {
            let kept = store.keep_managed(fresh).await;
            let forgotten = store.forget_managed(gone).await;
            for error in [kept, forgotten].into_iter().filter_map(Result::err) {
                tracing::error!(%error, "which machines are managed was not stored");
            }
            Done::Kept
        });
    }

    /// The hypervisor's own account works: if the agent made it, that is noted.
    pub(super) fn confirm_account(&mut self) {
        let store = self.tools.store.clone();
        let account = self.state.identity.account.clone();
        self.jobs.spawn(async move {
            if let Err(error) = store.confirm_secret(&account).await {
                tracing::error!(%error, "the hypervisor's account was not noted as registered");
            }
            Done::Kept
        });
    }
}
