//! When to try again.

use std::time::Duration;

use tokio::time::Instant;

use crate::options::Timing;

/// Pauses between attempts: the first retry is quick, two more follow within a second each, for that is how long a server takes to start;
/// then the pauses double up to a bound. Each is at a random point of its upper half, so that a fleet does not come back in step. Two attempts never start closer together than the least interval, else two sessions that
/// fight for one address would spin.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    started: Option<Instant>,
}

impl Backoff {
    /// An attempt starts now.
    pub(crate) fn start(&mut self) {
        self.started = Some(Instant::now());
    }

    /// An attempt succeeded: the next loss is a first one.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// The pause before the next attempt, after a failure or loss. A first retry starts within `spread`.
    pub(crate) fn pause(&mut self, timing: &Timing, spread: Duration) -> Duration {
        let pause = match self.failures {
            0 => spread.mul_f64(rand::random_range(0.0..=1.0)),
            n => doubled(n.saturating_sub(2), timing.max_interval)
                .mul_f64(rand::random_range(0.5..=1.0)),
        };
        self.failures = self.failures.saturating_add(1);
        let since = self
            .started
            .map_or(timing.min_interval, |started| started.elapsed());
        pause.max(timing.min_interval.saturating_sub(since))
    }
}

fn doubled(times: u32, bound: Duration) -> Duration {
    let factor = 2_u32.saturating_pow(times);
    Duration::from_secs(1).saturating_mul(factor).min(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_bound_and_start_over() {
        let timing = Timing::default();
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..40)
            .map(|_| backoff.pause(&timing, Duration::ZERO))
            .collect();
        assert_eq!(pauses[0], Duration::ZERO);
        assert!(pauses.iter().all(|pause| *pause <= timing.max_interval));
        assert!(pauses[39] >= timing.max_interval / 2);
        backoff.succeeded();
        assert_eq!(backoff.pause(&timing, Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn attempts_never_start_close_together() {
        let timing = Timing {
            min_interval: Duration::from_hours(1),
            ..Timing::default()
        };
        let mut backoff = Backoff::default();
        backoff.start();
        assert!(backoff.pause(&timing, Duration::ZERO) > timing.max_interval);
    }
}
