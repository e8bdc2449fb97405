//! Scopes: the closed part of the language that a grant may use.

mod parser;
mod rule;

use std::fmt;

use super::{
    LENGTH_LIMIT,
    error::{Problem, SelectorError},
    lexer,
    record::Record,
};
use rule::Rule;

/// Which machines a grant is about: `hypervisor`, `id` and `tag` with `=`, `!=` and `in`, put together with `and`, `or`, `not`.
///
/// Nothing else is understood, and nothing that depends on what a guest or a passer-by can change: no names, no states, no
/// wildcards but a whole subtree of tags (`tag = infra/**`). There is no empty scope: a grant without limits has none at all.
///
/// ```
/// use archipel_language::Scope;
///
/// assert!(Scope::parse("tag = team/blue/** and not id = 7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01").is_ok());
/// assert!(Scope::parse("name = web01").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope(Rule);

impl Scope {
    /// Understands `text`, or says at which character it leaves the sublanguage.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let too_long = || SelectorError::new(0, Problem::TooLong);
        if text.len() > LENGTH_LIMIT {
            return Err(too_long());
        }
        if lexer::noun_prefix(text)?.is_some() {
            return Err(parser::refused(0, "a noun"));
        }
        let scope = Self(parser::parse(text)?);
        let printed = scope.to_string();
        (printed.len() <= LENGTH_LIMIT)
            .then_some(scope)
            .ok_or_else(too_long)
    }

    /// Whether the machine `record` is in it.
    pub fn holds(&self, record: &dyn Record) -> bool {
        self.0.holds(record)
    }

    /// Whether it says something about `tag`: who sets or removes that tag decides what is in the scope. Capitals make no
    /// difference, and `infra/**` is `infra` with all below it.
    pub fn names_tag(&self, tag: &str) -> bool {
        self.0.names_tag(tag)
    }
}

impl Scope {
    /// Tags that bring a machine into it, as far as tags can: of what is put together with `and` all, with `or` and `in` the first.
    /// Whether they are enough, [`Scope::holds`] tells.
    pub fn stamps(&self) -> Vec<String> {
        let mut tags = Vec::new();
        self.0.stamps(&mut tags);
        tags
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
