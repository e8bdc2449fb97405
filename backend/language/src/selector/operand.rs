//! What a field is compared with.

use std::fmt;

use archipel_protocol::VmState;

use super::{
    error::{Problem, SelectorError},
    field::{FieldRow, Kind, Measure},
    lexer::{Token, TokenKind},
    pattern::Pattern,
};

/// A value in a selector, fit for its field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Text(Pattern),
    State(VmState),
    Word(&'static str),
    Yes(bool),
    Number(Number),
}

/// A number with its unit, as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    amount: f64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    word: &'static str,
    shift: u8,
}

const NO_UNIT: Unit = Unit { word: "", shift: 0 };
const PERCENT: Unit = Unit {
    word: "%",
    shift: 0,
};
const SIZES: [Unit; 4] = [
    Unit {
        word: "KiB",
        shift: 10,
    },
    Unit {
        word: "MiB",
        shift: 20,
    },
    Unit {
        word: "GiB",
        shift: 30,
    },
    Unit {
        word: "TiB",
        shift: 40,
    },
];
/// More digits than any measured value has; all of them are exact in an `f64`.
const DIGITS_LIMIT: usize = 15;

impl Number {
    /// In the unit of [`super::Value::Number`].
    pub(super) fn value(self) -> f64 {
        // At most 2^40, which is exact.
        self.amount * 2_f64.powi(i32::from(self.unit.shift))
    }

    fn parse(measure: Measure, word: &str) -> Option<Self> {
        let digits = word
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(word.len());
        let (amount, unit) = word.split_at(digits);
        if amount.len() > DIGITS_LIMIT {
            return None;
        }
        Some(Self {
            amount: amount.parse().ok()?,
            unit: unit_of(measure, unit)?,
        })
    }
}

fn unit_of(measure: Measure, word: &str) -> Option<Unit> {
    match (measure, word) {
        (Measure::Count | Measure::Percent, "") => Some(NO_UNIT),
        (Measure::Percent, "%") => Some(PERCENT),
        (Measure::Bytes, _) => {
            // `4G` as virsh writes it means `4GiB`.
            let same = |unit: &&Unit| {
                unit.word.eq_ignore_ascii_case(word) || unit.word[..1].eq_ignore_ascii_case(word)
            };
            SIZES.iter().find(same).copied()
        }
        _ => None,
    }
}

impl Operand {
    /// Reads the value of `row` that stands at `token`.
    pub(super) fn read(row: &'static FieldRow, token: Token) -> Result<Self, SelectorError> {
        let text = match (row.kind, token.kind) {
            (Kind::Text | Kind::Tags, TokenKind::Quoted(text)) => {
                return Ok(Self::Text(Pattern::quoted(text)));
            }
            (Kind::Text | Kind::Tags, TokenKind::Word(text)) => {
                return Ok(Self::Text(Pattern::word(text)));
            }
            (_, TokenKind::Quoted(text) | TokenKind::Word(text)) => text,
            (_, TokenKind::Sign(sign)) => sign.to_owned(),
        };
        let unknown = |text| SelectorError::new(token.at, Problem::UnknownValue(row, text));
        Self::of_kind(row.kind, &text).ok_or_else(|| unknown(text))
    }

    fn of_kind(kind: Kind, text: &str) -> Option<Self> {
        match kind {
            Kind::State => text.parse().ok().map(Self::State),
            Kind::Word(words) => words
                .iter()
                .find(|word| word.eq_ignore_ascii_case(text))
                .map(|word| Self::Word(word)),
            Kind::Number(measure) => Number::parse(measure, text).map(Self::Number),
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
            Self::Number(number) => write!(f, "{}{}", number.amount, number.unit.word),
        }
    }
}
