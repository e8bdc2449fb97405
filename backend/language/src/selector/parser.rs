//! Tokens to a tree.
//!
//! ```text
//! or         = and { "or" and }
//! and        = unary { "and" unary }
//! unary      = "not" unary | "(" or ")" | comparison | bare word
//! comparison = field sign value | field [ "not" ] "in" "(" value { "," value } ")"
//! ```

use std::iter::Peekable;

use super::{
    DEPTH_LIMIT,
    error::{Problem, SelectorError},
    expression::{Comparison, Expression},
    field::{self, FieldRow, Kind},
    lexer::{self, RESERVED, Token, TokenKind},
    operand::Operand,
    pattern::Pattern,
};
use crate::verb::Noun;

type Parsed<T> = Result<T, SelectorError>;

struct Parser {
    noun: Noun,
    tokens: Peekable<std::vec::IntoIter<Token>>,
    /// The number of the character after the last.
    end: usize,
    depth: usize,
}

/// The tree of `text` from the character `start` on.
pub(super) fn parse(noun: Noun, text: &str, start: usize) -> Parsed<Expression> {
    let tokens = lexer::tokens(text, start)?;
    if tokens.is_empty() {
        return Ok(Expression::All);
    }
    let tokens = tokens.into_iter().peekable();
    let end = text.trim_end().chars().count();
    let mut parser = Parser {
        noun,
        tokens,
        end,
        depth: 0,
    };
    let expression = parser.or()?;
    match parser.tokens.next() {
        None => Ok(expression),
        Some(token) => Err(left_over(&token)),
    }
}

fn left_over(token: &Token) -> SelectorError {
    let found = text_of(token);
    let problem = match found.to_lowercase().as_str() {
        "sort" | "sortby" => Problem::Later("`sort by`"),
        "limit" => Problem::Later("`limit`"),
        _ => Problem::Expected {
            wanted: "`and`, `or` or the end",
            found,
        },
    };
    SelectorError::new(token.at, problem)
}

fn text_of(token: &Token) -> String {
    match &token.kind {
        TokenKind::Word(text) | TokenKind::Quoted(text) => text.clone(),
        TokenKind::Sign(sign) => (*sign).to_owned(),
    }
}

fn is_keyword(token: &Token, keyword: &str) -> bool {
    matches!(&token.kind, TokenKind::Word(word) if word.eq_ignore_ascii_case(keyword))
}

fn is_reserved(token: &Token) -> bool {
    RESERVED.iter().any(|word| is_keyword(token, word))
}

impl Parser {
    fn or(&mut self) -> Parsed<Expression> {
        self.list("or", Self::and, Expression::Or)
    }

    fn and(&mut self) -> Parsed<Expression> {
        self.list("and", Self::unary, Expression::And)
    }

    fn list(
        &mut self,
        keyword: &str,
        part: fn(&mut Self) -> Parsed<Expression>,
        several: fn(Vec<Expression>) -> Expression,
    ) -> Parsed<Expression> {
        let first = part(self)?;
        let mut more = Vec::new();
        while self
            .tokens
            .next_if(|token| is_keyword(token, keyword))
            .is_some()
        {
            more.push(part(self)?);
        }
        if more.is_empty() {
            return Ok(first);
        }
        more.insert(0, first);
        Ok(several(more))
    }

    fn unary(&mut self) -> Parsed<Expression> {
        let token = self.need("a name, a field or `(`")?;
        if is_keyword(&token, "not") {
            let inner = self.deeper(token.at, Self::unary)?;
            return Ok(Expression::Not(Box::new(inner)));
        }
        if token.kind == TokenKind::Sign("(") {
            let inner = self.deeper(token.at, Self::or)?;
            self.sign(")", "`)`")?;
            return Ok(inner);
        }
        self.comparison(token)
    }

    fn deeper(
        &mut self,
        at: usize,
        part: fn(&mut Self) -> Parsed<Expression>,
    ) -> Parsed<Expression> {
        if self.depth == DEPTH_LIMIT {
            return Err(SelectorError::new(at, Problem::TooDeep));
        }
        self.depth += 1;
        let parsed = part(self);
        self.depth -= 1;
        parsed
    }

    fn comparison(&mut self, token: Token) -> Parsed<Expression> {
        let follows = |next: &Token| match &next.kind {
            TokenKind::Sign(sign) => Comparison::from_sign(sign).is_some(),
            _ => is_keyword(next, "in") || is_keyword(next, "not"),
        };
        match token.kind {
            _ if is_reserved(&token) => Err(reserved(&token)),
            TokenKind::Word(word) if self.tokens.peek().is_some_and(follows) => {
                let row = self.field(token.at, &word)?;
                self.against(row)
            }
            TokenKind::Word(word) => Ok(Expression::Name(Pattern::word(word))),
            TokenKind::Quoted(text) => Ok(Expression::Name(Pattern::quoted(text))),
            TokenKind::Sign(sign) => {
                let problem = Problem::Expected {
                    wanted: "a name, a field or `(`",
                    found: sign.to_owned(),
                };
                Err(SelectorError::new(token.at, problem))
            }
        }
    }

    fn field(&self, at: usize, word: &str) -> Parsed<&'static FieldRow> {
        if let Some(row) = field::by_word(self.noun, word) {
            return Ok(row);
        }
        let joins = word.contains('.');
        let unknown = || Problem::UnknownField(self.noun, word.to_owned());
        let problem = if joins {
            Problem::Later("a field of another noun")
        } else {
            unknown()
        };
        Err(SelectorError::new(at, problem))
    }

    fn against(&mut self, row: &'static FieldRow) -> Parsed<Expression> {
        let token = self.need("a comparison")?;
        let negated = is_keyword(&token, "not");
        if negated {
            let token = self.need("`in`")?;
            if !is_keyword(&token, "in") {
                return Err(expected("`in`", &token));
            }
        }
        if negated || is_keyword(&token, "in") {
            let listed = Expression::In(row, self.values(row)?);
            return Ok(if negated {
                Expression::Not(Box::new(listed))
            } else {
                listed
            });
        }
        let comparison = Comparison::from_sign(&text_of(&token))
            .ok_or_else(|| expected("a comparison", &token))?;
        if comparison.is_order() && !matches!(row.kind, Kind::Number(_)) {
            return Err(SelectorError::new(token.at, Problem::Unordered(row)));
        }
        Ok(Expression::Compare(row, comparison, self.value(row)?))
    }

    fn values(&mut self, row: &'static FieldRow) -> Parsed<Vec<Operand>> {
        self.sign("(", "`(` after `in`")?;
        let mut values = vec![self.value(row)?];
        while self
            .tokens
            .next_if(|token| token.kind == TokenKind::Sign(","))
            .is_some()
        {
            values.push(self.value(row)?);
        }
        self.sign(")", "`,` or `)`")?;
        Ok(values)
    }

    fn value(&mut self, row: &'static FieldRow) -> Parsed<Operand> {
        let token = self.need("a value")?;
        match token.kind {
            _ if is_reserved(&token) => Err(reserved(&token)),
            TokenKind::Sign(_) => Err(expected("a value", &token)),
            _ => Operand::read(row, token),
        }
    }

    fn sign(&mut self, sign: &'static str, wanted: &'static str) -> Parsed<()> {
        let token = self.need(wanted)?;
        if token.kind == TokenKind::Sign(sign) {
            Ok(())
        } else {
            Err(expected(wanted, &token))
        }
    }

    fn need(&mut self, wanted: &'static str) -> Parsed<Token> {
        let missing = Problem::Expected {
            wanted,
            found: String::new(),
        };
        self.tokens
            .next()
            .ok_or(SelectorError::new(self.end, missing))
    }
}

fn expected(wanted: &'static str, token: &Token) -> SelectorError {
    SelectorError::new(
        token.at,
        Problem::Expected {
            wanted,
            found: text_of(token),
        },
    )
}

fn reserved(token: &Token) -> SelectorError {
    SelectorError::new(token.at, Problem::Reserved(text_of(token)))
}
