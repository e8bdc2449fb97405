//! Lengths of time as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

/// A length of time: `250ms`, `90s`, `5min`, `1h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(Duration);

/// A text that is no length of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSpan(String);

impl fmt::Display for InvalidSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no length of time; write 250ms, 90s, 5min or 1h (at most a day)",
            self.0
        )
    }
}

impl std::error::Error for InvalidSpan {}

/// Milliseconds of each unit, `ms` before the `s` in which it ends.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("min", 60_000), ("h", 3_600_000), ("s", 1_000)];

/// A day.
const LONGEST: u64 = 24 * 3_600_000;

impl FromStr for Span {
    type Err = InvalidSpan;

    fn from_str(text: &str) -> Result<Span, InvalidSpan> {
        let read = || {
            let (number, unit) = UNITS
                .iter()
                .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
            let milliseconds = number.trim_end().parse::<u64>().ok()?.checked_mul(*unit)?;
            (milliseconds <= LONGEST).then(|| Span(Duration::from_millis(milliseconds)))
        };
        read().ok_or_else(|| InvalidSpan(text.to_owned()))
    }
}

impl TryFrom<String> for Span {
    type Error = InvalidSpan;

    fn try_from(text: String) -> Result<Span, InvalidSpan> {
        text.parse()
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Duration {
        span.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_what_people_write_and_refuses_the_rest() {
        let read = |text: &str| text.parse::<Span>().map(Duration::from);
        assert_eq!(read("250ms").unwrap(), Duration::from_millis(250));
        assert_eq!(read("90 s").unwrap(), Duration::from_secs(90));
        assert_eq!(read("5min").unwrap(), Duration::from_mins(5));
        assert_eq!(read("1h").unwrap(), Duration::from_hours(1));
        for text in ["", "5", "s", "-1s", "2days", "99999999999999999999h", "25h"] {
            assert!(
                text.parse::<Span>()
                    .unwrap_err()
                    .to_string()
                    .contains("90s"),
                "{text}"
            );
        }
    }
}
