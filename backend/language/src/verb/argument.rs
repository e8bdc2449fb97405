//! What follows a verb's word.

use crate::noun::Noun;

/// What an argument of a verb is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A selector of entities of this noun.
    Selector(Noun),
    /// A bare address on the bus.
    Jid,
    /// An amount of memory, such as `8GiB`.
    Memory,
    /// A number.
    Number,
    /// A name of one's choice.
    Name,
    /// Some of a host's processors: `0-3,7`.
    Processors,
}

/// An argument of a verb: for parsing, prompting and completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// The word for it in help, in capitals on the command line.
    pub name: &'static str,
    /// What it is.
    pub kind: ArgumentKind,
    /// Whether it may be given more than once.
    pub several: bool,
    /// Whether it may be left out. On a command line it is an option of its name then.
    pub optional: bool,
    /// What it says.
    pub summary: &'static str,
}
