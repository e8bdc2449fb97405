//! What is due when. One sleep serves them all, and none runs while nothing is due.

use std::collections::{BTreeSet, HashMap};

use archipel_protocol::HypervisorId;
use tokio::time::{Instant, sleep_until};

/// What can be due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A watch is to be renewed, or tried again.
    Watch(HypervisorId),
    /// An agent without the feed is to be asked again.
    Round(HypervisorId),
    /// A hypervisor that was asked whether it is there has said nothing for a while.
    Probe(HypervisorId),
    /// Commands have waited long enough for this hypervisor.
    Blocked(HypervisorId),
    /// Something else may be looked at.
    Look,
    /// The cache may be written again.
    Save,
    /// Somebody has waited long enough for current states.
    Sync,
}

#[derive(Debug, Default)]
pub(super) struct Timers {
    order: BTreeSet<(Instant, Timer)>,
    at: HashMap<Timer, Instant>,
}

impl Timers {
    /// Sets a timer, in place of an earlier setting.
    pub(super) fn set(&mut self, timer: Timer, at: Instant) {
        self.clear(&timer);
        self.order.insert((at, timer.clone()));
        self.at.insert(timer, at);
    }

    /// Sets a timer unless it is due earlier already.
    pub(super) fn set_at_most(&mut self, timer: Timer, at: Instant) {
        if self.at.get(&timer).is_none_or(|set| *set > at) {
            self.set(timer, at);
        }
    }

    pub(super) fn clear(&mut self, timer: &Timer) {
        if let Some(at) = self.at.remove(timer) {
            self.order.remove(&(at, timer.clone()));
        }
    }

    /// Waits for the first one to be due; for ever where none is set. Can be cancelled without loss.
    pub(super) async fn due(&mut self) -> Timer {
        let Some((at, timer)) = self.order.first().cloned() else {
            return std::future::pending().await;
        };
        sleep_until(at).await;
        self.clear(&timer);
        timer
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn the_first_one_comes_first_and_only_once() {
        let mut timers = Timers::default();
        let now = Instant::now();
        timers.set(Timer::Sync, now + Duration::from_millis(5));
        timers.set(Timer::Save, now + Duration::from_millis(2));
        timers.set(Timer::Sync, now + Duration::from_millis(1));
        timers.set_at_most(Timer::Save, now + Duration::from_millis(9));
        assert_eq!(timers.due().await, Timer::Sync);
        assert_eq!(timers.due().await, Timer::Save);
        assert!(timers.order.is_empty() && timers.at.is_empty());
    }
}
