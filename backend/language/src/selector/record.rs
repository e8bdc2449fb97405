//! What selectors are evaluated over.

use std::{fmt, ops::ControlFlow};

use archipel_protocol::VmState;

use super::field::Field;
use crate::noun::Noun;

/// The value of one field of one record.
pub enum Value<'a> {
    /// The record has no such value now.
    Missing,
    /// A text.
    Text(&'a str),
    /// Several texts; each counts.
    Texts(Box<dyn Iterator<Item = &'a str> + 'a>),
    /// A number: memory in bytes, load in percent, how long in seconds, a moment in seconds since 1970 UTC, anything else a
    /// count.
    Number(f64),
    /// A machine's state.
    State(VmState),
    /// Yes or no.
    Yes(bool),
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("Missing"),
            Self::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Self::Texts(_) => f.write_str("Texts(…)"),
            Self::Number(number) => f.debug_tuple("Number").field(number).finish(),
            Self::State(state) => f.debug_tuple("State").field(state).finish(),
            Self::Yes(yes) => f.debug_tuple("Yes").field(yes).finish(),
        }
    }
}

/// One entity, seen by its fields.
pub trait Record {
    /// The value of `field`.
    fn value(&self, field: Field) -> Value<'_>;

    /// A number that no other record of its noun has for as long as the records are borrowed, such as an address; nothing,
    /// where there is none. What a selector asks a record with one is asked once, however many others lead to it.
    fn identity(&self) -> Option<usize> {
        None
    }

    /// Calls `each` with every record of `noun` that hangs together with this one, until it breaks. A record that knows of
    /// none calls nothing.
    fn related(
        &self,
        noun: Noun,
        each: &mut dyn FnMut(&dyn Record) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let _ = (noun, each);
        ControlFlow::Continue(())
    }
}

/// What is called with every record, and with what makes its key: that of most is never wanted.
pub type Visit<'a, K> = dyn FnMut(&dyn Fn() -> K, &dyn Record) + 'a;

/// A collection of records of every noun.
pub trait Records {
    /// What picked records are known by.
    type Key;

    /// Calls `each` with every record of `noun`.
    fn visit(&self, noun: Noun, each: &mut Visit<'_, Self::Key>);
}
