//! In which order records come.

use std::cmp::Ordering;

use super::{
    super::{
        expression::SortKey,
        record::{Record, Value},
    },
    any,
};
use crate::noun::Relation;

/// What a record is sorted by.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Rank {
    Number(f64),
    Text(String),
    /// Last in either direction.
    Missing,
}

pub(in super::super) fn ranks(keys: &[SortKey], record: &dyn Record) -> Vec<Rank> {
    let ranks = keys.iter().map(|key| rank(key, &key.path, record));
    ranks.collect()
}

fn rank(key: &SortKey, path: &[&'static Relation], record: &dyn Record) -> Rank {
    if let [step, rest @ ..] = path {
        let mut found = Rank::Missing;
        any(step, record, |next| {
            found = rank(key, rest, next);
            true
        });
        return found;
    }
    match record.value(key.row.field) {
        Value::Missing => Rank::Missing,
        Value::Text(text) => Rank::Text(text.to_lowercase()),
        Value::Texts(mut texts) => texts
            .next()
            .map_or(Rank::Missing, |text| Rank::Text(text.to_lowercase())),
        Value::Number(number) => Rank::Number(number),
        Value::State(state) => Rank::Text(state.word().to_owned()),
        Value::Yes(yes) => Rank::Number(f64::from(u8::from(yes))),
    }
}

/// Which of two records comes first.
pub(in super::super) fn ordered(keys: &[SortKey], a: &[Rank], b: &[Rank]) -> Ordering {
    let pairs = keys.iter().zip(a.iter().zip(b));
    pairs.fold(Ordering::Equal, |so_far, (key, (a, b))| {
        so_far.then_with(|| compared(key.descending, a, b))
    })
}

fn compared(descending: bool, a: &Rank, b: &Rank) -> Ordering {
    let order = match (a, b) {
        (Rank::Number(a), Rank::Number(b)) => a.total_cmp(b),
        (Rank::Text(a), Rank::Text(b)) => a.cmp(b),
        (Rank::Missing, Rank::Missing) => Ordering::Equal,
        (Rank::Missing, _) => return Ordering::Greater,
        (_, Rank::Missing) => return Ordering::Less,
        (Rank::Number(_), Rank::Text(_)) => Ordering::Less,
        (Rank::Text(_), Rank::Number(_)) => Ordering::Greater,
    };
    if descending { order.reverse() } else { order }
}
