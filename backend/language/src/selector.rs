//! Selectors: queries that pick entities, for filter, jump and mass action.
//!
//! ```text
//! web*                                     a name; `*` any text, `?` any character
//! vms: state = up and tag = web            a noun, fields, `and`, `or`, `not`, parentheses
//! memory >= 4GiB and not tag in (db, infra/**)
//! hypervisor = "hv 01" or cpu > 80%
//! ```
//!
//! Text is compared without regard to capitals. A quoted text is taken as it stands, without wildcards. In a tag `*` stays
//! within one step of the tree, and `infra/**` is `infra` with all below it. A field that a record lacks equals nothing: `=`,
//! `in` and the orders are false for it, `!=` is true. oVirt's states `up` and `down` are running and off.
//!
//! Not in the language yet: joins (`hypervisor.cpu`, `vm.tag`), `sort by`, `limit` and times. Each has its own error.
//!
//! ```
//! use archipel_language::{Noun, Selector};
//!
//! let selector = Selector::exact(Noun::Vm, "state = up and not (web* or tag = db)")?;
//! assert_eq!(selector.to_string(), "state = running and not (web* or tag = db)");
//! let error = Selector::exact(Noun::Vm, "stat = up").unwrap_err();
//! assert!(error.to_string().contains("did you mean `state`?"));
//! # Ok::<(), archipel_language::SelectorError>(())
//! ```

mod error;
mod evaluate;
mod expression;
mod field;
mod lexer;
mod operand;
mod parser;
mod pattern;
mod record;

use std::fmt;

pub use error::{Problem, SelectorError};
pub use field::{FIELDS, Field, FieldRow, Kind, Measure};
pub use record::{Record, Records, Value};

use crate::verb::Noun;
use expression::Expression;

/// No selector is longer, in bytes.
pub const LENGTH_LIMIT: usize = 4_096;
/// No selector nests deeper.
pub const DEPTH_LIMIT: usize = 64;

/// What a bare word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bare {
    /// The whole name, or the whole id.
    Whole,
    /// A part of the name, or the whole id.
    Part,
}

/// A query that was understood. Its `Display` is a text that gives the same query again.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector {
    noun: Noun,
    /// Whether the noun was written.
    prefixed: bool,
    bare: Bare,
    expression: Expression,
}

impl Selector {
    /// Understands `text` as the target of a verb: a bare word is a whole name or id. `noun` is meant where none is written.
    pub fn exact(noun: Noun, text: &str) -> Result<Self, SelectorError> {
        Self::read(noun, text, Bare::Whole)
    }

    /// Understands `text` as a filter: a bare word is a part of the name. An empty filter lets everything through.
    pub fn filter(noun: Noun, text: &str) -> Result<Self, SelectorError> {
        Self::read(noun, text, Bare::Part)
    }

    fn read(noun: Noun, text: &str, bare: Bare) -> Result<Self, SelectorError> {
        if text.len() > LENGTH_LIMIT {
            return Err(SelectorError::new(0, Problem::TooLong));
        }
        let prefix = lexer::noun_prefix(text)?;
        let rest = prefix.map_or(0, |(_, rest)| rest);
        let noun = prefix.map_or(noun, |(noun, _)| noun);
        Ok(Self {
            noun,
            prefixed: prefix.is_some(),
            bare,
            expression: parser::parse(noun, text, rest)?,
        })
    }

    /// What it picks from.
    pub fn noun(&self) -> Noun {
        self.noun
    }

    /// Whether it picks everything.
    pub fn is_all(&self) -> bool {
        self.expression == Expression::All
    }

    /// Whether it is one name or id without wildcards.
    pub fn is_name(&self) -> bool {
        matches!(&self.expression, Expression::Name(pattern) if pattern.is_plain())
    }

    /// Whether it picks `record`.
    pub fn matches(&self, record: &dyn Record) -> bool {
        evaluate::holds(&self.expression, self.bare, record)
    }

    /// The keys of all records that it picks, in the order of `records`.
    pub fn select<R: Records>(&self, records: &R) -> Vec<R::Key> {
        let mut keys = Vec::new();
        records.visit(self.noun, &mut |key, record| {
            if self.matches(record) {
                keys.push(key);
            }
        });
        keys
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.prefixed {
            write!(f, "{}: ", lexer::plural(self.noun))?;
        }
        self.expression.fmt(f)
    }
}

#[cfg(test)]
mod tests;
