//! `sort by` and `limit`.

use super::{
    super::{
        error::{Problem, SelectorError},
        expression::SortKey,
        lexer::TokenKind,
        path,
    },
    Parsed, Parser,
    cursor::expected,
};

impl Parser {
    pub(super) fn order(&mut self) -> Parsed<Vec<SortKey>> {
        if self.cursor.takes_word("sort") {
            self.cursor.need_word("by", "`by`")?;
        } else if !self.cursor.takes_word("sortby") {
            return Ok(Vec::new());
        }
        let mut keys = vec![self.sort_key()?];
        while self.cursor.takes_sign(",") {
            keys.push(self.sort_key()?);
        }
        Ok(keys)
    }

    fn sort_key(&mut self) -> Parsed<SortKey> {
        let token = self.cursor.need("a field")?;
        let (at, word) = (token.at, token.kind.text());
        let (path, row) = path::resolve(self.noun, at, &word)?;
        if let Some(several) = path.iter().find(|step| step.many) {
            return Err(SelectorError::new(at, Problem::Several(several)));
        }
        let descending = self.cursor.takes_word("desc");
        if !descending {
            self.cursor.takes_word("asc");
        }
        Ok(SortKey {
            path,
            row,
            descending,
        })
    }

    pub(super) fn limit(&mut self) -> Parsed<Option<u32>> {
        if !self.cursor.takes_word("limit") {
            return Ok(None);
        }
        let wanted = "a number from 1 on";
        let token = self.cursor.need(wanted)?;
        let number = match &token.kind {
            TokenKind::Word(word) => word.parse().ok().filter(|number| *number > 0),
            _ => None,
        };
        number.map(Some).ok_or_else(|| expected(wanted, &token))
    }
}
