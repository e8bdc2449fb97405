//! The time, as the owner of the clock tells it.

use archipel_fleet::Moment;

/// Now: on the monotonic clock for ages, on the operator's wall clock for the first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// On the monotonic clock.
    pub moment: Moment,
    /// Hour of the operator's day, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59: only to wake at the full minute.
    pub second: u8,
}

impl Now {
    /// As in the first line: `14:03`.
    pub(crate) fn clock(self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }

    /// When the next minute begins.
    pub(crate) fn next_minute(self) -> Moment {
        Moment(self.moment.0 + u64::from(60 - self.second.min(59)) * 1_000)
    }
}
