//! Scopes: the closed part of the language that a grant may use.

use std::fmt;

use super::{
    Bare, LENGTH_LIMIT,
    error::{Problem, SelectorError},
    evaluate::Context,
    expression::{Check, Expression, Item},
    field::Field,
    lexer,
    operand::Operand,
    parser,
    record::Record,
};
use crate::noun::Noun;

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
#[derive(Debug, Clone, PartialEq)]
pub struct Scope(Expression);

impl Scope {
    /// Understands `text`, or says at which character it leaves the sublanguage.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        if text.len() > LENGTH_LIMIT {
            return Err(SelectorError::new(0, Problem::TooLong));
        }
        if lexer::noun_prefix(text)?.is_some() {
            return Err(SelectorError::new(0, Problem::NotInScope("a noun")));
        }
        parser::parse_closed(text).map(Self)
    }

    /// Whether the machine `record` is in it.
    pub fn holds(&self, record: &dyn Record) -> bool {
        let context = Context {
            noun: Noun::Vm,
            bare: Bare::Whole,
            now: None,
        };
        context.holds(&self.0, record)
    }

    /// The tags that it names, as written: who may set or remove them decides what is in the scope. Capitals
    /// make no difference, and `infra/**` is `infra` with all below it.
    pub fn tags(&self) -> Vec<&str> {
        let mut tags = Vec::new();
        collect(&self.0, &mut tags);
        tags
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn collect<'a>(expression: &'a Expression, tags: &mut Vec<&'a str>) {
    match expression {
        Expression::Test(test) if test.row.field == Field::Tag => match &test.check {
            Check::Compare(_, operand) => tags.extend(text(operand)),
            Check::In { items, .. } => tags.extend(items.iter().filter_map(|item| match item {
                Item::One(operand) => text(operand),
                Item::Range(..) => None,
            })),
            Check::Matches { .. } | Check::Has(_) => {}
        },
        Expression::Not(inner) => collect(inner, tags),
        Expression::And(parts) | Expression::Or(parts) => {
            for part in parts {
                collect(part, tags);
            }
        }
        _ => {}
    }
}

fn text(operand: &Operand) -> Option<&str> {
    match operand {
        Operand::Text(pattern) => Some(pattern.text()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn there_is_no_empty_scope() {
        for text in ["", "  ", "()"] {
            assert!(Scope::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_tags_that_it_names_are_known() {
        let text = "tag = web and not (id = x or tag in (db, infra/**)) and hypervisor != tag";
        assert_eq!(
            Scope::parse(text).unwrap().tags(),
            ["web", "db", "infra/**"]
        );
    }
}
