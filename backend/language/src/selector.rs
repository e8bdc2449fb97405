//! Selectors: queries that pick entities, for filter, jump and mass action.
//!
//! ```text
//! web*                                     a name; `*` any text, `?` any character
//! vms: state = up and tag = web            a noun, fields, `and`, `or`, `not`, parentheses
//! memory >= 4GiB and not tag in (db, infra/**) and vcpus in 2..8
//! name ~ /web[0-9]+/ or text has "disk full"
//! hypervisor.cpu > 80% sort by memory desc limit 20
//! hypervisors: vms.state = off             true for any of them
//! hypervisors: all(vms: state = off and not protected = yes) and count(vms) > 3
//! events: since 02:30 and vm.tag = web
//! ```
//!
//! Text is compared without regard to capitals. A quoted text is taken as it stands, without wildcards. In a tag `*` stays
//! within one step of the tree, and `infra/**` is `infra` with all below it. A field that a record lacks equals nothing: `=`,
//! `in` and the orders are false for it, `!=` and `not in` are true. Over a path, a comparison holds when it holds for any of
//! the records at its end; so `vms.state != off` is true where one machine is not off, and `none(vms: state = off)` where none
//! is. `all(…)` is true where there is none to ask. oVirt's states `up` and `down` are running and off, its `sortby` is
//! `sort by`, its `Vms.status.down` is `vms.state = down`.
//!
//! A moment without a day (`02:30`) is the last one; one with a unit (`2h`) is so long ago. The moment of the evaluation comes
//! from the caller ([`Now`]); without it, tests that need it hold for nothing.
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

mod complete;
mod error;
mod evaluate;
mod expression;
mod field;
mod lexer;
mod operand;
mod parser;
mod path;
mod pattern;
mod record;
mod regular;
mod scope;
mod table;
mod time;

use std::fmt;

pub use complete::{Candidate, Completion, Values, complete};
pub use error::{Problem, SelectorError};
pub use field::{Field, FieldRow, Kind, Measure};
pub use record::{Record, Records, Value, Visit};
pub use scope::Scope;
pub use table::fields;
pub use time::Now;

use crate::noun::Noun;
use evaluate::{Context, Memo};
use expression::{Expression, Tree};

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
    tree: Tree,
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
        let selector = Self {
            noun,
            prefixed: prefix.is_some(),
            bare,
            tree: parser::parse(noun, text, rest)?,
        };
        // It is kept and sent as it is printed.
        let printed = selector.to_string();
        if printed.len() > LENGTH_LIMIT {
            return Err(SelectorError::new(0, Problem::TooLong));
        }
        Ok(selector)
    }

    /// What it picks from.
    pub fn noun(&self) -> Noun {
        self.noun
    }

    /// Whether it picks everything.
    pub fn is_all(&self) -> bool {
        self.tree.expression == Expression::All && self.tree.limit.is_none()
    }

    /// Whether it is one name or id without wildcards.
    pub fn is_name(&self) -> bool {
        matches!(&self.tree.expression, Expression::Name(pattern) if pattern.is_plain())
    }

    /// How many it picks at most, where it says.
    pub fn limit(&self) -> Option<u32> {
        self.tree.limit
    }

    /// Whether it says in which order it picks.
    pub fn is_sorted(&self) -> bool {
        !self.tree.order.is_empty()
    }

    /// Whether it picks `record`, its limit aside. What depends on the time of day holds for nothing.
    pub fn matches(&self, record: &dyn Record) -> bool {
        let memo = Memo::default();
        self.context(None, &memo)
            .holds(&self.tree.expression, record)
    }

    /// Whether it picks `record` at the moment `now`, its limit aside.
    pub fn matches_at(&self, record: &dyn Record, now: Now) -> bool {
        let memo = Memo::default();
        self.context(Some(now), &memo)
            .holds(&self.tree.expression, record)
    }

    /// The keys of all records that it picks, in its order; without one, in the order of `records`. What depends on the time
    /// of day holds for nothing.
    pub fn select<R: Records>(&self, records: &R) -> Vec<R::Key> {
        self.selected(records, None)
    }

    /// The keys of all records that it picks at the moment `now`.
    pub fn select_at<R: Records>(&self, records: &R, now: Now) -> Vec<R::Key> {
        self.selected(records, Some(now))
    }

    /// The moment, in seconds since 1970 UTC, before which it surely picks nothing by the time that `since` means; nothing,
    /// where it does not say. Who asks for records page by page can stop there.
    pub fn since(&self, now: Now) -> Option<f64> {
        self.tree.expression.since(now)
    }

    fn context<'a>(&self, now: Option<Now>, memo: &'a Memo) -> Context<'a> {
        Context {
            noun: self.noun,
            bare: self.bare,
            now,
            memo,
        }
    }

    fn selected<R: Records>(&self, records: &R, now: Option<Now>) -> Vec<R::Key> {
        let memo = Memo::default();
        let (context, order) = (self.context(now, &memo), &self.tree.order);
        let mut picked = Vec::new();
        records.visit(self.noun, &mut |key, record| {
            if context.holds(&self.tree.expression, record) {
                picked.push((evaluate::ranks(order, record), key()));
            }
        });
        if self.is_sorted() {
            picked.sort_by(|(a, _), (b, _)| evaluate::ordered(order, a, b));
        }
        let limit = self.tree.limit.map(usize::try_from);
        let limit = limit.and_then(Result::ok).unwrap_or(usize::MAX);
        let picked = picked.into_iter().map(|(_, key)| key);
        picked.take(limit).collect()
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.prefixed {
            write!(f, "{}: ", self.noun.plural())?;
        }
        self.tree.fmt(f)
    }
}

#[cfg(test)]
mod tests;
