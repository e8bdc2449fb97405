//! Tokens to a tree.
//!
//! ```text
//! selector   = [ noun ":" ] [ or ] [ sort ] [ "limit" number ]
//! sort       = ( "sort" "by" | "sortby" ) key { "," key }      key = path [ "asc" | "desc" ]
//! or         = and { "or" and }
//! and        = unary { "and" unary }
//! unary      = "not" unary | "(" or ")" | quantified | test | bare word
//! quantified = ( "any" | "all" | "none" ) related | "count" related check
//! related    = "(" noun [ ":" or ] ")"
//! test       = path check | ( "since" | "until" ) value
//! path       = { noun "." } field
//! check      = sign value | ( "~" | "!~" ) regex | "has" value | [ "not" ] "in" set
//! set        = value ".." value | "(" item { "," item } ")"    item = value [ ".." value ]
//! ```

mod check;
pub(super) mod cursor;
mod order;

use super::{
    error::{Problem, SelectorError},
    expression::{Check, Comparison, Expression, Quantifier, Test, Tree},
    field,
    lexer::{self, TokenKind},
    path,
    pattern::Pattern,
    table::COUNT,
};
use crate::noun::{Noun, Relation};
use cursor::{Cursor, deeper, expected, is_operator, is_reserved, is_sign, is_value, reserved};

pub(super) type Parsed<T> = Result<T, SelectorError>;

const CONDITION: &str = "a name, a field or `(`";

struct Parser {
    noun: Noun,
    cursor: Cursor,
}

impl AsMut<Cursor> for Parser {
    fn as_mut(&mut self) -> &mut Cursor {
        &mut self.cursor
    }
}

/// The tree of `text` from the character `start` on.
pub(super) fn parse(noun: Noun, text: &str, start: usize) -> Parsed<Tree> {
    let cursor = Cursor::new(text, start)?;
    let mut parser = Parser { noun, cursor };
    let expression = if parser.cursor.is_bare_of_conditions() {
        Expression::All
    } else {
        parser.or()?
    };
    let order = parser.order()?;
    let limit = parser.limit()?;
    parser.cursor.ends()?;
    Ok(Tree {
        expression,
        order,
        limit,
    })
}

impl Parser {
    fn or(&mut self) -> Parsed<Expression> {
        cursor::list(self, "or", Self::and, Expression::Or)
    }

    fn and(&mut self) -> Parsed<Expression> {
        cursor::list(self, "and", Self::unary, Expression::And)
    }

    fn unary(&mut self) -> Parsed<Expression> {
        let token = self.cursor.need(CONDITION)?;
        if cursor::is_keyword(&token, "not") {
            let inner = deeper(self, token.at, Self::unary)?;
            return Ok(Expression::Not(Box::new(inner)));
        }
        if is_sign(&token, "(") {
            let inner = deeper(self, token.at, Self::or)?;
            self.cursor.need_sign(")", "`)`")?;
            return Ok(inner);
        }
        match token.kind {
            _ if is_reserved(&token) => Err(reserved(token)),
            TokenKind::Word(word) => self.after_word(token.at, word),
            TokenKind::Quoted(text) => Ok(Expression::Name(Pattern::quoted(text))),
            _ => Err(expected(CONDITION, &token)),
        }
    }

    fn after_word(&mut self, at: usize, word: String) -> Parsed<Expression> {
        let next = self.cursor.peek();
        if next.is_some_and(|token| is_sign(token, "(")) {
            return self.quantified(at, &word);
        }
        if next.is_some_and(is_operator) {
            let (path, row) = path::resolve(self.noun, at, &word)?;
            let check = self.check(row)?;
            return Ok(Expression::Test(Test { path, row, check }));
        }
        let timed = next.is_some_and(is_value);
        let order = match word.to_ascii_lowercase().as_str() {
            "since" => Some(Comparison::AtLeast),
            "until" => Some(Comparison::AtMost),
            _ => None,
        };
        if let Some(order) = order.filter(|_| timed) {
            return self.timed(at, order);
        }
        match path::spelled_out(self.noun, at, &word)? {
            Some(test) => Ok(Expression::Test(test)),
            // In quotes it stays a name, whatever is written behind it.
            None if lexer::is_keyword(&word) => Ok(Expression::Name(Pattern::quoted(word))),
            None => Ok(Expression::Name(Pattern::word(word))),
        }
    }

    fn timed(&mut self, at: usize, order: Comparison) -> Parsed<Expression> {
        let row =
            field::time_of(self.noun).ok_or(SelectorError::new(at, Problem::NoTime(self.noun)))?;
        let check = Check::Compare(order, self.value(row)?);
        let path = Vec::new();
        Ok(Expression::Test(Test { path, row, check }))
    }

    fn quantified(&mut self, at: usize, word: &str) -> Parsed<Expression> {
        let quantifier = Quantifier::from_word(word);
        if quantifier.is_none() && !word.eq_ignore_ascii_case("count") {
            let open = self.cursor.need("`(`")?;
            return Err(expected("`and`, `or` or the end", &open));
        }
        let (relation, inner) = deeper(self, at, Self::related)?;
        Ok(match quantifier {
            Some(quantifier) => Expression::Quantified(quantifier, relation, inner),
            None => Expression::Count(relation, inner, self.check(&COUNT)?),
        })
    }

    fn related(&mut self) -> Parsed<(&'static Relation, Box<Expression>)> {
        self.cursor.need_sign("(", "`(`")?;
        let token = self.cursor.need("a noun")?;
        if matches!(token.kind, TokenKind::Sign(_)) {
            return Err(expected("a noun", &token));
        }
        let at = token.at;
        let word = token.kind.text();
        let relation = Relation::by_word(self.noun, &word)
            .ok_or_else(|| SelectorError::new(at, Problem::UnknownRelation(self.noun, word)))?;
        if !self.cursor.takes_sign(":") {
            self.cursor.need_sign(")", "`:` or `)`")?;
            return Ok((relation, Box::new(Expression::All)));
        }
        let outer = std::mem::replace(&mut self.noun, relation.to);
        let inner = self.or()?;
        self.noun = outer;
        self.cursor.need_sign(")", "`)`")?;
        Ok((relation, Box::new(inner)))
    }
}
