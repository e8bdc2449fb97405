//! Where in the grammar a text stops.

use super::super::{
    expression::Quantifier,
    field::{self, FieldRow},
    lexer::{Token, TokenKind},
    path,
    table::COUNT,
};
use crate::noun::{Noun, Relation};

/// What the next word will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A condition, or one of its beginnings.
    Condition,
    /// What a field is compared by.
    Operator(&'static FieldRow),
    /// What a field is compared with.
    Value(&'static FieldRow),
    /// The parenthesis of a set.
    Open,
    /// `in` after `not`.
    In,
    /// A comma or the end of a set.
    InSet,
    /// `and`, `or`, the end of a group.
    After,
    /// `by` after `sort`.
    By,
    /// A key of the order.
    SortKey,
    /// What follows a key of the order.
    Sorted,
    /// The noun of `any(` and its like.
    Relation,
    /// What follows that noun.
    Related,
    /// Something of which there are no candidates.
    Nothing,
}

/// An open parenthesis.
#[derive(Debug, Clone, Copy)]
struct Level {
    noun: Noun,
    counts: bool,
}

/// Follows the tokens.
pub(super) struct Reader {
    pub(super) place: Place,
    noun: Noun,
    levels: Vec<Level>,
    /// The field whose set is open.
    set: Option<&'static FieldRow>,
}

impl Reader {
    /// Where `tokens` stop; nothing, where they make no sense.
    pub(super) fn read(noun: Noun, tokens: Vec<Token>) -> Option<Self> {
        let mut reader = Self {
            place: Place::Condition,
            noun,
            levels: Vec::new(),
            set: None,
        };
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let opens = tokens
                .peek()
                .is_some_and(|next| next.kind == TokenKind::Sign("("));
            reader.place = reader.step(token.kind, opens)?;
        }
        Some(reader)
    }

    /// The noun whose fields are meant.
    pub(super) fn noun(&self) -> Noun {
        self.levels.last().map_or(self.noun, |level| level.noun)
    }

    /// Whether a parenthesis is open.
    pub(super) fn is_nested(&self) -> bool {
        !self.levels.is_empty()
    }

    fn step(&mut self, kind: TokenKind, opens: bool) -> Option<Place> {
        let quoted = matches!(kind, TokenKind::Quoted(_) | TokenKind::Regex(_));
        let text = kind.text();
        let word = text.to_ascii_lowercase();
        match (self.place, word.as_str()) {
            (Place::Condition, _) if quoted => Some(Place::After),
            (Place::Condition, _) => self.condition(&text, opens),
            (Place::Operator(row), "in") => {
                self.set = Some(row);
                Some(Place::Open)
            }
            (Place::Operator(row), "not") => {
                self.set = Some(row);
                Some(Place::In)
            }
            (Place::Operator(_), "~" | "!~") | (Place::Sorted, "limit") => Some(Place::Nothing),
            (Place::Operator(row), _) => Some(Place::Value(row)),
            (Place::In, "in") => Some(Place::Open),
            (Place::Open, "(") | (Place::InSet, ",") => self.set.map(Place::Value),
            (Place::Open, _) | (Place::InSet, ")") => {
                self.set = None;
                Some(Place::After)
            }
            (Place::Value(_), _) if self.set.is_some() => Some(Place::InSet),
            (Place::Value(_) | Place::Nothing, _) => Some(Place::After),
            (Place::After, _) => self.after(&word),
            (Place::By, "by") | (Place::Sorted, ",") => Some(Place::SortKey),
            (Place::SortKey, _) | (Place::Sorted, "asc" | "desc") => Some(Place::Sorted),
            (Place::Relation, _) if word == "(" => Some(Place::Relation),
            (Place::Relation, _) => self.relation(&word),
            (Place::Related, ":") => Some(Place::Condition),
            (Place::Related, ")") => self.close(),
            _ => None,
        }
    }

    fn condition(&mut self, text: &str, opens: bool) -> Option<Place> {
        let noun = self.noun();
        let word = text.to_ascii_lowercase();
        let counts = word == "count";
        if opens && (counts || Quantifier::from_word(&word).is_some()) {
            self.levels.push(Level { noun, counts });
            return Some(Place::Relation);
        }
        match word.as_str() {
            "(" => {
                let counts = false;
                self.levels.push(Level { noun, counts });
                Some(Place::Condition)
            }
            "not" => Some(Place::Condition),
            "since" | "until" => field::time_of(noun).map(Place::Value),
            "sort" | "sortby" | "limit" => self.after(&word),
            _ => Some(match path::resolve(noun, 0, text) {
                Ok((_, row)) => Place::Operator(row),
                Err(_) => Place::After,
            }),
        }
    }

    fn after(&mut self, word: &str) -> Option<Place> {
        match word {
            "and" | "or" => Some(Place::Condition),
            ")" => self.close(),
            "sort" if !self.is_nested() => Some(Place::By),
            "sortby" if !self.is_nested() => Some(Place::SortKey),
            "limit" if !self.is_nested() => Some(Place::Nothing),
            // A word that was taken for a name is a field of no record after all.
            _ => None,
        }
    }

    fn relation(&mut self, word: &str) -> Option<Place> {
        let to = Relation::by_word(self.noun(), word)?.to;
        self.levels.last_mut()?.noun = to;
        Some(Place::Related)
    }

    fn close(&mut self) -> Option<Place> {
        let level = self.levels.pop()?;
        Some(if level.counts {
            Place::Operator(&COUNT)
        } else {
            Place::After
        })
    }
}
