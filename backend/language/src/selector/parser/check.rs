//! What a field is compared with.

use super::{
    super::{
        error::{Problem, SelectorError},
        expression::{Check, Comparison, Item},
        field::FieldRow,
        lexer::{Token, TokenKind},
        operand::Operand,
        pattern::Pattern,
        regular::Regular,
    },
    Parsed, Parser,
    cursor::{expected, is_keyword},
};

impl Parser {
    pub(super) fn check(&mut self, row: &'static FieldRow) -> Parsed<Check> {
        let token = self.cursor.need("a comparison")?;
        if is_keyword(&token, "not") {
            self.cursor.need_word("in", "`in`")?;
            return self.set(row, true);
        }
        if is_keyword(&token, "in") {
            return self.set(row, false);
        }
        if is_keyword(&token, "has") {
            return self.part(row, token.at);
        }
        match token.kind {
            TokenKind::Sign(sign @ ("~" | "!~")) => self.regular(row, token.at, sign == "!~"),
            TokenKind::Sign(sign) => {
                let comparison = Comparison::from_sign(sign);
                let comparison = comparison.ok_or_else(|| expected("a comparison", &token))?;
                self.compared(row, token.at, comparison)
            }
            _ => Err(expected("a comparison", &token)),
        }
    }

    /// `has` at the character `at`.
    fn part(&mut self, row: &'static FieldRow, at: usize) -> Parsed<Check> {
        is_searched(row, at)?;
        let token = self.cursor.need_value()?;
        Ok(Check::Has(match token.kind {
            TokenKind::Quoted(text) => Pattern::quoted(text),
            kind => Pattern::word(kind.text()),
        }))
    }

    /// `~` or `!~` at the character `at`.
    fn regular(&mut self, row: &'static FieldRow, at: usize, negated: bool) -> Parsed<Check> {
        is_searched(row, at)?;
        let wanted = "a regular expression such as /web[0-9]+/";
        let token = self.cursor.need(wanted)?;
        let TokenKind::Regex(text) = &token.kind else {
            return Err(expected(wanted, &token));
        };
        let regular = Regular::parse(text)
            .map_err(|why| SelectorError::new(token.at, Problem::BadRegular(why)))?;
        Ok(Check::Matches { negated, regular })
    }

    /// A sign at the character `at`.
    fn compared(
        &mut self,
        row: &'static FieldRow,
        at: usize,
        comparison: Comparison,
    ) -> Parsed<Check> {
        if comparison.is_order() && !row.kind.is_ordered() {
            return Err(SelectorError::new(at, Problem::Unordered(row)));
        }
        Ok(Check::Compare(comparison, self.value(row)?))
    }

    fn set(&mut self, row: &'static FieldRow, negated: bool) -> Parsed<Check> {
        let is_range = |token: &Token| {
            let word = matches!(&token.kind, TokenKind::Word(word) if word.contains(".."));
            word && row.kind.is_ordered()
        };
        if self.cursor.peek().is_some_and(is_range) {
            let items = vec![self.item(row)?];
            return Ok(Check::In { negated, items });
        }
        self.cursor.need_sign("(", "`(` after `in`")?;
        let mut items = vec![self.item(row)?];
        while self.cursor.takes_sign(",") {
            items.push(self.item(row)?);
        }
        self.cursor.need_sign(")", "`,` or `)`")?;
        Ok(Check::In { negated, items })
    }

    fn item(&mut self, row: &'static FieldRow) -> Parsed<Item> {
        let token = self.cursor.need_value()?;
        let range = match &token.kind {
            TokenKind::Word(word) if row.kind.is_ordered() => word.split_once(".."),
            _ => None,
        };
        match range {
            None => Operand::read(row, token).map(Item::One),
            Some((from, to)) if from.is_empty() || to.is_empty() => {
                Err(expected("a range such as 2..8", &token))
            }
            Some((from, to)) => range_of(row, token.at, [from, to]),
        }
    }

    pub(super) fn value(&mut self, row: &'static FieldRow) -> Parsed<Operand> {
        let token = self.cursor.need_value()?;
        Operand::read(row, token)
    }
}

/// The range whose first end stands at the character `at`.
fn range_of(row: &'static FieldRow, at: usize, [from, to]: [&str; 2]) -> Parsed<Item> {
    let second = at + from.chars().count() + 2;
    let from = Operand::of_word(row, at, from.to_owned())?;
    let to = Operand::of_word(row, second, to.to_owned())?;
    if from.is_before(&to) {
        Ok(Item::Range(from, to))
    } else {
        Err(SelectorError::new(at, Problem::Backwards))
    }
}

fn is_searched(row: &'static FieldRow, at: usize) -> Parsed<()> {
    if row.kind.is_text() {
        Ok(())
    } else {
        Err(SelectorError::new(at, Problem::NoText(row)))
    }
}
