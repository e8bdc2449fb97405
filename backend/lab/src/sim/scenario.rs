//! Scenarios: documents that say what happens to a fleet, phase by phase.
//!
//! ```toml
//! summary = "A rack loses power and comes back."
//!
//! [[phase]]
//! name = "storm"
//! lasts = "30s"
//! events = { boots = 60, crashes = 60 }       # times an hour per machine
//! line = { latency = "80ms", sites = 0.5 }    # of the agents' connections, at this share of the sites
//! ```
//!
//! What a phase does not name is as in the beginning: no events, good lines, nothing restarts, nobody attacks.

mod error;
mod shipped;

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

pub use error::{InvalidScenario, ScenarioError};
pub use shipped::SHIPPED;

use super::Span;
use crate::{Line, Passage};

/// The most events of a kind that a machine can have in an hour: one a second.
const MOST_EVENTS: f64 = 3_600.0;

/// The longest name of a phase.
const LONGEST_NAME: usize = 40;

/// What happens to a fleet.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// One line for people.
    pub summary: String,
    /// What happens, in order.
    #[serde(rename = "phase")]
    pub phases: Vec<Phase>,
}

/// A part of a scenario.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// For people.
    pub name: String,
    /// How long it takes; longer where what it does takes longer.
    pub lasts: Span,
    /// How often machines do something by themselves.
    #[serde(default)]
    pub events: Rates,
    /// How the agents' lines to the bus are.
    pub line: Option<BadLine>,
    /// What becomes of the agents.
    pub agents: Option<Upgrade>,
    /// What becomes of the private server.
    pub server: Option<Outage>,
    /// What an account without rights sends.
    pub hostile: Option<Hostile>,
}

/// How often something happens to a machine by itself: times an hour.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// It boots.
    pub boots: f64,
    /// Its guest shuts down.
    pub stops: f64,
    /// Its guest crashes; a watchdog starts it anew.
    pub crashes: f64,
    /// It is paused for a while.
    pub pauses: f64,
    /// It moves to another host.
    pub migrations: f64,
}

/// How the lines of some sites are.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BadLine {
    /// The share of the sites with such a line, from nothing to one (at least one site).
    pub sites: f64,
    /// How long a byte takes, each way.
    pub latency: Span,
    /// How many bytes a second pass, each way and per agent.
    pub bytes_per_second: Option<NonZeroU32>,
    /// Whether anything passes.
    pub passage: PassageWord,
}

/// [`Passage`] as scenarios write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PassageWord {
    /// Bytes pass.
    #[default]
    Open,
    /// They are swallowed, and come out when the line is open again.
    Blackhole,
    /// Connections end.
    Cut,
}

/// All agents are ended and started on their stores, one group after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upgrade {
    /// How many at a time; the next follow when these are back.
    pub restart_at_a_time: u16,
}

/// The private server goes and comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// How it goes.
    pub end: End,
    /// How long it is away.
    pub away: Span,
}

/// How a server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It says goodbye.
    Stop,
    /// It is killed.
    Kill,
}

/// An account without rights attacks agents and operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hostile {
    /// How many stanzas it sends in a second.
    pub stanzas_per_second: u16,
}

impl Scenario {
    /// The one that is shipped under this name, or the one in the file of this name.
    ///
    /// # Errors
    ///
    /// When there is none, or it is not sound; the text says where and why.
    pub fn find(word: &str) -> Result<Scenario, ScenarioError> {
        if let Some(shipped) = SHIPPED.iter().find(|shipped| shipped.name == word) {
            return Scenario::parse(Path::new(word), shipped.text);
        }
        let path = Path::new(word);
        if !path.is_file() {
            return Err(ScenarioError::Unknown(word.to_owned()));
        }
        let text = std::fs::read_to_string(path)
            .map_err(|why| ScenarioError::Unreadable(path.to_owned(), why))?;
        Scenario::parse(path, &text)
    }

    /// Reads a document that came from `path`.
    ///
    /// # Errors
    ///
    /// When it is not sound; the text says where and why.
    pub fn parse(path: &Path, text: &str) -> Result<Scenario, ScenarioError> {
        let scenario: Scenario = archipel_config::parse(path, text).map_err(Box::new)?;
        let sound = scenario.validate();
        sound.map_err(|why| ScenarioError::Invalid(path.to_owned(), why))?;
        Ok(scenario)
    }

    /// Whether the agents need a proxy before the bus (two descriptors more each).
    pub fn needs_lines(&self) -> bool {
        self.phases.iter().any(|phase| phase.line.is_some())
    }

    /// Whether the bus must be a private one.
    pub fn needs_own_server(&self) -> bool {
        self.phases
            .iter()
            .any(|phase| phase.server.is_some() || phase.hostile.is_some())
    }

    /// The length of all phases together.
    pub fn lasts(&self) -> Duration {
        self.phases
            .iter()
            .map(|phase| Duration::from(phase.lasts))
            .sum()
    }

    fn validate(&self) -> Result<(), InvalidScenario> {
        if self.phases.is_empty() {
            return Err(InvalidScenario::Empty);
        }
        self.phases.iter().try_for_each(|phase| {
            let invalid = |what| InvalidScenario::Phase {
                name: phase.name.clone(),
                what,
            };
            phase.fault().map_or(Ok(()), |what| Err(invalid(what)))
        })
    }
}

impl Phase {
    /// What is wrong with it.
    fn fault(&self) -> Option<&'static str> {
        let line = self.line.unwrap_or_default();
        let agents = self.agents.map_or(1, |agents| agents.restart_at_a_time);
        let hostile = self.hostile.map_or(1, |hostile| hostile.stanzas_per_second);
        let faults = [
            (
                self.name.is_empty() || self.name.len() > LONGEST_NAME,
                "`name` has 1 to 40 characters",
            ),
            (
                Duration::from(self.lasts).is_zero(),
                "`lasts` is longer than nothing",
            ),
            (
                !self.events.are_sound(),
                "`events` are 0 to 3600 times an hour",
            ),
            (
                !(line.sites > 0.0 && line.sites <= 1.0),
                "`line.sites` is a share above 0, up to 1",
            ),
            (agents == 0, "`agents.restart_at_a_time` is at least 1"),
            (hostile == 0, "`hostile.stanzas_per_second` is at least 1"),
        ];
        faults
            .iter()
            .find(|(wrong, _)| *wrong)
            .map(|(_, what)| *what)
    }
}

impl Rates {
    /// All of them together.
    pub fn sum(&self) -> f64 {
        self.all().iter().sum()
    }

    fn all(&self) -> [f64; 5] {
        [
            self.boots,
            self.stops,
            self.crashes,
            self.pauses,
            self.migrations,
        ]
    }

    fn are_sound(&self) -> bool {
        self.all()
            .iter()
            .all(|rate| (0.0..=MOST_EVENTS).contains(rate))
    }
}

impl Default for BadLine {
    /// A good line at all sites.
    fn default() -> BadLine {
        BadLine {
            sites: 1.0,
            latency: Span::default(),
            bytes_per_second: None,
            passage: PassageWord::Open,
        }
    }
}

impl BadLine {
    /// The line as a proxy has it.
    pub fn line(self) -> Line {
        Line {
            latency: self.latency.into(),
            bytes_per_second: self.bytes_per_second,
            passage: match self.passage {
                PassageWord::Open => Passage::Open,
                PassageWord::Blackhole => Passage::Blackhole,
                PassageWord::Cut => Passage::Cut,
            },
        }
    }
}

#[cfg(test)]
mod tests;
