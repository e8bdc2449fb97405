//! How often the indexes are computed anew while the fleet changes.
//!
//! An index takes time in proportion to the fleet, and a large fleet changes all the time. A row's figures are those of the model in
//! every frame; which rows there are and in which order may be a little older, so that the cost of a frame does not grow with the
//! fleet and rows do not jump about under the operator's eyes.

use archipel_fleet::{Changes, Moment};

/// Machines for which an index may be a millisecond old: forty of them, and 40,000 are sorted once a second.
const MACHINES_PER_MS: u64 = 40;

/// When indexes were computed last, and what has changed since.
#[derive(Debug, Default)]
pub(super) struct Pace {
    computed: Option<Moment>,
    held: Changes,
    due: Option<Moment>,
}

impl Pace {
    /// What of `changes`, and of those held before, is to be followed now in a fleet of so many machines.
    pub(super) fn admit(&mut self, changes: Changes, machines: u32, now: Moment) -> Changes {
        let order = Changes::STRUCTURE | Changes::ROWS | Changes::LOAD;
        let all = changes | self.held;
        let due = self
            .computed
            .map(|at| Moment(at.0 + u64::from(machines) / MACHINES_PER_MS));
        if all.of(order).is_empty() {
            return all;
        }
        if due.is_some_and(|due| due > now) {
            self.held = all.of(order);
            self.due = due;
            return all.but(order);
        }
        self.compute(now);
        all
    }

    /// All indexes are computed now, whatever changed.
    pub(super) fn compute(&mut self, now: Moment) {
        *self = Self {
            computed: Some(now),
            ..Self::default()
        };
    }

    /// When what is held is to be followed; `None` where nothing is.
    pub(super) fn due(&self) -> Option<Moment> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: u32 = 40_000;

    #[test]
    fn a_large_fleet_is_sorted_once_a_second() {
        let mut pace = Pace::default();
        assert_eq!(pace.admit(Changes::ROWS, LARGE, Moment(0)), Changes::ROWS);
        assert_eq!(pace.admit(Changes::ROWS, LARGE, Moment(16)), Changes::NONE);
        let with_notices = pace.admit(Changes::LOAD | Changes::NOTICES, LARGE, Moment(32));
        assert_eq!(with_notices, Changes::NOTICES);
        assert_eq!(pace.due(), Some(Moment(1_000)));
        let held = pace.admit(Changes::NONE, LARGE, Moment(1_000));
        assert_eq!(held, Changes::ROWS | Changes::LOAD);
        assert_eq!(pace.due(), None, "nothing is held, nobody has to wake");
    }

    #[test]
    fn a_small_fleet_is_sorted_at_every_frame() {
        let mut pace = Pace::default();
        for at in [0, 16, 32] {
            assert_eq!(pace.admit(Changes::ROWS, 400, Moment(at)), Changes::ROWS);
        }
    }

    #[test]
    fn what_the_operator_asked_for_takes_all_with_it() {
        let mut pace = Pace::default();
        pace.admit(Changes::ROWS, LARGE, Moment(0));
        pace.admit(Changes::ROWS, LARGE, Moment(16));
        pace.compute(Moment(20));
        assert_eq!(pace.due(), None);
        assert_eq!(pace.admit(Changes::NONE, LARGE, Moment(40)), Changes::NONE);
    }
}
