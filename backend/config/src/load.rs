//! Reading one settings file, with errors that say where and what next.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use crate::files::refuse_exposed;

/// No settings file is larger.
const SIZE_LIMIT: u64 = 1 << 20;
/// The longest part of a parser's text that is repeated.
const TEXT_LIMIT: usize = 200;

/// A settings file that cannot be used: which, where, why, and what next.
#[derive(Debug)]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1, where the fault has one.
    pub line: Option<usize>,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a settings file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// It is no settings file.
    #[error("is larger than 1 MiB, which no settings file is")]
    TooLarge,
    /// It may hold a password and others can read it.
    #[error("can be read by other users; run: chmod 600 {}", .0.display())]
    Exposed(PathBuf),
    /// A key that does not exist.
    #[error("unknown key `{key}`{}", Known(.key, .known))]
    UnknownKey {
        /// The key as written.
        key: String,
        /// What could stand there.
        known: Vec<String>,
    },
    /// A word that is none of the possible ones.
    #[error("`{word}` is not possible here{}", Known(.word, .known))]
    UnknownWord {
        /// The word as written.
        word: String,
        /// What could stand there.
        known: Vec<String>,
    },
    /// A key that must be there.
    #[error("`{0}` is missing; add a line `{0} = …`")]
    MissingKey(String),
    /// Anything else: syntax, a wrong type, a value out of range.
    #[error("{0}")]
    Invalid(String),
}

/// The end of a sentence about an unknown word: the nearest known one, or all of them.
struct Known<'a>(&'a str, &'a [String]);

impl fmt::Display for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nearest = nearest(self.0, self.1.iter().map(String::as_str));
        if let Some(nearest) = nearest {
            write!(f, ", did you mean `{nearest}`?")?;
        }
        if self.1.is_empty() {
            return Ok(());
        }
        let lead = if nearest.is_some() {
            "\n  known"
        } else {
            "; known"
        };
        write!(f, "{lead}: {}", self.1.join(", "))
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match self.line {
            Some(line) => write!(f, ":{line}: {}", self.problem),
            None => write!(f, ": {}", self.problem),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Unreadable(error) => Some(error),
            _ => None,
        }
    }
}

impl LoadError {
    /// Whether the file simply does not exist.
    pub fn is_absent(&self) -> bool {
        matches!(&self.problem, Problem::Unreadable(error) if error.kind() == io::ErrorKind::NotFound)
    }

    pub(crate) fn whole(path: &Path, problem: Problem) -> Self {
        Self {
            path: path.to_owned(),
            line: None,
            problem,
        }
    }
}

/// The word of `known` that `word` was probably meant to be.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|known| (strsim::normalized_damerau_levenshtein(word, known), known));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 >= 0.5).then_some(best.1)
}

/// Reads the settings in the TOML file at `path`.
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<T, LoadError> {
    parse(path, &read(path)?)
}

/// Like [`load`] for a file that may hold a password: refused when its group or others can read it.
pub fn load_private<T: DeserializeOwned>(path: &Path) -> Result<T, LoadError> {
    refuse_exposed(path)?;
    load(path)
}

/// Reads settings from `text`, which came from `path`.
pub fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, LoadError> {
    toml::from_str(text).map_err(|error| LoadError {
        path: path.to_owned(),
        line: error.span().map(|span| line_at(text, span.start)),
        problem: sorted(error.message()),
    })
}

pub(crate) fn read(path: &Path) -> Result<String, LoadError> {
    let unreadable = |error| LoadError::whole(path, Problem::Unreadable(error));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > SIZE_LIMIT {
        return Err(LoadError::whole(path, Problem::TooLarge));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// The line, from 1, on which `keys` (outermost table first) is set in `text`.
pub fn line_of(text: &str, keys: &[&str]) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let (last, tables) = keys.split_last()?;
    let inner = tables.iter().try_fold(root.get_ref(), |table, key| {
        table.get(*key)?.get_ref().as_table()
    })?;
    let (key, value): (_, &toml::Spanned<DeValue<'_>>) = inner.get_key_value(*last)?;
    // A table written as `[a.b]` has the span of its header.
    let at = key.span().start.min(value.span().start);
    Some(line_at(text, at))
}

fn line_at(text: &str, offset: usize) -> usize {
    let before = text.bytes().take(offset);
    1 + before.filter(|byte| *byte == b'\n').count()
}

/// The parser's words in ours. It quotes names in backticks: the offender first, then what it expected.
fn sorted(message: &str) -> Problem {
    let mut quoted = message.split('`').skip(1).step_by(2).map(str::to_owned);
    let starts = |start: &str| message.starts_with(start);
    if let (true, Some(key)) = (starts("unknown field"), quoted.next()) {
        let known = quoted.collect();
        return Problem::UnknownKey { key, known };
    }
    let mut quoted = message.split('`').skip(1).step_by(2).map(str::to_owned);
    match quoted.next() {
        Some(word) if starts("unknown variant") => Problem::UnknownWord {
            word,
            known: quoted.collect(),
        },
        Some(key) if starts("missing field") => Problem::MissingKey(key),
        _ => Problem::Invalid(archipel_protocol::text::clean_line(message, TEXT_LIMIT)),
    }
}

#[cfg(test)]
#[path = "load/tests.rs"]
mod tests;
