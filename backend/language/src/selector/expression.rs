//! The tree of a selector, and how it is written.

use std::fmt;

use super::{field::FieldRow, operand::Operand, pattern::Pattern};

/// A part of a selector.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// Everything.
    All,
    /// A bare word.
    Name(Pattern),
    /// A field against a value.
    Compare(&'static FieldRow, Comparison, Operand),
    /// A field against several values.
    In(&'static FieldRow, Vec<Operand>),
    Not(Box<Self>),
    /// Two or more.
    And(Vec<Self>),
    /// Two or more.
    Or(Vec<Self>),
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
    const ALL: [Self; 6] = [
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

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::Name(pattern) => pattern.fmt(f),
            Self::Compare(row, comparison, operand) => {
                write!(f, "{} {} {operand}", row.name, comparison.sign())
            }
            Self::In(row, operands) => {
                let operands: Vec<String> = operands.iter().map(ToString::to_string).collect();
                write!(f, "{} in ({})", row.name, operands.join(", "))
            }
            Self::Not(inner) => write!(f, "not {}", Enclosed(inner)),
            Self::And(parts) => joined(f, parts, " and "),
            Self::Or(parts) => joined(f, parts, " or "),
        }
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
