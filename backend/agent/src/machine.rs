//! A machine's own session on the bus: presence that follows libvirt, and requests handed to the hypervisor's task.

use std::{convert::Infallible, sync::Arc, time::Duration};

use archipel_bus::{
    Account, End, Event, Events, Limits, Registration, RequestError, Session, connect,
};
use archipel_protocol::{
    BareJid, Failure, Iq, IqKind, Jid, Presence, PresenceKind, Stanza, VmId, VmState,
    presence::{cloning_to, of_vm},
    push::Push,
    registration,
    vcard::{Card, Organisation, Photo, Role},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    account::{AccountError, Bus, Login, own_login},
    agent::Order,
    entity::{Kind, dress},
    host::{Face, Shown, Via, Wanted, publish_card, remove_node, sighted},
    messages::Refusal,
    push::Pusher,
    store::Store,
};

/// When a registration that was refused is tried again.
const REFUSED_PAUSE: Duration = Duration::from_mins(15);
/// How long the server may take for each step of the removal of an account.
const REMOVAL: Duration = Duration::from_secs(30);
/// How long answers to what was asked of a machine may keep its session from its end.
const ANSWERS: Duration = Duration::from_secs(30);
/// Queues of a session that hardly ever carries more than one stanza.
const LIMITS: Limits = Limits {
    commands: 8,
    events: 8,
    unacknowledged: 32,
};

/// What a machine shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) state: VmState,
    /// What the copy is called that is being made of it.
    pub(crate) copied_to: Option<String>,
    /// libvirt's driver.
    pub(crate) driver: String,
    /// A picture that it is to show from now on; `None`: that of its card, if any.
    pub(crate) picture: Option<Arc<Photo>>,
    /// Whose it is and where; `None`: what its card says stays, and is told.
    pub(crate) organisation: Option<Organisation>,
}

/// What became of a machine's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MachineNews {
    /// It is on the bus.
    Online,
    /// It is not.
    Offline,
    /// The server does not let the agent create accounts.
    NotRegistered(String),
    /// It is over; the machine is served through its hypervisor.
    Over(String),
    /// What its card says, where the agent does not know it.
    Described(Organisation),
}

/// What a machine's session needs.
#[derive(Debug)]
pub(crate) struct MachineParts {
    pub(crate) id: VmId,
    pub(crate) account: BareJid,
    pub(crate) resource: String,
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) seen: watch::Receiver<Seen>,
    pub(crate) pushes: mpsc::Receiver<Box<Push>>,
    pub(crate) orders: mpsc::Sender<Order>,
    pub(crate) stop: CancellationToken,
    /// The agent ends: what is not answered by then will not be.
    pub(crate) stop_all: CancellationToken,
    /// Whether the account goes with the machine.
    pub(crate) leave: CancellationToken,
}

/// Why a session is not tried again at once.
enum Over {
    Stopped,
    NoAccount(AccountError),
    End(End),
}

/// Lives until it is told to stop, or for as long as the server lets it. Begins when the machine's session `before` is over: it may be
/// about to take the account away.
pub(crate) async fn run(mut parts: MachineParts, before: Option<CancellationToken>) {
    if let Some(before) = before {
        tokio::select! {
            () = parts.stop.cancelled() => return,
            () = before.cancelled() => {}
        }
    }
    loop {
        let news = match parts.log_in().await {
            Over::Stopped | Over::End(End::Stopped) => return,
            Over::End(end @ (End::NoRegistration { .. } | End::RegistrationRefused { .. })) => {
                parts.forget_account().await;
                MachineNews::NotRegistered(end.to_string())
            }
            Over::End(end) => return parts.tell(MachineNews::Over(end.to_string())).await,
            Over::NoAccount(error) => {
                return parts.tell(MachineNews::Over(error.to_string())).await;
            }
        };
        parts.tell(news).await;
        tokio::select! {
            () = parts.stop.cancelled() => return,
            () = tokio::time::sleep(REFUSED_PAUSE) => {}
        }
    }
}

impl MachineParts {
    async fn tell(&self, news: MachineNews) {
        // The hypervisor's task is gone only when the agent ends.
        let _ = self.orders.send(Order::Machine(self.id, news)).await;
    }

    async fn forget_account(&self) {
        if let Err(error) = self.store.forget_secret(&self.account).await {
            tracing::error!(%error, vm = %self.id, "a useless secret stays in the store");
        }
    }

    /// One session, or two where the account turns out to exist under the stored secret.
    async fn log_in(&mut self) -> Over {
        let login = match own_login(&self.store, &self.account).await {
            Ok(login) => login,
            Err(error) => return Over::NoAccount(error),
        };
        let over = self.session(login.clone()).await;
        match over {
            Over::End(End::RegistrationConflict { .. }) if !login.fresh => {
                self.session(login.without_registration()).await
            }
            over => over,
        }
    }

    async fn session(&mut self, login: Login) -> Over {
        let registering = login.registration != Registration::Never;
        let account = Account {
            jid: self.account.clone(),
            resource: Some(self.resource.clone()),
            secret: login.secret,
        };
        let mut options = self.bus.options(account, login.registration);
        options.limits = LIMITS;
        let (session, events) = connect(options);
        let mut live = Live {
            pusher: Pusher::new(session.clone(), self.account.clone()),
            session,
            card: JoinSet::new(),
            shown: None,
            face: Face::default(),
            confirmed: !registering,
            asked: Asked::default(),
        };
        live.run(self, events).await
    }
}

/// A session under way.
struct Live {
    session: Session,
    pusher: Pusher,
    /// Publishes the card, at most one at a time.
    card: JoinSet<Shown>,
    /// What the card says, or is about to.
    shown: Option<Wanted>,
    face: Face,
    confirmed: bool,
    asked: Asked,
}

impl Live {
    async fn run(&mut self, parts: &mut MachineParts, mut events: Events) -> Over {
        loop {
            tokio::select! {
                biased;
                () = parts.stop.cancelled() => return self.end(parts, events).await,
                event = events.next() => match event {
                    Some(Event::Ended(end)) => return Over::End(end),
                    Some(event) => self.event(parts, event).await,
                    None => return Over::Stopped,
                },
                Ok(()) = parts.seen.changed() => {
                    self.say(parts).await;
                    self.publish(parts);
                }
                Some(push) = parts.pushes.recv() => self.pusher.push(*push),
                Some(Ok(shown)) = self.card.join_next(), if !self.card.is_empty() => {
                    self.published(parts, shown).await;
                }
            }
        }
    }

    async fn end(&mut self, parts: &MachineParts, mut events: Events) -> Over {
        tokio::select! {
            biased;
            answered = timeout(ANSWERS, self.last_answers(&mut events)) => if answered.is_err() {
                tracing::warn!(vm = %parts.id, "somebody who asked a machine that leaves gets no answer");
            },
            () = parts.stop_all.cancelled() => {}
        }
        if parts.leave.is_cancelled() {
            self.leave(parts, &mut events).await;
        }
        self.session.stop();
        drain(&mut events).await;
        Over::Stopped
    }

    /// What was asked is answered first, most of it by the hypervisor's task; what is asked from now on is refused.
    async fn last_answers(&mut self, events: &mut Events) {
        let mut unanswered = std::mem::take(&mut self.asked).close();
        loop {
            tokio::select! {
                biased;
                event = events.next() => match event {
                    Some(Event::Stanza(Stanza::Iq(iq))) if iq.kind.is_request() => self.refuse(&iq).await,
                    None | Some(Event::Ended(_)) => return,
                    Some(_) => {}
                },
                _ = unanswered.recv() => return,
            }
        }
    }

    async fn refuse(&self, iq: &Iq) {
        let failure: Failure = Refusal::Leaves.into();
        // A session that is over says so itself.
        let _ = self
            .session
            .send(iq.refusal(failure.to_element(None)))
            .await;
    }

    /// An account can only be taken away in a session. The session's events must be read while its answer is awaited.
    async fn leave(&self, parts: &MachineParts, events: &mut Events) {
        if self.session.bound_jid().is_none() && timeout(REMOVAL, bound(events)).await != Ok(true) {
            tracing::warn!(vm = %parts.id, "the account of a removed machine stays on the server, if it has one: it was not to be logged into");
            return;
        }
        let removal = self.unregister(parts);
        tokio::pin!(removal);
        let mut over = false;
        loop {
            tokio::select! {
                () = &mut removal => return,
                event = events.next(), if !over => {
                    over = matches!(event, None | Some(Event::Ended(_)));
                }
            }
        }
    }

    /// Takes the account away (XEP-0077, 3.2), and before it what it holds on the service. A server that does not let it stays with an account that nobody uses.
    async fn unregister(&self, parts: &MachineParts) {
        let node = remove_node(&parts.account);
        if let Err(error) = self.session.request(node, REMOVAL).await {
            tracing::debug!(%error, vm = %parts.id, "the node of a removed machine stays on the service");
        }
        let server = Jid::new(parts.account.domain().as_str()).ok();
        let remove = Iq::request(
            IqKind::Set,
            server,
            registration::Request::Remove.to_element(),
        );
        match self.session.request(remove, REMOVAL).await {
            Ok(_) | Err(RequestError::Closed | RequestError::Lost) => {
                if let Err(error) = parts.store.drop_secret(&parts.account).await {
                    tracing::error!(%error, vm = %parts.id, "a useless secret stays in the store");
                }
            }
            Err(error) => {
                tracing::warn!(%error, vm = %parts.id, "the account of a removed machine stays on the server");
            }
        }
    }

    async fn event(&mut self, parts: &mut MachineParts, event: Event) {
        match event {
            Event::Reset { .. } => self.online(parts).await,
            Event::Resumed => parts.tell(MachineNews::Online).await,
            Event::Suspended { .. } => parts.tell(MachineNews::Offline).await,
            Event::Stanza(Stanza::Presence(presence)) if self.ended_before(&presence) => {
                self.say(parts).await;
            }
            Event::Stanza(stanza) => self.stanza(parts, stanza).await,
            Event::Refused { .. } | Event::Ended(_) => {}
        }
    }

    async fn online(&mut self, parts: &mut MachineParts) {
        if !std::mem::replace(&mut self.confirmed, true)
            && let Err(error) = parts.store.confirm_secret(&parts.account).await
        {
            tracing::error!(%error, vm = %parts.id, "the account of a machine was not noted as registered");
        }
        self.say(parts).await;
        self.pusher.renew();
        self.shown = None;
        self.publish(parts);
        // The hypervisor's task is gone only when the agent ends.
        let live = Order::Live(parts.id, self.session.clone());
        let _ = parts.orders.send(live).await;
        parts.tell(MachineNews::Online).await;
        self.check_contacts(parts);
    }

    /// Has the hypervisor look at who sees the machine. The session's events must be read meanwhile.
    fn check_contacts(&self, parts: &MachineParts) {
        let (session, orders, id) = (self.session.clone(), parts.orders.clone(), parts.id);
        tokio::spawn(async move {
            let contacts = sighted(&session).await;
            // The hypervisor's task is gone only when the agent ends.
            let _ = orders.send(Order::Contacts(id, contacts)).await;
        });
    }

    /// Makes the card say what the machine is, where it does not.
    fn publish(&mut self, parts: &MachineParts) {
        let seen = parts.seen.borrow();
        let wanted = Wanted {
            card: Card {
                organisation: seen.organisation.clone().unwrap_or_default(),
                ..Card::of(Role::VirtualMachine, &seen.driver, &seen.name)
            },
            picture: seen.picture.clone(),
            keeps_organisation: seen.organisation.is_none(),
        };
        if self.shown.as_ref() == Some(&wanted) {
            return;
        }
        self.shown = Some(wanted.clone());
        let session = self.session.clone();
        self.card.abort_all();
        self.card
            .spawn(async move { publish_card(&session, wanted).await });
    }

    /// The card is known: clients fetch it when presence says so.
    async fn published(&mut self, parts: &mut MachineParts, shown: Shown) {
        let is_news = shown.is_new || self.face != shown.face;
        self.face = shown.face;
        if is_news {
            self.say(parts).await;
        }
        if let Some(organisation) = shown.organisation {
            parts.tell(MachineNews::Described(organisation)).await;
        }
    }

    /// Says what the machine does to all who are subscribed.
    async fn say(&self, parts: &mut MachineParts) {
        let presence = {
            let seen = parts.seen.borrow_and_update();
            let copied = seen.copied_to.as_deref().map(cloning_to);
            copied.unwrap_or_else(|| of_vm(seen.state))
        };
        let presence: Presence = dress(presence, Kind::Machine, &self.face);
        // A session that is over says so itself.
        let _ = self.session.send(presence).await;
    }

    /// Whether a server tells the end of a former session of the same address after this one was announced: to everybody who is
    /// subscribed the machine is gone then.
    fn ended_before(&self, presence: &Presence) -> bool {
        let own = self.session.bound_jid().map(Jid::from);
        presence.kind == PresenceKind::Unavailable && own.is_some() && presence.from == own
    }

    async fn stanza(&self, parts: &MachineParts, stanza: Stanza) {
        let order = match stanza {
            Stanza::Iq(iq) if iq.kind.is_request() => Order::Asked(self.via(parts), Box::new(iq)),
            Stanza::Presence(presence) => match (presence.kind, presence.from) {
                (PresenceKind::Subscribe, Some(from)) => {
                    Order::Knock(self.session.clone(), parts.id, from)
                }
                (PresenceKind::Unsubscribe, Some(from)) => Order::Leave(parts.id, from),
                _ => return,
            },
            Stanza::Message(message) => Order::Heard(self.via(parts), Box::new(message)),
            Stanza::Iq(_) => return,
        };
        // The hypervisor's task is gone only when the agent ends.
        let _ = parts.orders.send(order).await;
    }

    fn via(&self, parts: &MachineParts) -> Via {
        Via::machine(self.session.clone(), parts.id, self.asked.one.clone())
    }
}

/// What a machine was asked and is not answered yet: as long as somebody holds a [`Question`].
#[derive(Debug)]
struct Asked {
    one: Question,
    all: mpsc::Receiver<Infallible>,
}

/// Held by whoever has to answer.
pub(crate) type Question = mpsc::Sender<Infallible>;

impl Default for Asked {
    fn default() -> Self {
        let (one, all) = mpsc::channel(1);
        Self { one, all }
    }
}

impl Asked {
    /// Nothing more is asked: what this gives ends when everything is answered.
    fn close(self) -> mpsc::Receiver<Infallible> {
        self.all
    }
}

/// Reads a session until it is up; `false`: it has ended.
async fn bound(events: &mut Events) -> bool {
    while let Some(event) = events.next().await {
        match event {
            Event::Reset { .. } | Event::Resumed => return true,
            Event::Ended(_) => return false,
            _ => {}
        }
    }
    false
}

/// Reads a session to its end.
async fn drain(events: &mut Events) {
    while let Some(event) = events.next().await {
        if matches!(event, Event::Ended(_)) {
            break;
        }
    }
}
