//! The tree of a selector, and how it is written.

use std::fmt;

use super::{
    field::{Field, FieldRow},
    operand::Operand,
    pattern::Pattern,
    regular::Regular,
    time::Now,
};
use crate::noun::Relation;

/// All of a selector behind its noun.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    pub(super) expression: Expression,
    pub(super) order: Vec<SortKey>,
    pub(super) limit: Option<u32>,
}

/// A part of a selector.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// Everything.
    All,
    /// A bare word.
    Name(Pattern),
    /// A field, of this record or of one reached by a path.
    Test(Test),
    /// Something about the records that hang together with this one.
    Quantified(Quantifier, &'static Relation, Box<Self>),
    /// How many of them there are.
    Count(&'static Relation, Box<Self>, Check),
    Not(Box<Self>),
    /// Two or more.
    And(Vec<Self>),
    /// Two or more.
    Or(Vec<Self>),
}

/// A field and what it should be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Test {
    /// The way to the record that has the field; empty: this record.
    pub(super) path: Vec<&'static Relation>,
    pub(super) row: &'static FieldRow,
    pub(super) check: Check,
}

/// What a field should be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Check {
    Compare(Comparison, Operand),
    In { negated: bool, items: Vec<Item> },
    Matches { negated: bool, regular: Regular },
    Has(Pattern),
}

/// A part of a set.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    One(Operand),
    /// Both ends included.
    Range(Operand, Operand),
}

/// How many of the related records must be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    Any,
    All,
    None,
}

impl Quantifier {
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("any", Self::Any), ("all", Self::All), ("none", Self::None)];

    pub(super) fn from_word(word: &str) -> Option<Self> {
        let mut words = Self::WORDS.into_iter();
        words
            .find(|(known, _)| known.eq_ignore_ascii_case(word))
            .map(|(_, quantifier)| quantifier)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::All => "all",
            Self::None => "none",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Comparison {
    pub(super) const ALL: [Self; 6] = [
        Self::Equal,
        Self::Unequal,
        Self::Less,
        Self::AtMost,
        Self::More,
        Self::AtLeast,
    ];

    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    pub(super) fn from_sign(sign: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|comparison| comparison.sign() == sign)
    }

    pub(super) const fn is_order(self) -> bool {
        !matches!(self, Self::Equal | Self::Unequal)
    }
}

/// One key of an order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SortKey {
    /// The way to the record that has the field, one at each step.
    pub(super) path: Vec<&'static Relation>,
    pub(super) row: &'static FieldRow,
    pub(super) descending: bool,
}

impl Expression {
    /// The moment before which it surely holds for nothing.
    pub(super) fn since(&self, now: Now) -> Option<f64> {
        match self {
            Self::Test(test) if test.path.is_empty() && test.row.field == Field::Time => {
                match &test.check {
                    Check::Compare(Comparison::AtLeast | Comparison::More, operand) => {
                        operand.moment(now)
                    }
                    _ => None,
                }
            }
            Self::And(parts) => {
                let moments = parts.iter().filter_map(|part| part.since(now));
                moments.max_by(f64::total_cmp)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.expression != Expression::All {
            parts.push(self.expression.to_string());
        }
        if !self.order.is_empty() {
            let keys: Vec<String> = self.order.iter().map(ToString::to_string).collect();
            parts.push(format!("sort by {}", keys.join(", ")));
        }
        parts.extend(self.limit.map(|limit| format!("limit {limit}")));
        f.write_str(&parts.join(" "))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::Name(pattern) => pattern.fmt(f),
            Self::Test(test) => {
                dotted(f, &test.path, test.row)?;
                test.check.fmt(f)
            }
            Self::Quantified(quantifier, relation, inner) => {
                related(f, quantifier.word(), relation, inner)
            }
            Self::Count(relation, inner, check) => {
                related(f, "count", relation, inner)?;
                check.fmt(f)
            }
            Self::Not(inner) => write!(f, "not {}", Enclosed(inner)),
            Self::And(parts) => joined(f, parts, " and "),
            Self::Or(parts) => joined(f, parts, " or "),
        }
    }
}

fn dotted(f: &mut fmt::Formatter<'_>, path: &[&'static Relation], row: &FieldRow) -> fmt::Result {
    for step in path {
        write!(f, "{}.", step.word())?;
    }
    f.write_str(row.name)
}

fn related(
    f: &mut fmt::Formatter<'_>,
    word: &str,
    relation: &Relation,
    inner: &Expression,
) -> fmt::Result {
    match inner {
        Expression::All => write!(f, "{word}({})", relation.word()),
        inner => write!(f, "{word}({}: {inner})", relation.word()),
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |negated: &bool| if *negated { " not" } else { "" };
        match self {
            Self::Compare(comparison, operand) => write!(f, " {} {operand}", comparison.sign()),
            Self::In { negated, items } => match items.as_slice() {
                [range @ Item::Range(..)] => write!(f, "{} in {range}", not(negated)),
                items => {
                    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                    write!(f, "{} in ({})", not(negated), items.join(", "))
                }
            },
            Self::Matches { negated, regular } => {
                write!(f, " {}~ {regular}", if *negated { "!" } else { "" })
            }
            Self::Has(pattern) => write!(f, " has {pattern}"),
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(operand) => operand.fmt(f),
            Self::Range(from, to) => write!(f, "{from}..{to}"),
        }
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        dotted(f, &self.path, self.row)?;
        f.write_str(if self.descending { " desc" } else { "" })
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Expression], word: &str) -> fmt::Result {
    for (number, part) in parts.iter().enumerate() {
        f.write_str(if number == 0 { "" } else { word })?;
        match part {
            // `and` binds tighter: no parentheses needed.
            Expression::And(_) if word == " or " => write!(f, "{part}")?,
            _ => write!(f, "{}", Enclosed(part))?,
        }
    }
    Ok(())
}

/// In parentheses where the parts would fall apart without.
struct Enclosed<'a>(&'a Expression);

impl fmt::Display for Enclosed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expression::And(_) | Expression::Or(_) => write!(f, "({})", self.0),
            simple => simple.fmt(f),
        }
    }
}
