//! Times as in cron: six fields, each with a little grammar.

use minidom::Element;
use rxml::NcNameStr;

use crate::{
    table::{Codec, missing},
    xml::{Build, ParseError, name, shown},
};

/// When a job is done. Absent fields are `*` where a smaller one is given, and the smallest value where none is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cron {
    /// 1970 … 9999.
    pub year: Option<Part>,
    /// 1 … 12.
    pub month: Option<Part>,
    /// 1 … 31, or a place in the month.
    pub day: Option<Part>,
    /// 0 … 23.
    pub hour: Option<Part>,
    /// 0 … 59.
    pub minute: Option<Part>,
    /// 0 … 59.
    pub second: Option<Part>,
}

/// One field: `*`, `*/n`, `a`, `a-b`, `a-b/n`, lists of these, and for days `last`, `last fri`, `2nd fri`. Its text is checked
/// against the field's range: an original that is given an impossible time searches through all years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part(String);

impl Part {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number, where it is just one.
    pub fn number(&self) -> Option<u32> {
        self.0.parse().ok()
    }
}

/// A field's name and range.
type Range = (&'static str, u32, u32);
const YEAR: Range = ("year", 1970, 9999);
const MONTH: Range = ("month", 1, 12);
const DAY: Range = ("day", 1, 31);
const HOUR: Range = ("hour", 0, 23);
const MINUTE: Range = ("minute", 0, 59);
const SECOND: Range = ("second", 0, 59);

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const PLACES: [&str; 6] = ["1st", "2nd", "3rd", "4th", "5th", "last"];

impl Part {
    fn parse(text: &str, (field, low, high): Range) -> Result<Self, ParseError> {
        let sound = |word: &str| {
            is_range(word.trim(), low, high) || field == "day" && is_place(word.trim())
        };
        if text.len() <= 128 && text.split(',').all(sound) {
            Ok(Self(text.trim().to_owned()))
        } else {
            let why = format!("not a time between {low} and {high} ({})", shown(text));
            Err(ParseError::invalid(field, why))
        }
    }

    fn read(element: &Element, range: Range) -> Result<Option<Self>, ParseError> {
        match element.attr(range.0) {
            None | Some("") => Ok(None),
            Some(text) => Self::parse(text, range).map(Some),
        }
    }
}

/// `*`, `*/n`, `a`, `a-b` or `a-b/n`.
fn is_range(word: &str, low: u32, high: u32) -> bool {
    let (range, step) = word.split_once('/').unwrap_or((word, "1"));
    let within = |text: &str| {
        let number = text.parse().ok();
        number.filter(|number| (low..=high).contains(number))
    };
    let ordered = || {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        within(from)
            .zip(within(to))
            .is_some_and(|(from, to)| from <= to)
    };
    let stepped = step.parse::<u32>().is_ok_and(|step| step > 0);
    stepped && (range == "*" || ordered()) && (word == range || range.contains(['*', '-']))
}

/// `last`, `last fri` or `2nd fri`.
fn is_place(word: &str) -> bool {
    match word.split_once(' ') {
        None => word == "last",
        Some((place, day)) => PLACES.contains(&place) && WEEKDAYS.contains(&day.trim()),
    }
}

impl Cron {
    /// At one moment, given as local time of the host.
    pub fn at(moment: jiff::civil::DateTime) -> Self {
        let part = |number: i16| Some(Part(number.to_string()));
        Self {
            year: part(moment.year()),
            month: part(moment.month().into()),
            day: part(moment.day().into()),
            hour: part(moment.hour().into()),
            minute: part(moment.minute().into()),
            second: part(moment.second().into()),
        }
    }

    /// The moment, where all fields are numbers and make one.
    pub fn moment(&self) -> Option<jiff::civil::DateTime> {
        let number = |part: &Option<Part>| part.as_ref()?.number();
        let small = |part: &Option<Part>| i8::try_from(number(part)?).ok();
        let year = i16::try_from(number(&self.year)?).ok()?;
        let date = jiff::civil::Date::new(year, small(&self.month)?, small(&self.day)?).ok()?;
        let (hour, minute, second) = (
            small(&self.hour)?,
            small(&self.minute)?,
            small(&self.second)?,
        );
        let time = jiff::civil::Time::new(hour, minute, second, 0).ok()?;
        Some(date.to_datetime(time))
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// As six attributes. At least one must be there: without any, the original does the job every second.
pub(super) struct Fields;

impl Codec<Cron> for Fields {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Cron, ParseError> {
        let cron = Cron {
            year: Part::read(element, YEAR)?,
            month: Part::read(element, MONTH)?,
            day: Part::read(element, DAY)?,
            hour: Part::read(element, HOUR)?,
            minute: Part::read(element, MINUTE)?,
            second: Part::read(element, SECOND)?,
        };
        if cron.is_empty() {
            return Err(missing(element, name));
        }
        Ok(cron)
    }

    fn write(value: &Cron, _: &'static NcNameStr, build: Build) -> Build {
        let text = |part: &Option<Part>| part.as_ref().map(|part| part.0.clone());
        build
            .maybe(name!("year"), text(&value.year))
            .maybe(name!("month"), text(&value.month))
            .maybe(name!("day"), text(&value.day))
            .maybe(name!("hour"), text(&value.hour))
            .maybe(name!("minute"), text(&value.minute))
            .maybe(name!("second"), text(&value.second))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_grammar_is_that_of_cron() {
        for good in ["*", "*/2", "3", "3-5", "3-20/2", "1,2,5-7", " 4 "] {
            assert!(Part::parse(good, HOUR).is_ok(), "{good}");
        }
        for good in ["last", "last fri", "2nd tue", "1,last"] {
            assert!(Part::parse(good, DAY).is_ok(), "{good}");
            assert!(Part::parse(good, HOUR).is_err(), "{good}");
        }
        for bad in [
            "",
            "x",
            "24",
            "5-3",
            "*/0",
            "1/2",
            "-1",
            "*-3",
            "1,,2",
            "last mon",
            &"1,".repeat(200),
        ] {
            assert!(Part::parse(bad, HOUR).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_moment_comes_back() {
        let moment = jiff::civil::datetime(2030, 5, 6, 1, 2, 3, 0);
        assert_eq!(Cron::at(moment).moment(), Some(moment));
        let odd = Cron {
            day: Some(Part("31".into())),
            month: Some(Part("2".into())),
            ..Cron::at(moment)
        };
        assert_eq!(odd.moment(), None);
    }

    #[test]
    fn a_job_without_a_time_is_refused() {
        let empty: Element = "<archipel xmlns='x'/>".parse().unwrap();
        assert!(Fields::read(&empty, rxml::xml_ncname!("second")).is_err());
    }
}
