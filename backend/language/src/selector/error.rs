//! Why a text is no selector: where, why, and what was probably meant.

use std::fmt;

use archipel_protocol::{VmState, text::clean_line};

use super::{
    field::{FieldRow, Kind, Measure},
    table::fields,
};
use crate::noun::{self, NOUNS, Noun, Relation};

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
    /// A path of too many steps.
    TooFar,
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
    /// A step of a path that leads nowhere.
    UnknownRelation(Noun, String),
    /// A search in something that is no text.
    NoText(&'static FieldRow),
    /// A regular expression that is none, and why.
    BadRegular(String),
    /// A range whose end comes before its beginning.
    Backwards,
    /// `since` or `until` for a noun that has no time.
    NoTime(Noun),
    /// A sort by something of which there may be several.
    Several(&'static Relation),
    /// Something that a selector may have and a scope may not.
    NotInScope(&'static str),
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
            Self::TooLong => write!(
                f,
                "a selector has at most {} bytes, short words written out",
                super::LENGTH_LIMIT
            ),
            Self::TooDeep => write!(
                f,
                "a selector nests at most {} levels deep",
                super::DEPTH_LIMIT
            ),
            Self::TooFar => write!(f, "a path has at most {} steps", super::path::STEPS_LIMIT),
            Self::UnknownNoun(word) => {
                let known: Vec<&str> = NOUNS.iter().map(|row| row.plural).collect();
                unknown(f, "noun", word, &known)
            }
            Self::UnknownField(noun, word) => {
                let known: Vec<&str> = fields(*noun).iter().map(|row| row.name).collect();
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
            Self::UnknownRelation(noun, word) => {
                let known: Vec<&str> = noun::of(*noun).map(Relation::word).collect();
                let plural = noun.plural();
                write!(
                    f,
                    "no way leads from {plural} to `{}`",
                    clean_line(word, 40)
                )?;
                suggested(f, word, &known)
            }
            Self::NoText(row) => write!(f, "`{}` is no text; use =, != or in", row.name),
            Self::BadRegular(why) => write!(
                f,
                "this regular expression cannot be read: {}",
                clean_line(why, 120)
            ),
            Self::Backwards => f.write_str("a range goes from the smaller to the larger"),
            Self::NoTime(noun) => write!(f, "{} have no time to compare with", noun.plural()),
            Self::Several(relation) => write!(
                f,
                "there may be several {}: no order follows from them",
                relation.word()
            ),
            Self::NotInScope(what) => write!(
                f,
                "{what} cannot be in a scope, only hypervisor, id and tag with =, != and in"
            ),
        }
    }
}

fn unknown(f: &mut fmt::Formatter<'_>, what: &str, word: &str, known: &[&str]) -> fmt::Result {
    write!(f, "there is no {what} `{}`", clean_line(word, 40))?;
    suggested(f, word, known)
}

fn suggested(f: &mut fmt::Formatter<'_>, word: &str, known: &[&str]) -> fmt::Result {
    match nearest(word, known) {
        Some(nearest) => write!(f, ", did you mean `{nearest}`?"),
        None if known.is_empty() => Ok(()),
        None => write!(f, "; there are {}", known.join(", ")),
    }
}

fn value(f: &mut fmt::Formatter<'_>, row: &FieldRow, word: &str) -> fmt::Result {
    let states = VmState::ALL.map(VmState::word);
    match row.kind {
        Kind::State => unknown(f, row.name, word, &states),
        Kind::Word(words) | Kind::Level(words) => unknown(f, row.name, word, words),
        Kind::Number(_) | Kind::Yes | Kind::Time | Kind::Text | Kind::Tags => write!(
            f,
            "`{}` is compared with {}, not `{}`",
            row.name,
            example(row.kind),
            clean_line(word, 40)
        ),
    }
}

const fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Number(Measure::Bytes) => "a size with its unit such as 512MiB or 4GiB",
        Kind::Number(Measure::Percent) => "a number such as 80%",
        Kind::Number(Measure::Duration) => "a time with its unit such as 90s, 15m, 2h or 7d",
        Kind::Yes => "yes or no",
        Kind::Time => "a time such as 02:30, 2026-11-20, today or 2h (ago)",
        _ => "a number such as 4",
    }
}

fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let scored = known
        .iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(&word, known), *known));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 >= 0.5).then_some(best.1)
}
