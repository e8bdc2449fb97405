//! What the engine is told before it starts.

use std::time::Duration;

use archipel_config::{Profile, ProfilePaths, Secret};

use crate::clock::Clock;

/// Everything the engine needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The account, the bus, whom to trust by group, and whether anything may be changed.
    pub profile: Profile,
    /// The account's password.
    pub secret: Secret,
    /// Where the trust list and the cache live.
    pub paths: ProfilePaths,
    /// The clock that stamps events.
    pub clock: Clock,
    /// Deadlines and pauses.
    pub pace: Pace,
}

impl Settings {
    /// Settings with the usual deadlines.
    pub fn new(profile: Profile, secret: Secret, paths: ProfilePaths, clock: Clock) -> Self {
        Self {
            profile,
            secret,
            paths,
            clock,
            pace: Pace::default(),
        }
    }
}

/// Deadlines and pauses.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long the answer to a command may take.
    pub command: Duration,
    /// How long the answer to a question may take.
    pub question: Duration,
    /// How long a hypervisor is waited for that was asked whether it is there.
    pub probe: Duration,
    /// The age at which a watch is renewed; each renewal comes up to a quarter earlier, so that they spread.
    pub renewal: Duration,
    /// Until a watch that failed is tried again.
    pub retry: Duration,
    /// How long a machine of an agent without the feed is waited for.
    pub machine: Duration,
    /// Between two rounds of questions to an agent without the feed.
    pub round: Duration,
    /// The same for one that is looked at: the pace of the original's own client.
    pub round_looked_at: Duration,
    /// The least time between two changes of which machines are looked over.
    pub look: Duration,
    /// The least time between two writes of the cache.
    pub save: Duration,
    /// How long a command stays valid, and how long one waits for a hypervisor that is out of reach.
    pub patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            command: Duration::from_mins(1),
            question: Duration::from_secs(20),
            probe: Duration::from_secs(5),
            renewal: Duration::from_secs(260),
            retry: Duration::from_mins(1),
            machine: Duration::from_secs(5),
            round: Duration::from_mins(1),
            round_looked_at: Duration::from_secs(5),
            look: Duration::from_secs(2),
            save: Duration::from_secs(30),
            patience: Duration::from_mins(5),
        }
    }
}
