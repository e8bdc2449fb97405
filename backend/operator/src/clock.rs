//! The clock that stamps events.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use archipel_fleet::Moment;

/// A clock that never goes back: the time of day at its start, continued by the monotonic clock.
///
/// Moments of an earlier run, as the cache keeps them, have an age on it; a change of the system's time has no effect.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    zero: Duration,
}

impl Clock {
    /// A clock that starts now. One per process: moments of two clocks do not compare.
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            started: Instant::now(),
            zero: since_epoch.unwrap_or_default(),
        }
    }

    /// The moment it is.
    pub fn now(&self) -> Moment {
        Moment::default().after(self.zero + self.started.elapsed())
    }
}
