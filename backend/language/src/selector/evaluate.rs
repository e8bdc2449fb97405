//! Whether a record is meant.

use super::{
    Bare,
    expression::{Comparison, Expression},
    field::{Field, FieldRow, Kind},
    operand::Operand,
    pattern::Pattern,
    record::{Record, Value},
};

pub(super) fn holds(expression: &Expression, bare: Bare, record: &dyn Record) -> bool {
    let all = |part| holds(part, bare, record);
    match expression {
        Expression::All => true,
        Expression::Name(pattern) => is_named(pattern, bare, record),
        Expression::Compare(row, comparison, operand) => {
            compares(row, *comparison, operand, record)
        }
        Expression::In(row, operands) => {
            operands.iter().any(|operand| equals(row, operand, record))
        }
        Expression::Not(inner) => !holds(inner, bare, record),
        Expression::And(parts) => parts.iter().all(all),
        Expression::Or(parts) => parts.iter().any(all),
    }
}

fn is_named(pattern: &Pattern, bare: Bare, record: &dyn Record) -> bool {
    let named = |name: &str| match bare {
        Bare::Whole => pattern.is(name),
        Bare::Part => pattern.is_in(name),
    };
    any_text(record.value(Field::Name), named)
        || any_text(record.value(Field::Id), |id| pattern.is(id))
}

fn any_text(value: Value<'_>, meant: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::Text(text) => meant(text),
        Value::Texts(mut texts) => texts.any(meant),
        _ => false,
    }
}

fn compares(
    row: &FieldRow,
    comparison: Comparison,
    operand: &Operand,
    record: &dyn Record,
) -> bool {
    match comparison {
        Comparison::Equal => equals(row, operand, record),
        Comparison::Unequal => !equals(row, operand, record),
        order => is_ordered(order, operand, &record.value(row.field)),
    }
}

fn is_ordered(order: Comparison, operand: &Operand, value: &Value<'_>) -> bool {
    let (Value::Number(value), Operand::Number(number)) = (value, operand) else {
        return false;
    };
    let wanted = number.value();
    match order {
        Comparison::Less => *value < wanted,
        Comparison::AtMost => *value <= wanted,
        Comparison::More => *value > wanted,
        Comparison::AtLeast => *value >= wanted,
        Comparison::Equal | Comparison::Unequal => false,
    }
}

fn equals(row: &FieldRow, operand: &Operand, record: &dyn Record) -> bool {
    match (operand, record.value(row.field)) {
        (Operand::Text(pattern), value) if row.kind == Kind::Tags => {
            any_text(value, |tag| pattern.is_tag(tag))
        }
        (Operand::Text(pattern), value) => any_text(value, |text| pattern.is(text)),
        (Operand::Word(word), value) => any_text(value, |text| text == *word),
        (Operand::State(wanted), Value::State(state)) => *wanted == state,
        (Operand::Yes(wanted), Value::Yes(yes)) => *wanted == yes,
        (Operand::Number(wanted), Value::Number(number)) => {
            wanted.value().total_cmp(&number).is_eq()
        }
        _ => false,
    }
}
