//! Text to words and signs, each with its place.

use super::error::{Problem, SelectorError};
use crate::verb::Noun;

/// A word, a sign or a quoted text, and the character at which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) kind: TokenKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word(String),
    Quoted(String),
    Sign(&'static str),
}

/// The longer ones first.
const SIGNS: [&str; 9] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", ","];

/// The words that are no values.
pub(super) const RESERVED: [&str; 4] = ["and", "or", "not", "in"];

/// The noun written before a colon and the number of the character after it.
pub(super) fn noun_prefix(text: &str) -> Result<Option<(Noun, usize)>, SelectorError> {
    let Some((before, _)) = text.split_once(':') else {
        return Ok(None);
    };
    let word = before.trim();
    if word.is_empty() || !word.chars().all(char::is_alphabetic) {
        return Ok(None);
    }
    let noun = match word.to_lowercase().as_str() {
        "vm" | "vms" => Noun::Vm,
        "hypervisor" | "hypervisors" | "host" | "hosts" => Noun::Hypervisor,
        _ => {
            let at = before.chars().take_while(|c| c.is_whitespace()).count();
            return Err(SelectorError::new(
                at,
                Problem::UnknownNoun(word.to_owned()),
            ));
        }
    };
    Ok(Some((noun, before.chars().count() + 1)))
}

/// The word of `noun` before a colon.
pub(super) const fn plural(noun: Noun) -> &'static str {
    match noun {
        Noun::Vm => "vms",
        Noun::Hypervisor => "hypervisors",
    }
}

/// The tokens of `text` from the character `start` on.
pub(super) fn tokens(text: &str, start: usize) -> Result<Vec<Token>, SelectorError> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = start;
    while let Some(first) = chars.get(at) {
        if first.is_whitespace() {
            at += 1;
            continue;
        }
        let (kind, length) = token(&chars, at)?;
        tokens.push(Token { at, kind });
        at += length;
    }
    Ok(tokens)
}

fn token(chars: &[char], at: usize) -> Result<(TokenKind, usize), SelectorError> {
    let rest = chars.get(at..).unwrap_or_default();
    if let Some(quote @ ('"' | '\'')) = rest.first() {
        return quoted(rest, *quote).ok_or(SelectorError::new(at, Problem::Unclosed(*quote)));
    }
    let begins = |sign: &&&str| sign.chars().eq(rest.iter().copied().take(sign.len()));
    if let Some(sign) = SIGNS.iter().find(begins) {
        return Ok((TokenKind::Sign(sign), sign.len()));
    }
    let word: String = rest.iter().take_while(|c| is_word(**c)).collect();
    if word.is_empty() {
        let found = rest.iter().take(1).collect();
        let wanted = "a word, or a text in quotes,";
        return Err(SelectorError::new(at, Problem::Expected { wanted, found }));
    }
    let length = word.chars().count();
    Ok((TokenKind::Word(word), length))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_-./*?@%+~#".contains(c)
}

/// The text in quotes and the number of characters that it takes with them.
fn quoted(rest: &[char], quote: char) -> Option<(TokenKind, usize)> {
    let mut text = String::new();
    let mut chars = rest.iter().copied().enumerate().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => text.push(chars.next()?.1),
            _ if c == quote => return Some((TokenKind::Quoted(text), at + 1)),
            _ => text.push(c),
        }
    }
    None
}
