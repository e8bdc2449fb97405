//! The tokens, taken one by one.

use std::iter::Peekable;

use super::{
    super::{
        DEPTH_LIMIT,
        error::{Problem, SelectorError},
        expression::Comparison,
        lexer::{self, RESERVED, Token, TokenKind},
    },
    Parsed,
};

/// What is left to read.
#[derive(Clone)]
pub(in super::super) struct Cursor {
    tokens: Peekable<std::vec::IntoIter<Token>>,
    /// The number of the character after the last.
    end: usize,
    depth: usize,
}

impl Cursor {
    /// Stands before the character `start` of `text`.
    pub(in super::super) fn new(text: &str, start: usize) -> Parsed<Self> {
        Ok(Self {
            tokens: lexer::tokens(text, start)?.into_iter().peekable(),
            end: text.trim_end().chars().count(),
            depth: 0,
        })
    }

    pub(in super::super) fn peek(&mut self) -> Option<&Token> {
        self.tokens.peek()
    }

    /// The next token, which has to be there.
    pub(in super::super) fn need(&mut self, wanted: &'static str) -> Parsed<Token> {
        let missing = Problem::Expected {
            wanted,
            found: String::new(),
        };
        self.tokens
            .next()
            .ok_or(SelectorError::new(self.end, missing))
    }

    /// The next token, which has to be good for a value.
    pub(in super::super) fn need_value(&mut self) -> Parsed<Token> {
        let token = self.need("a value")?;
        match token.kind {
            _ if is_reserved(&token) => Err(reserved(token)),
            TokenKind::Sign(_) | TokenKind::Regex(_) => Err(expected("a value", &token)),
            _ => Ok(token),
        }
    }

    pub(in super::super) fn need_sign(
        &mut self,
        sign: &'static str,
        wanted: &'static str,
    ) -> Parsed<()> {
        let token = self.need(wanted)?;
        if is_sign(&token, sign) {
            Ok(())
        } else {
            Err(expected(wanted, &token))
        }
    }

    pub(in super::super) fn need_word(
        &mut self,
        keyword: &'static str,
        wanted: &'static str,
    ) -> Parsed<()> {
        let token = self.need(wanted)?;
        if is_keyword(&token, keyword) {
            Ok(())
        } else {
            Err(expected(wanted, &token))
        }
    }

    pub(in super::super) fn takes_word(&mut self, keyword: &str) -> bool {
        let taken = self.tokens.next_if(|token| is_keyword(token, keyword));
        taken.is_some()
    }

    pub(in super::super) fn takes_sign(&mut self, sign: &str) -> bool {
        self.tokens.next_if(|token| is_sign(token, sign)).is_some()
    }

    /// Nothing may be left.
    pub(in super::super) fn ends(&mut self) -> Parsed<()> {
        match self.tokens.next() {
            None => Ok(()),
            Some(token) => Err(expected("`and`, `or` or the end", &token)),
        }
    }

    /// Whether nothing stands before `sort by` and `limit`. A lone `sort` or `limit` is a name.
    pub(in super::super) fn is_bare_of_conditions(&self) -> bool {
        let mut ahead = self.tokens.clone();
        let (Some(first), second) = (ahead.next(), ahead.next()) else {
            return true;
        };
        let is = |token: &Token, words: &[&str]| words.iter().any(|word| is_keyword(token, word));
        second.filter(is_value).is_some_and(|second| {
            is(&first, &["sort"]) && is(&second, &["by"])
                || is(&first, &["sortby"])
                || is(&first, &["limit"]) && !is(&second, &["sort", "sortby", "has"])
        })
    }
}

/// One or more parts with `keyword` between them.
pub(in super::super) fn list<P: AsMut<Cursor>, T>(
    parser: &mut P,
    keyword: &str,
    part: fn(&mut P) -> Parsed<T>,
    several: fn(Vec<T>) -> T,
) -> Parsed<T> {
    let first = part(parser)?;
    let mut more = Vec::new();
    while parser.as_mut().takes_word(keyword) {
        more.push(part(parser)?);
    }
    if more.is_empty() {
        return Ok(first);
    }
    more.insert(0, first);
    Ok(several(more))
}

/// Reads a part that stands within the token at the character `at`.
pub(in super::super) fn deeper<P: AsMut<Cursor>, T>(
    parser: &mut P,
    at: usize,
    part: fn(&mut P) -> Parsed<T>,
) -> Parsed<T> {
    if parser.as_mut().depth == DEPTH_LIMIT {
        return Err(SelectorError::new(at, Problem::TooDeep));
    }
    parser.as_mut().depth += 1;
    let parsed = part(parser);
    parser.as_mut().depth -= 1;
    parsed
}

pub(in super::super) fn is_keyword(token: &Token, keyword: &str) -> bool {
    matches!(&token.kind, TokenKind::Word(word) if word.eq_ignore_ascii_case(keyword))
}

pub(in super::super) fn is_sign(token: &Token, sign: &str) -> bool {
    matches!(token.kind, TokenKind::Sign(found) if found == sign)
}

pub(in super::super) fn is_reserved(token: &Token) -> bool {
    RESERVED.iter().any(|word| is_keyword(token, word))
}

/// Whether `token`, after a word, makes that word a field.
pub(in super::super) fn is_operator(token: &Token) -> bool {
    match &token.kind {
        TokenKind::Sign(sign) => Comparison::from_sign(sign).is_some() || sign.ends_with('~'),
        _ => ["in", "not", "has"]
            .iter()
            .any(|word| is_keyword(token, word)),
    }
}

pub(in super::super) fn is_value(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Word(_) | TokenKind::Quoted(_)) && !is_reserved(token)
}

pub(in super::super) fn expected(wanted: &'static str, token: &Token) -> SelectorError {
    let found = token.kind.clone().text();
    SelectorError::new(token.at, Problem::Expected { wanted, found })
}

pub(in super::super) fn reserved(token: Token) -> SelectorError {
    SelectorError::new(token.at, Problem::Reserved(token.kind.text()))
}
