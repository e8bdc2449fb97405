//! Text to words and signs, each with its place.

use super::error::{Problem, SelectorError};
use crate::noun::Noun;

/// A word, a sign or a quoted text, and the characters at which it begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) kind: TokenKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word(String),
    Quoted(String),
    /// A regular expression, without its slashes.
    Regex(String),
    Sign(&'static str),
}

impl TokenKind {
    /// What was written, without quotes.
    pub(super) fn text(self) -> String {
        match self {
            Self::Word(text) | Self::Quoted(text) | Self::Regex(text) => text,
            Self::Sign(sign) => sign.to_owned(),
        }
    }
}

/// The longer ones first.
const SIGNS: [&str; 12] = [
    "!=", "!~", "<=", ">=", "=", "<", ">", "(", ")", ",", "~", ":",
];

/// The words that are no values.
pub(super) const RESERVED: [&str; 4] = ["and", "or", "not", "in"];

/// Words that mean something in some places, and may be names in others.
const KEYWORDS: [&str; 13] = [
    "sort", "sortby", "by", "limit", "since", "until", "any", "all", "none", "count", "has", "asc",
    "desc",
];

/// Whether `word` means something to the language.
pub(super) fn is_keyword(word: &str) -> bool {
    let mut all = RESERVED.iter().chain(&KEYWORDS);
    all.any(|known| known.eq_ignore_ascii_case(word))
}

/// The noun written before a colon and the number of the character after it.
pub(super) fn noun_prefix(text: &str) -> Result<Option<(Noun, usize)>, SelectorError> {
    let Some((before, _)) = text.split_once(':') else {
        return Ok(None);
    };
    let word = before.trim();
    if word.is_empty() || !word.chars().all(char::is_alphabetic) {
        return Ok(None);
    }
    let noun = Noun::by_word(word).ok_or_else(|| {
        let at = before.chars().take_while(|c| c.is_whitespace()).count();
        SelectorError::new(at, Problem::UnknownNoun(word.to_owned()))
    })?;
    Ok(Some((noun, before.chars().count() + 1)))
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
        let (kind, length) = if first == &'/' && tokens.last().is_some_and(is_match) {
            regex(&chars, at)?
        } else {
            token(&chars, at)?
        };
        let end = at + length;
        tokens.push(Token { at, end, kind });
        at = end;
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
    let word = word(rest);
    if word.is_empty() {
        let found = rest.iter().take(1).collect();
        let wanted = "a word, or a text in quotes,";
        return Err(SelectorError::new(at, Problem::Expected { wanted, found }));
    }
    let length = word.chars().count();
    Ok((TokenKind::Word(word), length))
}

/// The word at the beginning of `rest`. In what begins with a digit, as times and addresses do, a colon within belongs to it;
/// so it does in the second half of a range.
fn word(rest: &[char]) -> String {
    let mut word = String::new();
    for (at, c) in rest.iter().enumerate() {
        let next = rest.get(at + 1);
        let within = || next.is_some_and(|c| c.is_alphanumeric() || *c == ':');
        let belongs = is_word(*c) || *c == ':' && within() && is_timely(&word);
        if !belongs {
            break;
        }
        word.push(*c);
    }
    word
}

fn is_timely(word: &str) -> bool {
    let half = word.rsplit("..").next().unwrap_or_default();
    half.starts_with(|c: char| c.is_ascii_digit())
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_-./*?@%+#".contains(c)
}

fn is_match(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Sign("~" | "!~"))
}

/// A regular expression between slashes, and the number of characters that it takes with them.
fn regex(chars: &[char], at: usize) -> Result<(TokenKind, usize), SelectorError> {
    let mut text = String::new();
    let mut rest = chars.iter().enumerate().skip(at + 1);
    while let Some((here, c)) = rest.next() {
        match (c, chars.get(here + 1)) {
            ('\\', Some(next)) => {
                if *next != '/' {
                    text.push('\\');
                }
                text.push(*next);
                rest.next();
            }
            ('/', _) => return Ok((TokenKind::Regex(text), here + 1 - at)),
            _ => text.push(*c),
        }
    }
    Err(SelectorError::new(at, Problem::Unclosed('/')))
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
