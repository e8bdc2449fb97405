//! A simulated fleet with an operator on it.

use std::time::{Duration, Instant};

use archipel_config::{Environment, Flags, Paths, Profile};
use archipel_fleet::{Fleet, Stamped};
use archipel_lab::{
    Patience, Scratch, ServerKind,
    sim::{Options, Simulation},
};
use archipel_operator::{Clock, Handle, Settings};
use tokio::sync::mpsc;

use crate::home::Login;

/// The largest fleet logs in within this on any server.
pub(super) const PATIENCE: Patience = Patience::seconds(600);

/// All agents of a fleet of this size, on the bus.
pub(super) async fn online(size: &str, kind: ServerKind) -> Simulation {
    start(Options::new(size.parse().expect("a size")).on(kind)).await
}

/// All agents of this fleet, on the bus.
pub(super) async fn start(options: Options) -> Simulation {
    let sim = Simulation::start(options).await.expect("a simulated fleet");
    sim.online(PATIENCE).await.expect("all agents log in");
    sim
}

/// The operator of this fleet.
pub(super) fn login(sim: &Simulation) -> Login {
    let access = sim.operator().expect("a private bus");
    Login {
        jid: access.jid,
        secret: access.secret,
        bus: access.settings,
        groups: sim.groups(),
    }
}

/// An operator's engine whose cache outlives it.
pub(super) struct Desk {
    folder: Scratch,
}

/// An engine at work, and the model that it fills.
pub(super) struct Watching {
    pub(super) handle: Handle,
    events: mpsc::Receiver<Stamped>,
    pub(super) fleet: Fleet,
}

impl Desk {
    pub(super) fn new() -> Self {
        let folder = Scratch::new().expect("a folder");
        Self { folder }
    }

    /// Logs in; whatever an earlier session of this desk knew is known.
    pub(super) fn open(&self, login: &Login) -> Watching {
        let paths = Paths::under(self.folder.path());
        let text = login.profile(self.folder.path());
        std::fs::create_dir_all(paths.drop_ins()).expect("a folder");
        std::fs::write(paths.drop_ins().join("test.toml"), text).expect("a file");
        let none = Environment::from_lookup(|_| None);
        let profile = Profile::load(&paths, &Flags::default(), &none).expect("a profile");
        let own = paths.profile(&profile.name);
        let settings = Settings::new(profile, login.secret.clone(), own, Clock::start());
        let (handle, events) = archipel_operator::start(settings).expect("an engine");
        Watching {
            handle,
            events,
            fleet: Fleet::default(),
        }
    }
}

impl Watching {
    /// When `holds` was true of the model; it is looked at after every batch of events.
    pub(super) async fn until(&mut self, what: &str, holds: impl Fn(&Fleet) -> bool) -> Instant {
        let end = Instant::now() + PATIENCE.0;
        loop {
            if holds(&self.fleet) {
                return Instant::now();
            }
            let soon = Duration::from_millis(500);
            match tokio::time::timeout(soon, self.events.recv()).await {
                Ok(Some(event)) => drop(self.fleet.apply(event)),
                Ok(None) => panic!("the engine ended while waiting for {what}"),
                Err(_) => {}
            }
            while let Ok(event) = self.events.try_recv() {
                self.fleet.apply(event);
            }
            let counts = self.fleet.counts();
            assert!(
                Instant::now() < end,
                "waited in vain for {what}: {counts:?}"
            );
        }
    }

    /// When everything of the fleet was there and current.
    pub(super) async fn synced(&mut self, sim: &Simulation) -> Instant {
        self.until("everything to be in sync", |fleet| is_synced(fleet, sim))
            .await
    }

    /// Follows the fleet for so long.
    pub(super) async fn stay(&mut self, span: Duration) {
        let end = tokio::time::Instant::now() + span;
        while let Ok(Some(event)) = tokio::time::timeout_at(end, self.events.recv()).await {
            self.fleet.apply(event);
        }
    }

    /// Saves the cache and logs out.
    pub(super) async fn close(self) {
        // The engine must not wait for a consumer that waits for it.
        drop(self.events);
        self.handle.stop().await;
    }
}

/// Whether the model holds everything of a fleet, and all of it is current.
pub(super) fn is_synced(fleet: &Fleet, sim: &Simulation) -> bool {
    let counts = fleet.counts();
    counts.hypervisors_online as usize == sim.hosts().len()
        && counts.machines as usize == sim.blueprint().machines()
        && counts.stale == 0
}
