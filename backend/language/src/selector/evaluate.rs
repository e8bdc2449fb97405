//! Whether a record is meant, and in which order.

mod memo;
mod rank;

use std::ops::ControlFlow;

use super::{
    Bare,
    expression::{Check, Comparison, Expression, Item, Quantifier, Test},
    field::{self, Field, FieldRow, Kind},
    operand::Operand,
    pattern::Pattern,
    record::{Record, Value},
    table::{COUNT, fields},
    time::Now,
};
use crate::noun::{Noun, Relation};

pub(super) use memo::Memo;
pub(super) use rank::{ordered, ranks};

/// What an evaluation knows besides the record.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) noun: Noun,
    pub(super) bare: Bare,
    pub(super) now: Option<Now>,
    pub(super) memo: &'a Memo,
}

impl Context<'_> {
    pub(super) fn holds(self, expression: &Expression, record: &dyn Record) -> bool {
        let part = |part| self.holds(part, record);
        match expression {
            Expression::All => true,
            Expression::Name(pattern) => self.is_named(pattern, record),
            Expression::Test(test) => self.reaches(test, &test.path, record),
            Expression::Quantified(quantifier, relation, inner) => {
                self.is_quantified(*quantifier, relation, inner, record)
            }
            Expression::Count(relation, inner, check) => {
                let number = Counted(self.count(relation, inner, record));
                self.checks(&COUNT, check, &number)
            }
            Expression::Not(inner) => !part(inner),
            Expression::And(parts) => parts.iter().all(part),
            Expression::Or(parts) => parts.iter().any(part),
        }
    }

    /// What has no name, such as an event, is searched for the word.
    fn is_named(self, pattern: &Pattern, record: &dyn Record) -> bool {
        if field::by_word(self.noun, "name").is_none() {
            return texts(self.noun)
                .any(|row| any_text(record.value(row.field), |text| pattern.is_in(text)));
        }
        let named = |name: &str| match self.bare {
            Bare::Whole => pattern.is(name),
            Bare::Part => pattern.is_in(name),
        };
        any_text(record.value(Field::Name), named)
            || any_text(record.value(Field::Id), |id| pattern.is(id))
    }

    /// Whether the test holds for any record at the end of the path.
    fn reaches(self, test: &Test, path: &[&'static Relation], record: &dyn Record) -> bool {
        match path {
            [] => self.checks(test.row, &test.check, record),
            [step] => any(step, record, |next| {
                self.checks(test.row, &test.check, next)
            }),
            [step, rest @ ..] => any(step, record, |next| {
                let reaches = || self.reaches(test, rest, next);
                self.once(step, std::ptr::from_ref(rest).addr(), next, reaches)
            }),
        }
    }

    /// The answer about a record to which many lead, such as a hypervisor, is found once.
    fn once(
        self,
        step: &Relation,
        part: usize,
        next: &dyn Record,
        find: impl FnOnce() -> bool,
    ) -> bool {
        match next.identity().filter(|_| !step.many) {
            Some(identity) => self.memo.recall([part, identity], find),
            None => find(),
        }
    }

    fn is_quantified(
        self,
        quantifier: Quantifier,
        relation: &Relation,
        inner: &Expression,
        record: &dyn Record,
    ) -> bool {
        let there = self.at(relation);
        let holds = |next: &dyn Record| {
            let part = std::ptr::from_ref(inner).addr();
            self.once(relation, part, next, || there.holds(inner, next))
        };
        match quantifier {
            Quantifier::Any => any(relation, record, holds),
            Quantifier::None => !any(relation, record, holds),
            Quantifier::All => !any(relation, record, |next| !holds(next)),
        }
    }

    fn count(self, relation: &Relation, inner: &Expression, record: &dyn Record) -> u32 {
        let there = self.at(relation);
        let mut count = 0_u32;
        any(relation, record, |next| {
            count = count.saturating_add(u32::from(there.holds(inner, next)));
            false
        });
        count
    }

    fn at(self, relation: &Relation) -> Self {
        Self {
            noun: relation.to,
            ..self
        }
    }

    fn checks(self, row: &FieldRow, check: &Check, record: &dyn Record) -> bool {
        match check {
            Check::Compare(Comparison::Equal, operand) => self.equals(row, operand, record),
            Check::Compare(Comparison::Unequal, operand) => !self.equals(row, operand, record),
            Check::Compare(order, operand) => {
                self.is_ordered(row, *order, operand, &record.value(row.field))
            }
            Check::In { negated, items } => {
                items.iter().any(|item| self.is_item(row, item, record)) != *negated
            }
            Check::Matches { negated, regular } => {
                has_text(row, record, |text| regular.is_in(text)) != *negated
            }
            Check::Has(pattern) => has_text(row, record, |text| pattern.is_in(text)),
        }
    }

    fn is_item(self, row: &FieldRow, item: &Item, record: &dyn Record) -> bool {
        match item {
            Item::One(operand) => self.equals(row, operand, record),
            Item::Range(from, to) => {
                let value = record.value(row.field);
                self.is_ordered(row, Comparison::AtLeast, from, &value)
                    && self.is_ordered(row, Comparison::AtMost, to, &value)
            }
        }
    }

    fn equals(self, row: &FieldRow, operand: &Operand, record: &dyn Record) -> bool {
        match (operand, record.value(row.field)) {
            (Operand::Text(pattern), _) if row.kind == Kind::Tags => {
                has_text(row, record, |tag| pattern.is_tag(tag))
            }
            (Operand::Text(pattern), _) => has_text(row, record, |text| pattern.is(text)),
            (Operand::Word(word), value) => any_text(value, |text| text == *word),
            (Operand::State(wanted), Value::State(state)) => *wanted == state,
            (Operand::Yes(wanted), Value::Yes(yes)) => *wanted == yes,
            (Operand::Number(_) | Operand::Time(_), Value::Number(number)) => self
                .number(operand)
                .is_some_and(|wanted| wanted.total_cmp(&number).is_eq()),
            _ => false,
        }
    }

    fn is_ordered(
        self,
        row: &FieldRow,
        order: Comparison,
        operand: &Operand,
        value: &Value<'_>,
    ) -> bool {
        let sides = match (row.kind, value, operand) {
            (Kind::Level(words), Value::Text(text), Operand::Word(wanted)) => {
                let place = |word| words.iter().position(|known| *known == word);
                place(*text)
                    .zip(place(*wanted))
                    .map(|(value, wanted)| value.cmp(&wanted))
            }
            (_, Value::Number(value), _) => self
                .number(operand)
                .and_then(|wanted| value.partial_cmp(&wanted)),
            _ => None,
        };
        sides.is_some_and(|sides| match order {
            Comparison::Less => sides.is_lt(),
            Comparison::AtMost => sides.is_le(),
            Comparison::More => sides.is_gt(),
            Comparison::AtLeast => sides.is_ge(),
            Comparison::Equal | Comparison::Unequal => false,
        })
    }

    fn number(self, operand: &Operand) -> Option<f64> {
        match operand {
            Operand::Number(number) => Some(number.value()),
            Operand::Time(time) => time.value(self.now),
            _ => None,
        }
    }
}

/// Whether any record that hangs together with this one is meant.
fn any(
    relation: &Relation,
    record: &dyn Record,
    mut meant: impl FnMut(&dyn Record) -> bool,
) -> bool {
    let mut found = false;
    let mut each = |next: &dyn Record| {
        found = found || meant(next);
        if found {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let _ = record.related(relation.to, &mut each);
    found
}

/// The fields of text, the one that stands for all of them excepted.
fn texts(noun: Noun) -> impl Iterator<Item = &'static FieldRow> {
    let rows = fields(noun).iter();
    rows.filter(|row| row.kind.is_text() && row.field != Field::Text)
}

fn has_text(row: &FieldRow, record: &dyn Record, meant: impl Fn(&str) -> bool) -> bool {
    if row.field == Field::Text {
        texts(row.noun).any(|row| any_text(record.value(row.field), &meant))
    } else {
        any_text(record.value(row.field), meant)
    }
}

pub(super) fn any_text(value: Value<'_>, meant: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::Text(text) => meant(text),
        Value::Texts(mut texts) => texts.any(meant),
        _ => false,
    }
}

/// A number, seen as a record.
struct Counted(u32);

impl Record for Counted {
    fn value(&self, _: Field) -> Value<'_> {
        Value::Number(f64::from(self.0))
    }
}
