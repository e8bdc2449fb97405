//! `sort by` and `limit`.

use super::{
    super::{
        error::{Problem, SelectorError},
        expression::SortKey,
        lexer::TokenKind,
        path,
    },
    Parsed, Parser, expected, is_keyword,
};

impl Parser {
    pub(super) fn order(&mut self) -> Parsed<Vec<SortKey>> {
        if self.takes_word("sort") {
            let token = self.need("`by`")?;
            if !is_keyword(&token, "by") {
                return Err(expected("`by`", &token));
            }
        } else if !self.takes_word("sortby") {
            return Ok(Vec::new());
        }
        let mut keys = vec![self.sort_key()?];
        while self.takes_sign(",") {
            keys.push(self.sort_key()?);
        }
        Ok(keys)
    }

    fn sort_key(&mut self) -> Parsed<SortKey> {
        let token = self.need("a field")?;
        let (at, word) = (token.at, token.kind.text());
        let (path, row) = path::resolve(self.noun, at, &word)?;
        if let Some(several) = path.iter().find(|step| step.many) {
            return Err(SelectorError::new(at, Problem::Several(several)));
        }
        let descending = self.takes_word("desc");
        if !descending {
            self.takes_word("asc");
        }
        Ok(SortKey {
            path,
            row,
            descending,
        })
    }

    pub(super) fn limit(&mut self) -> Parsed<Option<u32>> {
        if !self.takes_word("limit") {
            return Ok(None);
        }
        let wanted = "a number from 1 on";
        let token = self.need(wanted)?;
        let number = match &token.kind {
            TokenKind::Word(word) => word.parse().ok().filter(|number| *number > 0),
            _ => None,
        };
        number.map(Some).ok_or_else(|| expected(wanted, &token))
    }
}
