//! What a field is compared with.

use std::fmt;

use archipel_protocol::VmState;

use super::{
    error::{Problem, SelectorError},
    field::{FieldRow, Kind, Measure},
    lexer::{self, Token, TokenKind},
    pattern::Pattern,
    time::{Now, Time},
};

/// A value in a selector, fit for its field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Text(Pattern),
    State(VmState),
    Word(&'static str),
    Yes(bool),
    Number(Number),
    Time(Time),
}

/// A number with its unit, as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    amount: f64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Unit {
    word: &'static str,
    alias: &'static str,
    factor: f64,
}

const fn unit(word: &'static str, alias: &'static str, factor: f64) -> Unit {
    Unit {
        word,
        alias,
        factor,
    }
}

const NO_UNIT: Unit = unit("", "", 1.0);
const PERCENT: Unit = unit("%", "percent", 1.0);
/// `4G` as virsh writes it means `4GiB`; `4GB` is what a seller of disks means.
const SIZES: [Unit; 10] = [
    unit("B", "bytes", 1.0),
    unit("KiB", "K", 1_024.0),
    unit("MiB", "M", 1_048_576.0),
    unit("GiB", "G", 1_073_741_824.0),
    unit("TiB", "T", 1_099_511_627_776.0),
    unit("PiB", "P", 1_125_899_906_842_624.0),
    unit("KB", "KB", 1e3),
    unit("MB", "MB", 1e6),
    unit("GB", "GB", 1e9),
    unit("TB", "TB", 1e12),
];
const DURATIONS: [Unit; 5] = [
    unit("s", "sec", 1.0),
    unit("m", "min", 60.0),
    unit("h", "hours", 3_600.0),
    unit("d", "days", 86_400.0),
    unit("w", "weeks", 604_800.0),
];
/// More digits than any measured value has; all of them are exact in an `f64`.
const DIGITS_LIMIT: usize = 15;

impl Number {
    /// In the unit of [`super::Value::Number`].
    pub(super) fn value(self) -> f64 {
        self.amount * self.unit.factor
    }

    pub(super) fn parse(measure: Measure, word: &str) -> Option<Self> {
        let digits = word
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(word.len());
        let (amount, unit) = word.split_at(digits);
        if amount.len() > DIGITS_LIMIT || amount.starts_with('.') || amount.ends_with('.') {
            return None;
        }
        Some(Self {
            amount: amount.parse().ok()?,
            unit: unit_of(measure, unit)?,
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.unit.word)
    }
}

fn unit_of(measure: Measure, word: &str) -> Option<Unit> {
    let units: &[Unit] = match measure {
        Measure::Count => &[NO_UNIT],
        Measure::Percent => &[NO_UNIT, PERCENT],
        Measure::Bytes => &SIZES,
        Measure::Duration => &DURATIONS,
    };
    let same = |unit: &&Unit| {
        unit.word.eq_ignore_ascii_case(word) || unit.alias.eq_ignore_ascii_case(word)
    };
    units.iter().find(same).copied()
}

impl Operand {
    /// Reads the value of `row` that stands at `token`.
    pub(super) fn read(row: &'static FieldRow, token: Token) -> Result<Self, SelectorError> {
        match token.kind {
            TokenKind::Quoted(text) if row.kind.is_text() => Ok(Self::Text(Pattern::quoted(text))),
            kind => Self::of_word(row, token.at, kind.text()),
        }
    }

    /// Reads the value of `row` that was written without quotes at the character `at`.
    pub(super) fn of_word(
        row: &'static FieldRow,
        at: usize,
        text: String,
    ) -> Result<Self, SelectorError> {
        if row.kind.is_text() {
            return Ok(Self::Text(Pattern::word(text)));
        }
        Self::of_kind(row.kind, &text)
            .ok_or_else(|| SelectorError::new(at, Problem::UnknownValue(row, text)))
    }

    /// Reads the value of `row` that stands at the character `at`, at the end of a word of oVirt's spelling.
    pub(super) fn spelled_out(
        row: &'static FieldRow,
        at: usize,
        text: &str,
    ) -> Result<Self, SelectorError> {
        if text.is_empty() {
            let wanted = "a value";
            let found = String::new();
            return Err(SelectorError::new(at, Problem::Expected { wanted, found }));
        }
        if row.kind.is_text() && lexer::is_keyword(text) {
            return Ok(Self::Text(Pattern::quoted(text.to_owned())));
        }
        Self::of_word(row, at, text.to_owned())
    }

    /// The moment that it is, in seconds since 1970 UTC.
    pub(super) fn moment(&self, now: Now) -> Option<f64> {
        match self {
            Self::Time(time) => time.value(Some(now)),
            _ => None,
        }
    }

    /// Whether a range may go from this to `other`.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(from), Self::Number(to)) => from.value() <= to.value(),
            _ => true,
        }
    }

    fn of_kind(kind: Kind, text: &str) -> Option<Self> {
        match kind {
            Kind::State => text.parse().ok().map(Self::State),
            Kind::Word(words) | Kind::Level(words) => words
                .iter()
                .find(|word| word.eq_ignore_ascii_case(text))
                .map(|word| Self::Word(word)),
            Kind::Number(measure) => Number::parse(measure, text).map(Self::Number),
            Kind::Time => Time::parse(text).map(Self::Time),
            Kind::Yes => match text.to_ascii_lowercase().as_str() {
                "yes" | "true" => Some(Self::Yes(true)),
                "no" | "false" => Some(Self::Yes(false)),
                _ => None,
            },
            Kind::Text | Kind::Tags => None,
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(pattern) => pattern.fmt(f),
            Self::State(state) => state.fmt(f),
            Self::Word(word) => f.write_str(word),
            Self::Yes(true) => f.write_str("yes"),
            Self::Yes(false) => f.write_str("no"),
            Self::Number(number) => number.fmt(f),
            Self::Time(time) => time.fmt(f),
        }
    }
}
