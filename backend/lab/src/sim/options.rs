//! What a simulation shall be like.

use std::path::PathBuf;

use super::{BusChoice, FleetSize, Scenario, descriptors::Needs};
use crate::{Profile, ServerKind};

/// What a simulation shall be like.
#[derive(Debug, Clone)]
pub struct Options {
    pub(super) size: FleetSize,
    pub(super) seed: u64,
    pub(super) bus: BusChoice,
    pub(super) vm_sessions: bool,
    pub(super) state: Option<PathBuf>,
    pub(super) lines: bool,
}

impl Options {
    /// A fleet of seed 1 on a private Prosody with nothing in the way; machines have no sessions of their own.
    pub fn new(size: FleetSize) -> Options {
        Options {
            size,
            seed: 1,
            bus: BusChoice::Private {
                kind: ServerKind::Prosody,
                profile: Profile::Open,
            },
            vm_sessions: false,
            state: None,
            lines: false,
        }
    }

    /// On a private server of this kind.
    #[must_use]
    pub fn on(self, kind: ServerKind) -> Options {
        self.bus(BusChoice::Private {
            kind,
            profile: Profile::Open,
        })
    }

    /// On this bus.
    #[must_use]
    pub fn bus(mut self, bus: BusChoice) -> Options {
        self.bus = bus;
        self
    }

    /// Another seed, another fleet.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Options {
        self.seed = seed;
        self
    }

    /// Each machine is a contact of its own. The agents register its account where the server lets them.
    #[must_use]
    pub fn vm_sessions(mut self) -> Options {
        self.vm_sessions = true;
        self
    }

    /// The agents keep their stores below this folder, in place of one that is removed at the end.
    #[must_use]
    pub fn state(mut self, folder: PathBuf) -> Options {
        self.state = Some(folder);
        self
    }

    /// With a proxy per site between agents and bus: for bad lines (two descriptors more per agent).
    #[must_use]
    pub fn lines(mut self) -> Options {
        self.lines = true;
        self
    }

    /// With all that a scenario needs.
    #[must_use]
    pub fn scenario(self, scenario: &Scenario) -> Options {
        if scenario.needs_lines() {
            self.lines()
        } else {
            self
        }
    }

    pub(super) fn needs(&self) -> Needs {
        Needs {
            size: self.size,
            vm_sessions: self.vm_sessions,
            proxied: self.lines,
        }
    }
}
