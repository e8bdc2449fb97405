//! Tokens to a rule. This is a parser of its own: what the selectors learn does not come here by itself.
//!
//! ```text
//! scope = and { "or" and }
//! and   = unary { "and" unary }
//! unary = "not" unary | "(" scope ")" | test
//! test  = ( "hypervisor" | "id" | "tag" ) ( ( "=" | "!=" ) value | [ "not" ] "in" "(" value { "," value } ")" )
//! ```

use super::{
    super::{
        error::{Problem, SelectorError},
        expression::{Comparison, Quantifier},
        field::FieldRow,
        lexer::{Token, TokenKind},
        parser::{
            Parsed,
            cursor::{
                self, Cursor, deeper, expected, is_keyword, is_operator, is_reserved, is_sign,
                reserved,
            },
        },
        path,
        pattern::Pattern,
    },
    rule::{Rule, Subject, Test, Wanted},
};
use crate::noun::Noun;

const CONDITION: &str = "a name, a field or `(`";

/// The rule that `text` is.
pub(super) fn parse(text: &str) -> Parsed<Rule> {
    let cursor = Cursor::new(text, 0)?;
    let mut parser = Parser { cursor };
    if parser.cursor.is_bare_of_conditions() {
        let at = parser.cursor.peek().map_or(0, |token| token.at);
        return Err(refused(at, "what picks everything"));
    }
    let rule = parser.or()?;
    let tail = |token: &Token| {
        let mut words = ["sort", "sortby", "limit"].iter();
        let found = words.any(|word| is_keyword(token, word));
        found.then_some(token.at)
    };
    if let Some(at) = parser.cursor.peek().and_then(tail) {
        return Err(refused(at, "an order or a limit"));
    }
    parser.cursor.ends()?;
    Ok(rule)
}

pub(super) fn refused(at: usize, what: &'static str) -> SelectorError {
    SelectorError::new(at, Problem::NotInScope(what))
}

struct Parser {
    cursor: Cursor,
}

impl AsMut<Cursor> for Parser {
    fn as_mut(&mut self) -> &mut Cursor {
        &mut self.cursor
    }
}

impl Parser {
    fn or(&mut self) -> Parsed<Rule> {
        cursor::list(self, "or", Self::and, Rule::Or)
    }

    fn and(&mut self) -> Parsed<Rule> {
        cursor::list(self, "and", Self::unary, Rule::And)
    }

    fn unary(&mut self) -> Parsed<Rule> {
        let token = self.cursor.need(CONDITION)?;
        if is_keyword(&token, "not") {
            let inner = deeper(self, token.at, Self::unary)?;
            return Ok(Rule::Not(Box::new(inner)));
        }
        if is_sign(&token, "(") {
            let inner = deeper(self, token.at, Self::or)?;
            self.cursor.need_sign(")", "`)`")?;
            return Ok(inner);
        }
        match token.kind {
            _ if is_reserved(&token) => Err(reserved(token)),
            TokenKind::Word(word) => self.test(token.at, &word).map(Rule::Test),
            TokenKind::Quoted(_) => Err(refused(token.at, "a name")),
            _ => Err(expected(CONDITION, &token)),
        }
    }

    /// A test whose first word stands at the character `at`.
    fn test(&mut self, at: usize, word: &str) -> Parsed<Test> {
        let next = self.cursor.peek();
        let quantifies =
            Quantifier::from_word(word).is_some() || word.eq_ignore_ascii_case("count");
        if quantifies && next.is_some_and(|token| is_sign(token, "(")) {
            return Err(refused(at, "a look at other records"));
        }
        if !next.is_some_and(is_operator) {
            return Err(refused(at, "a name"));
        }
        let (path, row) = path::resolve(Noun::Vm, at, word)?;
        if !path.is_empty() {
            return Err(refused(at, "a path"));
        }
        let subject = Subject::of(row.field).ok_or_else(|| refused(at, row.name))?;
        let (negated, wanted) = self.check(row, subject)?;
        Ok(Test {
            subject,
            negated,
            wanted,
        })
    }

    fn check(&mut self, row: &'static FieldRow, subject: Subject) -> Parsed<(bool, Wanted)> {
        let token = self.cursor.need("a comparison")?;
        let sign = match token.kind {
            TokenKind::Sign(sign) => sign,
            _ if is_keyword(&token, "in") => return Ok((false, self.set(subject)?)),
            _ if is_keyword(&token, "not") => {
                self.cursor.need_word("in", "`in`")?;
                return Ok((true, self.set(subject)?));
            }
            _ => return Err(refused(token.at, "a search")),
        };
        let negated = match Comparison::from_sign(sign) {
            Some(Comparison::Equal) => false,
            Some(Comparison::Unequal) => true,
            Some(_) => return Err(SelectorError::new(token.at, Problem::Unordered(row))),
            None => return Err(refused(token.at, "a search")),
        };
        Ok((negated, Wanted::This(self.value(subject)?)))
    }

    fn set(&mut self, subject: Subject) -> Parsed<Wanted> {
        self.cursor.need_sign("(", "`(` after `in`")?;
        let mut wanted = vec![self.value(subject)?];
        while self.cursor.takes_sign(",") {
            wanted.push(self.value(subject)?);
        }
        self.cursor.need_sign(")", "`,` or `)`")?;
        Ok(Wanted::OneOf(wanted))
    }

    fn value(&mut self, subject: Subject) -> Parsed<Pattern> {
        let token = self.cursor.need_value()?;
        let pattern = match token.kind {
            TokenKind::Quoted(text) => Pattern::quoted(text),
            kind => Pattern::word(kind.text()),
        };
        let subtree = subject == Subject::Tag && pattern.is_subtree();
        if pattern.is_plain() || subtree {
            Ok(pattern)
        } else {
            Err(refused(token.at, "a wildcard"))
        }
    }
}
