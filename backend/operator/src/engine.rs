//! The one task that owns the operator's side of everything.

mod abilities;
mod ask;
mod begin;
mod link;
mod look;
mod original;
mod peer;
mod presence;
mod roster;
mod run;
mod runs;
mod save;
mod sync;
mod timers;
mod watch;
mod work;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use archipel_bus::{Events, Session};
use archipel_fleet::{Event, Fleet, Level, Link, Notice, Stamped};
use archipel_protocol::{FullJid, HypervisorId, VmState};
use futures::{FutureExt, StreamExt};
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    task::unconstrained,
    time::Instant,
};

use crate::{
    command::{Command, Follow, TrustChange},
    outbox::{ConsumerGone, Outbox},
    settings::Settings,
    trust::Trust,
};
use abilities::Abilities;
pub(crate) use begin::spawn;
use peer::Peer;
use runs::Runs;
use timers::{Timer, Timers};
use work::{Done, Work};

/// Questions on their way at the same time, commands apart.
const QUESTIONS: usize = 64;

/// Whether the engine serves the screen or one command of the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Everything is watched.
    Screen,
    /// Only what is wanted is watched, and nobody else learns that the operator is there.
    OneShot,
}

/// What the engine waits for.
enum Turn {
    Flushed,
    Done(Done),
    Command(Command),
    Bus(archipel_bus::Event),
    BusOver,
    Due(Timer),
    Leave(Option<oneshot::Sender<()>>),
}

/// The state of the engine.
struct Engine {
    settings: Settings,
    mode: Mode,
    session: Session,
    outbox: Outbox,
    /// What has been told so far: the consumer's model is the same, or behind.
    fleet: Fleet,
    peers: HashMap<HypervisorId, Peer>,
    trust: Trust,
    /// Hosts with an open invitation, as of the start: who has joined lets the operator see it.
    invited: HashSet<HypervisorId>,
    abilities: Abilities,
    runs: Runs,
    syncs: Vec<sync::Wish>,
    /// Changes of trust that wait for the roster.
    deeds: Vec<TrustChange>,
    timers: Timers,
    work: Work,
    questions: Arc<Semaphore>,
    roster: roster::State,
    strangers: roster::Strangers,
    /// What machines of originals said before their hypervisors named them.
    said: HashMap<FullJid, VmState>,
    look: look::State,
    follow: Follow,
    save: save::State,
}

impl Engine {
    async fn run(mut self, mut inbox: mpsc::Receiver<Command>, events: Events) {
        let mut events = Some(events);
        self.begin().await;
        let stopper = loop {
            match self.turn(&mut inbox, &mut events).await {
                Turn::Leave(stopper) => break stopper,
                Turn::BusOver => events = None,
                turn => self.take(turn),
            }
            if self.outbox.is_empty() {
                self.answer_syncs();
            }
        };
        self.leave(events).await;
        // Nobody waits any more where the receiver is gone.
        let _ = stopper.map(|stopper| stopper.send(()));
    }

    /// Waits for one thing. Answers go before the bus: an answer is older than whatever was received after it.
    async fn turn(
        &mut self,
        inbox: &mut mpsc::Receiver<Command>,
        events: &mut Option<Events>,
    ) -> Turn {
        let room = !self.outbox.is_full();
        tokio::select! {
            biased;
            flushed = self.outbox.flush(), if !self.outbox.is_empty() => match flushed {
                Ok(()) => Turn::Flushed,
                Err(ConsumerGone) => Turn::Leave(None),
            },
            Some(done) = self.work.next(), if room && !self.work.is_empty() => Turn::Done(done),
            command = inbox.recv() => match command {
                Some(Command::Stop(stopper)) => Turn::Leave(Some(stopper)),
                Some(command) => Turn::Command(command),
                None => Turn::Leave(None),
            },
            event = next_event(events), if room && events.is_some() => event.map_or(Turn::BusOver, Turn::Bus),
            timer = self.timers.due() => Turn::Due(timer),
        }
    }

    fn take(&mut self, turn: Turn) {
        match turn {
            Turn::Done(done) => self.done(done),
            Turn::Command(command) => self.command(command),
            Turn::Bus(event) => {
                self.take_answers();
                self.bus(event);
            }
            Turn::Due(timer) => self.due(timer),
            Turn::Flushed | Turn::BusOver | Turn::Leave(_) => {}
        }
    }

    /// Takes the answers that were received before the event at hand. They are complete by now, but a task's budget might hide
    /// them.
    fn take_answers(&mut self) {
        while let Some(Some(done)) = unconstrained(self.work.next()).now_or_never() {
            self.done(done);
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Execute(run, plan) => self.execute(run, plan),
            Command::Look(look) => self.look(look),
            Command::History(hypervisor, range) => self.ask_history(&hypervisor, range),
            Command::Log(hypervisor) => self.ask_newest(&hypervisor),
            Command::Follow(follow) => self.set_follow(follow),
            Command::Ask(ask) => self.ask(ask),
            Command::Trust(change) => self.change_trust(change),
            Command::Sync(sync) => self.sync(sync),
            // Taken before this.
            Command::Stop(_) => {}
        }
    }

    fn due(&mut self, timer: Timer) {
        match timer {
            Timer::Watch(id) => self.watch_due(&id),
            Timer::Round(id) => self.begin_round(&id),
            Timer::Probe(id) => self.probe_due(&id),
            Timer::Blocked(id) => self.block_due(&id),
            Timer::Look => self.look_due(),
            Timer::Save => self.save(),
            // Syncs are looked at after every turn.
            Timer::Sync => {}
        }
    }

    /// Tells the consumer.
    fn emit(&mut self, event: Event) {
        let stamped = Stamped {
            at: self.settings.clock.now(),
            event,
        };
        let changes = self.fleet.apply(stamped.clone());
        self.outbox.push(stamped);
        self.note_for_saving(changes);
    }

    fn notice(&mut self, level: Level, text: String) {
        self.emit(Event::Notice(Notice { level, text }));
    }

    /// The peer of `id`, made where there is none.
    fn peer(&mut self, id: &HypervisorId) -> &mut Peer {
        self.peers.entry(id.clone()).or_default()
    }

    fn is_online(&self) -> bool {
        self.fleet.link().is_online()
    }

    /// What a person calls the hypervisor.
    fn name_of(&self, id: &HypervisorId) -> String {
        let known = self.fleet.hypervisor(id).map(|own| own.name.clone());
        known.unwrap_or_else(|| id.to_string())
    }

    async fn leave(&mut self, events: Option<Events>) {
        self.session.stop();
        // Events that nobody takes would hold the session back.
        drop(events);
        self.save_and_wait().await;
        self.session.closed().await;
    }
}

async fn next_event(events: &mut Option<Events>) -> Option<archipel_bus::Event> {
    match events {
        Some(events) => events.next().await,
        None => None,
    }
}

/// Until the text of the link's end, why there is no session.
fn why_not(link: &Link) -> String {
    match link {
        Link::Online { .. } => "connected".to_owned(),
        Link::Connecting { reason: None, .. } => "not connected to the bus yet".to_owned(),
        Link::Connecting {
            reason: Some(reason),
            ..
        }
        | Link::Suspended { reason, .. } => format!("not connected to the bus: {reason}"),
        Link::Ended(text) => text.clone(),
    }
}

/// The moment `after` from now.
fn from_now(after: std::time::Duration) -> Instant {
    Instant::now() + after
}
