//! Reading edits.

use std::str::FromStr;

use super::{Edit, Target, words::unquoted};
use crate::{FieldName, Path, PathError};

/// Why a text is no edit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// It begins with no known word.
    #[error("an edit begins with `set`, `unset`, `add`, `remove` or `replace`")]
    Verb,
    /// Something is missing.
    #[error("after `{after}` there should be {wanted}")]
    Missing {
        /// The word before.
        after: &'static str,
        /// What should be there.
        wanted: &'static str,
    },
    /// A text in quotes without an end, with an unknown `\`, or with something behind it.
    #[error(
        "the text in quotes is not sound: it ends with `\"` and knows \\\" \\\\ \\n \\r \\t \\u{{...}}"
    )]
    Quotes,
    /// A name that can be none.
    #[error(
        "`{0}` is neither a field, such as `memory` or `disk[vda].cache`, nor a path, which begins with `/`"
    )]
    Field(String),
    /// A path that is none.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl FromStr for Edit {
    type Err = SyntaxError;

    fn from_str(line: &str) -> Result<Edit, SyntaxError> {
        let line = line.trim();
        let (verb, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim_start();
        match verb {
            "set" => set(rest),
            "unset" => Ok(Edit::Unset {
                target: target(rest, "unset")?,
            }),
            "add" => add(rest),
            "remove" => Ok(Edit::Remove {
                path: path(rest, "remove")?,
            }),
            "replace" => replace(rest),
            _ => Err(SyntaxError::Verb),
        }
    }
}

fn set(rest: &str) -> Result<Edit, SyntaxError> {
    let (name, value) = split(rest);
    Ok(Edit::Set {
        target: target(name, "set")?,
        value: text(value, "set", "a value")?,
    })
}

fn add(rest: &str) -> Result<Edit, SyntaxError> {
    let (name, xml) = split(rest);
    Ok(Edit::Add {
        parent: path(name, "add")?,
        xml: text(xml, "add", "an element")?,
    })
}

fn replace(rest: &str) -> Result<Edit, SyntaxError> {
    let (at, texts) = split(rest);
    let after = "replace";
    let wanted = "a place, bytes";
    let at = at
        .parse()
        .map_err(|_| SyntaxError::Missing { after, wanted })?;
    let (old, rest) = unquoted(texts).ok_or(SyntaxError::Quotes)?;
    let (new, rest) = unquoted(rest.trim_start()).ok_or(SyntaxError::Quotes)?;
    if rest.is_empty() {
        Ok(Edit::Replace { at, old, new })
    } else {
        Err(SyntaxError::Quotes)
    }
}

fn target(name: &str, after: &'static str) -> Result<Target, SyntaxError> {
    if name.starts_with('/') {
        return path(name, after).map(Target::Path);
    }
    if name.is_empty() {
        let wanted = "a field or a path";
        return Err(SyntaxError::Missing { after, wanted });
    }
    let field = name.parse::<FieldName>();
    field
        .map(Target::Field)
        .map_err(|_| SyntaxError::Field(name.chars().take(80).collect()))
}

fn path(text: &str, after: &'static str) -> Result<Path, SyntaxError> {
    let wanted = "a path, which begins with `/`";
    let bare = text
        .strip_prefix('/')
        .ok_or(SyntaxError::Missing { after, wanted })?;
    Ok(bare.parse()?)
}

fn text(source: &str, after: &'static str, wanted: &'static str) -> Result<String, SyntaxError> {
    if source.is_empty() {
        return Err(SyntaxError::Missing { after, wanted });
    }
    if !source.starts_with('"') {
        return Ok(source.to_owned());
    }
    match unquoted(source) {
        Some((text, "")) => Ok(text),
        _ => Err(SyntaxError::Quotes),
    }
}

/// The first word, and what follows it. White space in brackets and quotes does not end a word.
fn split(rest: &str) -> (&str, &str) {
    let mut quote = None;
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') if depth > 0 => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => depth = depth.saturating_sub(1),
            (None, c) if depth == 0 && c.is_whitespace() => {
                let (word, rest) = rest.split_at(at);
                return (word, rest.trim_start());
            }
            _ => {}
        }
    }
    (rest, "")
}
