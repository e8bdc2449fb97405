//! Dotted paths: `hypervisor.cpu`, `vms.snapshots.name`.

use super::{
    error::{Problem, SelectorError},
    expression::{Check, Comparison, Test},
    field::{self, FieldRow},
    operand::Operand,
};
use crate::noun::{Noun, Relation};

/// No path has more steps.
pub(super) const STEPS_LIMIT: usize = 4;

type Way = (Vec<&'static Relation>, &'static FieldRow);

/// The field that `word` at the character `at` means.
pub(super) fn resolve(noun: Noun, at: usize, word: &str) -> Result<Way, SelectorError> {
    let (steps, name) = word.rsplit_once('.').unwrap_or(("", word));
    let mut here = (noun, at);
    let mut path = Vec::new();
    for step in steps.split('.').filter(|_| !steps.is_empty()) {
        let relation = Relation::by_word(here.0, step).ok_or_else(|| {
            let problem = Problem::UnknownRelation(here.0, step.to_owned());
            SelectorError::new(here.1, problem)
        })?;
        if path.len() == STEPS_LIMIT {
            return Err(SelectorError::new(here.1, Problem::TooFar));
        }
        path.push(relation);
        here = (relation.to, here.1 + step.chars().count() + 1);
    }
    let unknown = || Problem::UnknownField(here.0, name.to_owned());
    let row = field::by_word(here.0, name).ok_or_else(|| SelectorError::new(here.1, unknown()))?;
    Ok((path, row))
}

/// oVirt's `Vms.status.down`: a way, a field and its value in one word. Anything else is a name.
pub(super) fn spelled_out(
    noun: Noun,
    at: usize,
    word: &str,
) -> Result<Option<Test>, SelectorError> {
    let mut here = noun;
    let mut path = Vec::new();
    let mut rest = word;
    while let Some((step, after)) = rest.split_once('.') {
        if let Some(row) = field::by_word(here, step).filter(|_| !path.is_empty()) {
            let start = at + word.chars().count() - after.chars().count();
            let operand = Operand::spelled_out(row, start, after)?;
            let check = Check::Compare(Comparison::Equal, operand);
            return Ok(Some(Test { path, row, check }));
        }
        let Some(relation) = Relation::by_word(here, step).filter(|_| path.len() < STEPS_LIMIT)
        else {
            return Ok(None);
        };
        path.push(relation);
        (here, rest) = (relation.to, after);
    }
    Ok(None)
}
