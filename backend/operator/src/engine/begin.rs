//! How the engine begins: the session, whom the operator trusts, what an earlier run knew.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use archipel_bus::{Account, Options, Session, TlsClient, connect};
use archipel_fleet::{Event, Fleet, Stamped};
use futures::stream::FuturesUnordered;
use tokio::sync::{Semaphore, mpsc};
use tracing::{Instrument, info_span};

use super::{
    Engine, Mode, QUESTIONS, abilities::Abilities, roster, runs::Runs, save, timers::Timers,
};
use crate::{
    cache::Remembered,
    command::{Command, Follow},
    error::StartError,
    invite,
    outbox::Outbox,
    settings::Settings,
    trust::Trust,
};

/// Hypervisors read from the cache before they are put to use.
const READ_AHEAD: usize = 256;

/// Starts the task.
pub(crate) fn spawn(
    settings: Settings,
    mode: Mode,
    inbox: mpsc::Receiver<Command>,
    sender: mpsc::Sender<Stamped>,
) -> Result<Session, StartError> {
    let trust = Trust::load(settings.paths.trust_file())?;
    let (session, events) = connect(options(&settings, mode)?);
    let engine = Engine {
        mode,
        session: session.clone(),
        outbox: Outbox::new(sender),
        fleet: Fleet::default(),
        peers: HashMap::new(),
        trust,
        invited: HashSet::new(),
        abilities: Abilities::default(),
        runs: Runs::default(),
        syncs: Vec::new(),
        deeds: Vec::new(),
        timers: Timers::default(),
        work: FuturesUnordered::new(),
        questions: Arc::new(Semaphore::new(QUESTIONS)),
        roster: roster::State::default(),
        strangers: roster::Strangers::default(),
        said: HashMap::new(),
        look: super::look::State::default(),
        follow: Follow::default(),
        save: save::State::default(),
        settings,
    };
    let span = info_span!("operator", profile = %engine.settings.profile.name);
    tokio::spawn(engine.run(inbox, events).instrument(span));
    Ok(session)
}

fn options(settings: &Settings, mode: Mode) -> Result<Options, StartError> {
    let bus = settings.profile.bus.clone();
    let tls = TlsClient::new(&bus)?;
    let account = Account {
        jid: settings.profile.jid.clone(),
        resource: None,
        secret: settings.secret.clone(),
    };
    let mut options = Options::new(account, bus, tls);
    options.resume = mode == Mode::Screen;
    options.give_up_on_first_failure = mode == Mode::OneShot;
    Ok(options)
}

impl Engine {
    /// Reads what an earlier run knew, and says whom the operator trusts.
    pub(super) async fn begin(&mut self) {
        let paths = self.settings.paths.clone();
        let account = self.settings.profile.jid.clone();
        let now = self.settings.clock.now();
        // Two models are filled from what is read, all three at the same time.
        let (sender, mut remembered) = mpsc::channel(READ_AHEAD);
        let file = paths.fleet_file();
        tokio::task::spawn_blocking(move || {
            for entry in crate::cache::load(&file, &account, now) {
                // Nobody wants more when the engine is gone.
                if sender.blocking_send(entry).is_err() {
                    break;
                }
            }
        });
        let invited = tokio::task::spawn_blocking(move || invite::invited(&paths));
        self.invited = invited.await.unwrap_or_default();
        let trusted: Vec<_> = self.trust.iter().cloned().collect();
        for id in trusted {
            self.peer(&id);
            self.retrust(&id);
        }
        while let Some(entry) = remembered.recv().await {
            self.remember(entry);
            self.outbox.offer();
        }
        self.roster.remembered = self.knows_all_addresses();
        self.save.clean();
    }

    /// Whoever has no address yet may still wait for the subscription, and of that only the roster knows.
    fn knows_all_addresses(&self) -> bool {
        let mut trusted = self.peers.values().filter(|peer| peer.trusted).peekable();
        trusted.peek().is_some() && trusted.all(|peer| peer.jid.is_some())
    }

    /// Takes over what the cache says of a hypervisor that is still trusted.
    fn remember(&mut self, entry: Remembered) {
        let id = entry.rows.contact.id.clone();
        let by_group = self.in_trusted_group(&entry.rows.contact.groups);
        if !self.trust.contains(&id) && !by_group {
            return;
        }
        let peer = self.peer(&id);
        peer.jid = entry.jid;
        peer.known = entry.known;
        if !peer.trusted {
            peer.trusted = true;
            self.emit(Event::Trusted(id, true));
        }
        self.emit(Event::Cached(Box::new(entry.rows)));
    }
}
