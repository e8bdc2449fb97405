//! Time as the model sees it.

use std::time::Duration;

/// Milliseconds on the operator's monotonic clock; every event carries the moment of its receipt.
///
/// Where zero lies is up to whoever owns the clock. It lies well before the program's start, so that what a cache remembers
/// of an earlier run has an age too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub u64);

impl Moment {
    /// The time from `earlier` until this moment; zero where `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The moment `later` after this one.
    #[must_use]
    pub fn after(self, later: Duration) -> Self {
        let more = u64::try_from(later.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(more))
    }
}

/// Whether what is shown is what is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Freshness {
    /// The feed is live.
    Live,
    /// The last known state; nothing was heard after `since`.
    Stale {
        /// When the feed was live last.
        since: Moment,
    },
}

impl Freshness {
    /// Whether the feed is live.
    pub fn is_live(self) -> bool {
        self == Self::Live
    }

    /// The age of the last known state at `now`; `None` while it is live.
    pub fn age(self, now: Moment) -> Option<Duration> {
        match self {
            Self::Live => None,
            Self::Stale { since } => Some(now.since(since)),
        }
    }

    /// Stale from `at` on, unless it was stale before.
    #[must_use]
    pub(crate) fn staled(self, at: Moment) -> Self {
        match self {
            Self::Live => Self::Stale { since: at },
            stale @ Self::Stale { .. } => stale,
        }
    }
}
