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

mod order;

use std::{fmt, iter::Peekable};

use super::{
    DEPTH_LIMIT,
    error::{Problem, SelectorError},
    expression::{Check, Comparison, Expression, Item, Quantifier, SortKey, Test},
    field::{self, Field, FieldRow, Kind},
    lexer::{self, RESERVED, Token, TokenKind},
    operand::Operand,
    path,
    pattern::Pattern,
    regular::Regular,
    table::COUNT,
};
use crate::noun::{Noun, Relation};

type Parsed<T> = Result<T, SelectorError>;

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    pub(super) expression: Expression,
    pub(super) order: Vec<SortKey>,
    pub(super) limit: Option<u32>,
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.expression != Expression::All {
            parts.push(self.expression.to_string());
        }
        if !self.order.is_empty() {
            let keys: Vec<String> = self.order.iter().map(ToString::to_string).collect();
            parts.push(format!("sort by {}", keys.join(", ")));
        }
        parts.extend(self.limit.map(|limit| format!("limit {limit}")));
        f.write_str(&parts.join(" "))
    }
}

struct Parser {
    noun: Noun,
    tokens: Peekable<std::vec::IntoIter<Token>>,
    /// The number of the character after the last.
    end: usize,
    depth: usize,
    /// Whether only what a scope may have is understood.
    closed: bool,
}

/// The tree of `text` from the character `start` on.
pub(super) fn parse(noun: Noun, text: &str, start: usize) -> Parsed<Tree> {
    let mut parser = Parser::new(noun, text, start)?;
    let expression = if parser.is_bare_of_conditions() {
        Expression::All
    } else {
        parser.or()?
    };
    let order = parser.order()?;
    let limit = parser.limit()?;
    parser.ends()?;
    Ok(Tree {
        expression,
        order,
        limit,
    })
}

/// The tree of a scope.
pub(super) fn parse_closed(text: &str) -> Parsed<Expression> {
    let mut parser = Parser::new(Noun::Vm, text, 0)?;
    parser.closed = true;
    if parser.is_bare_of_conditions() {
        let at = parser.tokens.peek().map_or(0, |token| token.at);
        parser.open(at, "what picks everything")?;
    }
    let expression = parser.or()?;
    let order = |token: &&Token| {
        ["sort", "sortby", "limit"]
            .iter()
            .any(|word| is_keyword(token, word))
    };
    if let Some(at) = parser.tokens.peek().filter(order).map(|token| token.at) {
        parser.open(at, "an order or a limit")?;
    }
    parser.ends()?;
    Ok(expression)
}

fn is_keyword(token: &Token, keyword: &str) -> bool {
    matches!(&token.kind, TokenKind::Word(word) if word.eq_ignore_ascii_case(keyword))
}

fn is_sign(token: &Token, sign: &str) -> bool {
    matches!(token.kind, TokenKind::Sign(found) if found == sign)
}

fn is_reserved(token: &Token) -> bool {
    RESERVED.iter().any(|word| is_keyword(token, word))
}

/// Whether `token`, after a word, makes that word a field.
fn is_operator(token: &Token) -> bool {
    match &token.kind {
        TokenKind::Sign(sign) => Comparison::from_sign(sign).is_some() || sign.ends_with('~'),
        _ => ["in", "not", "has"]
            .iter()
            .any(|word| is_keyword(token, word)),
    }
}

fn is_value(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Word(_) | TokenKind::Quoted(_)) && !is_reserved(token)
}

impl Parser {
    fn new(noun: Noun, text: &str, start: usize) -> Parsed<Self> {
        Ok(Self {
            noun,
            tokens: lexer::tokens(text, start)?.into_iter().peekable(),
            end: text.trim_end().chars().count(),
            depth: 0,
            closed: false,
        })
    }

    fn ends(&mut self) -> Parsed<()> {
        match self.tokens.next() {
            None => Ok(()),
            Some(token) => Err(expected("`and`, `or` or the end", &token)),
        }
    }

    /// Refuses `what` in a scope.
    fn open(&self, at: usize, what: &'static str) -> Parsed<()> {
        if self.closed {
            Err(SelectorError::new(at, Problem::NotInScope(what)))
        } else {
            Ok(())
        }
    }

    /// Whether nothing stands before `sort by` and `limit`. A lone `sort` or `limit` is a name.
    fn is_bare_of_conditions(&self) -> bool {
        let mut ahead = self.tokens.clone();
        let (Some(first), second) = (ahead.next(), ahead.next()) else {
            return true;
        };
        let second = second.filter(is_value);
        second.is_some_and(|second| {
            is_keyword(&first, "sort") && is_keyword(&second, "by")
                || is_keyword(&first, "sortby")
                || is_keyword(&first, "limit")
                    && !["sort", "sortby", "has"]
                        .iter()
                        .any(|word| is_keyword(&second, word))
        })
    }

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
        while self.takes_word(keyword) {
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
        if is_sign(&token, "(") {
            let inner = self.deeper(token.at, Self::or)?;
            self.sign(")", "`)`")?;
            return Ok(inner);
        }
        match token.kind {
            _ if is_reserved(&token) => Err(reserved(token)),
            TokenKind::Word(word) => self.after_word(token.at, word),
            TokenKind::Quoted(text) => {
                self.open(token.at, "a name")?;
                Ok(Expression::Name(Pattern::quoted(text)))
            }
            _ => Err(expected("a name, a field or `(`", &token)),
        }
    }

    fn deeper<T>(&mut self, at: usize, part: fn(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEPTH_LIMIT {
            return Err(SelectorError::new(at, Problem::TooDeep));
        }
        self.depth += 1;
        let parsed = part(self);
        self.depth -= 1;
        parsed
    }

    fn after_word(&mut self, at: usize, word: String) -> Parsed<Expression> {
        let next = self.tokens.peek();
        if next.is_some_and(|token| is_sign(token, "(")) {
            return self.quantified(at, &word);
        }
        if next.is_some_and(is_operator) {
            let (path, row) = path::resolve(self.noun, at, &word)?;
            if !path.is_empty() {
                self.open(at, "a path")?;
            }
            if !matches!(row.field, Field::Hypervisor | Field::Id | Field::Tag) {
                self.open(at, row.name)?;
            }
            let check = self.check(row)?;
            return Ok(Expression::Test(Test { path, row, check }));
        }
        let timed = next.is_some_and(is_value);
        self.open(at, "a name")?;
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
            let open = self.need("`(`")?;
            return Err(expected("`and`, `or` or the end", &open));
        }
        self.open(at, "a look at other records")?;
        let (relation, inner) = self.deeper(at, Self::related)?;
        Ok(match quantifier {
            Some(quantifier) => Expression::Quantified(quantifier, relation, inner),
            None => Expression::Count(relation, inner, self.check(&COUNT)?),
        })
    }

    fn related(&mut self) -> Parsed<(&'static Relation, Box<Expression>)> {
        self.sign("(", "`(`")?;
        let token = self.need("a noun")?;
        if matches!(token.kind, TokenKind::Sign(_)) {
            return Err(expected("a noun", &token));
        }
        let at = token.at;
        let word = token.kind.text();
        let relation = Relation::by_word(self.noun, &word)
            .ok_or_else(|| SelectorError::new(at, Problem::UnknownRelation(self.noun, word)))?;
        if !self.takes_sign(":") {
            self.sign(")", "`:` or `)`")?;
            return Ok((relation, Box::new(Expression::All)));
        }
        let outer = std::mem::replace(&mut self.noun, relation.to);
        let inner = self.or()?;
        self.noun = outer;
        self.sign(")", "`)`")?;
        Ok((relation, Box::new(inner)))
    }

    fn check(&mut self, row: &'static FieldRow) -> Parsed<Check> {
        let token = self.need("a comparison")?;
        if is_keyword(&token, "not") {
            let token = self.need("`in`")?;
            if !is_keyword(&token, "in") {
                return Err(expected("`in`", &token));
            }
            return self.set(row, true);
        }
        if is_keyword(&token, "in") {
            return self.set(row, false);
        }
        if is_keyword(&token, "has") {
            self.open(token.at, "a search")?;
            is_searched(row, token.at)?;
            let token = self.value_token()?;
            return Ok(Check::Has(match token.kind {
                TokenKind::Quoted(text) => Pattern::quoted(text),
                kind => Pattern::word(kind.text()),
            }));
        }
        self.signed(row, &token)
    }

    fn signed(&mut self, row: &'static FieldRow, token: &Token) -> Parsed<Check> {
        if let TokenKind::Sign(sign @ ("~" | "!~")) = token.kind {
            self.open(token.at, "a search")?;
            is_searched(row, token.at)?;
            let regular = self.regular()?;
            let negated = sign == "!~";
            return Ok(Check::Matches { negated, regular });
        }
        let TokenKind::Sign(sign) = token.kind else {
            return Err(expected("a comparison", token));
        };
        let comparison =
            Comparison::from_sign(sign).ok_or_else(|| expected("a comparison", token))?;
        if comparison.is_order() && !row.kind.is_ordered() {
            return Err(SelectorError::new(token.at, Problem::Unordered(row)));
        }
        Ok(Check::Compare(comparison, self.value(row)?))
    }

    fn regular(&mut self) -> Parsed<Regular> {
        let wanted = "a regular expression such as /web[0-9]+/";
        let token = self.need(wanted)?;
        let TokenKind::Regex(text) = &token.kind else {
            return Err(expected(wanted, &token));
        };
        Regular::parse(text).map_err(|why| SelectorError::new(token.at, Problem::BadRegular(why)))
    }

    fn set(&mut self, row: &'static FieldRow, negated: bool) -> Parsed<Check> {
        let is_range = |token: &Token| {
            let word = matches!(&token.kind, TokenKind::Word(word) if word.contains(".."));
            word && row.kind.is_ordered()
        };
        if self.tokens.peek().is_some_and(is_range) {
            let items = vec![self.item(row)?];
            return Ok(Check::In { negated, items });
        }
        self.sign("(", "`(` after `in`")?;
        let mut items = vec![self.item(row)?];
        while self.takes_sign(",") {
            items.push(self.item(row)?);
        }
        self.sign(")", "`,` or `)`")?;
        Ok(Check::In { negated, items })
    }

    fn item(&mut self, row: &'static FieldRow) -> Parsed<Item> {
        let token = self.value_token()?;
        let at = token.at;
        let range = match &token.kind {
            TokenKind::Word(word) if row.kind.is_ordered() => word.split_once(".."),
            _ => None,
        };
        if range.is_some_and(|(from, to)| from.is_empty() || to.is_empty()) {
            return Err(expected("a range such as 2..8", &token));
        }
        let Some((from, to)) = range else {
            return self.operand(row, token).map(Item::One);
        };
        let second = at + from.chars().count() + 2;
        let from = Operand::of_word(row, at, from.to_owned())?;
        let to = Operand::of_word(row, second, to.to_owned())?;
        if from.is_before(&to) {
            Ok(Item::Range(from, to))
        } else {
            Err(SelectorError::new(at, Problem::Backwards))
        }
    }

    fn value(&mut self, row: &'static FieldRow) -> Parsed<Operand> {
        let token = self.value_token()?;
        self.operand(row, token)
    }

    fn operand(&self, row: &'static FieldRow, token: Token) -> Parsed<Operand> {
        let at = token.at;
        let operand = Operand::read(row, token)?;
        if let Operand::Text(pattern) = &operand {
            let subtree = row.kind == Kind::Tags && pattern.is_subtree();
            if !pattern.is_plain() && !subtree {
                self.open(at, "a wildcard")?;
            }
        }
        Ok(operand)
    }

    fn value_token(&mut self) -> Parsed<Token> {
        let token = self.need("a value")?;
        match token.kind {
            _ if is_reserved(&token) => Err(reserved(token)),
            TokenKind::Sign(_) | TokenKind::Regex(_) => Err(expected("a value", &token)),
            _ => Ok(token),
        }
    }

    fn takes_word(&mut self, keyword: &str) -> bool {
        let taken = self.tokens.next_if(|token| is_keyword(token, keyword));
        taken.is_some()
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        self.tokens.next_if(|token| is_sign(token, sign)).is_some()
    }

    fn sign(&mut self, sign: &'static str, wanted: &'static str) -> Parsed<()> {
        let token = self.need(wanted)?;
        if is_sign(&token, sign) {
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

fn is_searched(row: &'static FieldRow, at: usize) -> Parsed<()> {
    if row.kind.is_text() {
        Ok(())
    } else {
        Err(SelectorError::new(at, Problem::NoText(row)))
    }
}

fn expected(wanted: &'static str, token: &Token) -> SelectorError {
    let found = token.kind.clone().text();
    SelectorError::new(token.at, Problem::Expected { wanted, found })
}

fn reserved(token: Token) -> SelectorError {
    SelectorError::new(token.at, Problem::Reserved(token.kind.text()))
}
