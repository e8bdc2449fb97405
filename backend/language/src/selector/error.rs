//! Why a text is no selector: where, why, and what was probably meant.

use std::fmt;

use archipel_protocol::{VmState, text::clean_line};

use super::field::{self, FieldRow, Kind, Measure};
use crate::verb::Noun;

/// A text that is no selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectorError {
    /// The character, from 0, at which it stops making sense.
    pub at: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Too many bytes.
    TooLong,
    /// Too many parentheses and nots within each other.
    TooDeep,
    /// A noun that does not exist.
    UnknownNoun(String),
    /// A field that the noun does not have.
    UnknownField(Noun, String),
    /// A value that the field cannot have.
    UnknownValue(&'static FieldRow, String),
    /// `<` and its like on something that has no order.
    Unordered(&'static FieldRow),
    /// Something else was expected.
    Expected {
        /// What.
        wanted: &'static str,
        /// What stands there; empty at the end.
        found: String,
    },
    /// A quote that is not closed.
    Unclosed(char),
    /// A word of the language where a value should be.
    Reserved(String),
    /// Something that this version cannot do.
    Later(&'static str),
}

impl SelectorError {
    pub(super) fn new(at: usize, problem: Problem) -> Self {
        Self { at, problem }
    }

    /// The selector with a mark below the character, and the message; for a terminal.
    pub fn pointed(&self, selector: &str) -> String {
        let shown: String = selector
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        format!("{shown}\n{:at$}^ {}", "", self.problem, at = self.at)
    }
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {}: {}", self.at + 1, self.problem)
    }
}

impl std::error::Error for SelectorError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "a selector has at most {} bytes", super::LENGTH_LIMIT),
            Self::TooDeep => write!(
                f,
                "a selector nests at most {} levels deep",
                super::DEPTH_LIMIT
            ),
            Self::UnknownNoun(word) => unknown(f, "noun", word, &["vms", "hypervisors"]),
            Self::UnknownField(noun, word) => {
                let known: Vec<&str> = field::fields(*noun).map(|row| row.name).collect();
                unknown(f, "field", word, &known)
            }
            Self::UnknownValue(row, word) => value(f, row, word),
            Self::Unordered(row) => write!(f, "`{}` has no order; use =, != or in", row.name),
            Self::Expected { wanted, found } if found.is_empty() => {
                write!(f, "{wanted} is missing")
            }
            Self::Expected { wanted, found } => write!(
                f,
                "{wanted} expected instead of `{}`",
                clean_line(found, 40)
            ),
            Self::Unclosed(quote) => write!(f, "this {quote} is never closed"),
            Self::Reserved(word) => write!(
                f,
                "`{word}` is a word of the language; as a value write \"{word}\""
            ),
            Self::Later(what) => write!(f, "{what} cannot be used yet"),
        }
    }
}

fn unknown(f: &mut fmt::Formatter<'_>, what: &str, word: &str, known: &[&str]) -> fmt::Result {
    write!(f, "there is no {what} `{}`", clean_line(word, 40))?;
    match nearest(word, known) {
        Some(nearest) => write!(f, ", did you mean `{nearest}`?"),
        None => write!(f, "; there are {}", known.join(", ")),
    }
}

fn value(f: &mut fmt::Formatter<'_>, row: &FieldRow, word: &str) -> fmt::Result {
    let states = VmState::ALL.map(VmState::word);
    let known: &[&str] = match row.kind {
        Kind::State => &states,
        Kind::Word(words) => words,
        Kind::Yes => &["yes", "no"],
        Kind::Number(_) | Kind::Text | Kind::Tags => &[],
    };
    if !known.is_empty() {
        return unknown(f, row.name, word, known);
    }
    let example = match row.kind {
        Kind::Number(Measure::Bytes) => "a size with its unit such as 512MiB or 4GiB",
        Kind::Number(Measure::Percent) => "a number such as 80%",
        _ => "a number such as 4",
    };
    write!(
        f,
        "`{}` is compared with {example}, not `{}`",
        row.name,
        clean_line(word, 40)
    )
}

fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let scored = known
        .iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(&word, known), *known));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 >= 0.5).then_some(best.1)
}
