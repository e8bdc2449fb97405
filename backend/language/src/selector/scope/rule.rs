//! What a scope can say, and nothing else.

use std::fmt;

use super::super::{
    evaluate::any_text,
    field::Field,
    pattern::Pattern,
    record::{Record, Value},
};

/// What a scope may ask a machine for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Hypervisor,
    Id,
    Tag,
}

impl Subject {
    pub(super) const fn of(field: Field) -> Option<Self> {
        match field {
            Field::Hypervisor => Some(Self::Hypervisor),
            Field::Id => Some(Self::Id),
            Field::Tag => Some(Self::Tag),
            _ => None,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Hypervisor => "hypervisor",
            Self::Id => "id",
            Self::Tag => "tag",
        }
    }

    fn value(self, record: &dyn Record) -> Value<'_> {
        record.value(match self {
            Self::Hypervisor => Field::Hypervisor,
            Self::Id => Field::Id,
            Self::Tag => Field::Tag,
        })
    }

    fn is(self, wanted: &Pattern, record: &dyn Record) -> bool {
        any_text(self.value(record), |text| match self {
            Self::Tag => wanted.is_tag(text),
            Self::Hypervisor | Self::Id => wanted.is(text),
        })
    }
}

/// A subject and what it should be: a text without wildcards, or a whole subtree of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) subject: Subject,
    pub(super) negated: bool,
    pub(super) wanted: Wanted,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// `=` and `!=`.
    This(Pattern),
    /// `in` and `not in`.
    OneOf(Vec<Pattern>),
}

/// A part of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    Test(Test),
    Not(Box<Self>),
    /// Two or more.
    And(Vec<Self>),
    /// Two or more.
    Or(Vec<Self>),
}

impl Wanted {
    fn patterns(&self) -> &[Pattern] {
        match self {
            Self::This(pattern) => std::slice::from_ref(pattern),
            Self::OneOf(patterns) => patterns,
        }
    }
}

impl Test {
    fn holds(&self, record: &dyn Record) -> bool {
        let mut wanted = self.wanted.patterns().iter();
        wanted.any(|wanted| self.subject.is(wanted, record)) != self.negated
    }
}

impl Rule {
    pub(super) fn holds(&self, record: &dyn Record) -> bool {
        match self {
            Self::Test(test) => test.holds(record),
            Self::Not(inner) => !inner.holds(record),
            Self::And(parts) => parts.iter().all(|part| part.holds(record)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(record)),
        }
    }

    pub(super) fn names_tag(&self, tag: &str) -> bool {
        match self {
            Self::Test(Test {
                subject, wanted, ..
            }) => {
                let mut patterns = wanted.patterns().iter();
                *subject == Subject::Tag && patterns.any(|pattern| pattern.is_tag(tag))
            }
            Self::Not(inner) => inner.names_tag(tag),
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.names_tag(tag)),
        }
    }

    pub(super) fn stamps(&self, tags: &mut Vec<String>) {
        match self {
            Self::Test(test) if test.subject == Subject::Tag && !test.negated => {
                let first = test.wanted.patterns().iter().find_map(Pattern::tag);
                tags.extend(first.map(str::to_owned));
            }
            Self::Test(_) | Self::Not(_) => {}
            Self::And(parts) => parts.iter().for_each(|part| part.stamps(tags)),
            Self::Or(parts) => {
                if let Some(first) = parts.first() {
                    first.stamps(tags);
                }
            }
        }
    }

    fn is_list(&self) -> bool {
        matches!(self, Self::And(_) | Self::Or(_))
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.subject.word();
        match (&self.wanted, self.negated) {
            (Wanted::This(pattern), false) => write!(f, "{subject} = {pattern}"),
            (Wanted::This(pattern), true) => write!(f, "{subject} != {pattern}"),
            (Wanted::OneOf(patterns), negated) => {
                let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
                let not = if negated { " not" } else { "" };
                write!(f, "{subject}{not} in ({})", patterns.join(", "))
            }
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Test(test) => test.fmt(f),
            Self::Not(inner) if inner.is_list() => write!(f, "not ({inner})"),
            Self::Not(inner) => write!(f, "not {inner}"),
            Self::And(parts) => joined(f, parts, " and "),
            Self::Or(parts) => joined(f, parts, " or "),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Rule], word: &str) -> fmt::Result {
    for (number, part) in parts.iter().enumerate() {
        f.write_str(if number == 0 { "" } else { word })?;
        match part {
            // `and` binds tighter: no parentheses needed.
            Rule::And(_) if word == " or " => write!(f, "{part}")?,
            Rule::And(_) | Rule::Or(_) => write!(f, "({part})")?,
            Rule::Test(_) | Rule::Not(_) => write!(f, "{part}")?,
        }
    }
    Ok(())
}
