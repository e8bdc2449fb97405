//! Moments in a selector: `02:30`, `2026-11-20`, `2026-11-20T02:30Z`, `2h` (ago), `now`, `today`, `yesterday`.

use std::fmt;

use super::{field::Measure, operand::Number};

const DAY: i64 = 86_400;

/// The moment of an evaluation, given by the caller: this crate has no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Seconds since 1970 UTC.
    pub unix: i64,
    /// What local time is ahead of UTC, in seconds. It is taken for all of the past, a change of summer time included.
    pub offset: i32,
}

impl Now {
    /// `unix` seconds since 1970, read and shown in UTC.
    pub const fn utc(unix: i64) -> Self {
        Self { unix, offset: 0 }
    }

    fn local(self) -> i64 {
        self.unix.saturating_add(i64::from(self.offset))
    }

    fn midnight(self) -> i64 {
        self.local().div_euclid(DAY) * DAY - i64::from(self.offset)
    }
}

/// A moment as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Time {
    text: String,
    when: When,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum When {
    Ago(Number),
    Now,
    /// The beginning of the day that many days ago.
    Days(i64),
    /// The last time that the clock showed these seconds after midnight.
    Clock(i64),
    /// Seconds since 1970 on the local clock.
    Local(i64),
    /// Seconds since 1970 UTC.
    Utc(i64),
}

impl Time {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let when = match text.to_ascii_lowercase().as_str() {
            "now" => When::Now,
            "today" => When::Days(0),
            "yesterday" => When::Days(1),
            _ => duration(text)
                .or_else(|| clock(text))
                .or_else(|| date(text))?,
        };
        let text = text.to_owned();
        Some(Self { text, when })
    }

    /// Seconds since 1970 UTC. Nothing, where that depends on a `now` that is not known.
    pub(super) fn value(&self, now: Option<Now>) -> Option<f64> {
        // Whole seconds of a few thousand years are exact.
        #[allow(clippy::cast_precision_loss)]
        let exact = |seconds: i64| seconds as f64;
        if let When::Utc(seconds) = self.when {
            return Some(exact(seconds));
        }
        let now = now?;
        Some(match self.when {
            When::Utc(seconds) => exact(seconds),
            When::Now => exact(now.unix),
            When::Ago(number) => exact(now.unix) - number.value(),
            When::Days(days) => exact(now.midnight() - days * DAY),
            When::Clock(seconds) => {
                let today = now.midnight() + seconds;
                exact(if today > now.unix { today - DAY } else { today })
            }
            When::Local(seconds) => exact(seconds - i64::from(now.offset)),
        })
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn duration(text: &str) -> Option<When> {
    Number::parse(Measure::Duration, text).map(When::Ago)
}

fn clock(text: &str) -> Option<When> {
    of_day(text).map(When::Clock)
}

/// `HH:MM` or `HH:MM:SS`, in seconds after midnight.
fn of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let hours = number(parts.next()?, 2, 23)?;
    let minutes = number(parts.next()?, 2, 59)?;
    let seconds = parts.next().map_or(Some(0), |part| number(part, 2, 59))?;
    parts
        .next()
        .is_none()
        .then_some(hours * 3_600 + minutes * 60 + seconds)
}

/// `YYYY-MM-DD`, with `THH:MM[:SS]` and a zone behind it where wanted.
fn date(text: &str) -> Option<When> {
    let (day, rest) = text.split_once(['T', 't']).unwrap_or((text, ""));
    let mut parts = day.split('-');
    let (year, month) = (number(parts.next()?, 4, 9_999)?, parts.next()?);
    let (month, day) = (number(month, 2, 12)?, number(parts.next()?, 2, 31)?);
    let sound = parts.next().is_none() && month > 0 && day > 0 && day <= days_of(year, month);
    let start = sound.then(|| days_since_1970(year, month, day) * DAY)?;
    if rest.is_empty() {
        return (text.len() == 10).then_some(When::Local(start));
    }
    let (clock, zone) = rest.split_at(rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len()));
    let local = start + of_day(clock)?;
    match zone {
        "" => Some(When::Local(local)),
        "Z" | "z" => Some(When::Utc(local)),
        _ => {
            let ahead = of_day(zone.get(1..)?)?;
            let ahead = if zone.starts_with('-') { -ahead } else { ahead };
            Some(When::Utc(local - ahead))
        }
    }
}

fn number(text: &str, digits: usize, most: i64) -> Option<i64> {
    let sound = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    let number = sound.then(|| text.parse().ok())??;
    (number <= most).then_some(number)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// In the Gregorian calendar. Years are counted from March, so that the leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (month * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// 2026-11-21T01:00:00 in Munich.
    const NOW: Now = Now {
        unix: 1_795_219_200,
        offset: 3_600,
    };

    #[test]
    #[allow(clippy::float_cmp, clippy::cast_precision_loss)]
    fn moments_are_understood() {
        for (text, unix) in [
            ("now", NOW.unix),
            ("2h", NOW.unix - 7_200),
            ("00:30", NOW.unix - 1_800),
            ("02:30", NOW.unix - 81_000),
            ("today", NOW.unix - 3_600),
            ("yesterday", NOW.unix - 90_000),
            ("2026-11-21T00:00Z", NOW.unix),
            ("2026-11-21T02:00:00+02:00", NOW.unix),
            ("2026-11-21T01:00", NOW.unix),
            ("2026-11-21", NOW.unix - 3_600),
            ("1970-01-01T00:00Z", 0),
            ("2000-02-29T00:00:01Z", 951_782_401),
        ] {
            let value = Time::parse(text).unwrap().value(Some(NOW)).unwrap();
            assert_eq!(value, unix as f64, "{text}");
        }
    }

    #[test]
    fn nonsense_is_no_moment() {
        for text in [
            "24:00",
            "2:30",
            "02:60",
            "2026-02-29",
            "2026-13-01",
            "2026-11-21T",
            "soon",
            "2026-11-21T01:00+x",
            "2026-11-21T01:00+é",
            "-1h",
        ] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
        assert_eq!(Time::parse("02:30").unwrap().value(None), None);
    }
}
