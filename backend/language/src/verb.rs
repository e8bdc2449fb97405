//! The one table of verbs: what can be done to which noun.

mod argument;
mod ask;
mod table;
mod wire;

use std::fmt;

use crate::permission::Permission;

pub use self::{
    argument::{Argument, ArgumentKind},
    ask::{Ask, GivenError},
    table::VERBS,
    wire::WireAction,
};
pub use crate::noun::Noun;

/// What a verb may cost. It decides the confirmation, read-only mode and the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Risk {
    /// Changes nothing, or nothing that is missed.
    Safe,
    /// Interrupts somebody's work: confirmed with names.
    Disruptive,
    /// Loses something: confirmed by typing the count.
    Destructive,
}

/// Whether a verb makes sense for many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mass {
    /// One at a time.
    One,
    /// Any number.
    Many,
}

/// The stable id of a verb, such as `vm.start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VerbId(pub &'static str);

impl fmt::Display for VerbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verb {
    /// Stable for ever.
    pub id: VerbId,
    /// The noun that it acts on.
    pub noun: Noun,
    /// The word on the command line, `archipel vm WORD`.
    pub word: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// What it does, imperative, under 60 columns.
    pub summary: &'static str,
    /// What is said when it is done, after the machine's name: `web01 started`.
    pub done: &'static str,
    /// What it may cost.
    pub risk: Risk,
    /// For one or for many.
    pub mass: Mass,
    /// What follows the word.
    pub arguments: &'static [Argument],
    /// What the agent will ask for.
    pub permission: Permission,
    /// How it is said on the wire.
    pub wire: WireAction,
}

impl Verb {
    /// The row with this id.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.id.0 == id)
    }

    /// The arguments that say more than which entities are meant, in their order.
    pub fn own_arguments(&self) -> impl Iterator<Item = &'static Argument> {
        let chooses = |argument: &&Argument| {
            matches!(argument.kind, ArgumentKind::Selector(_) | ArgumentKind::Jid)
        };
        self.arguments
            .iter()
            .filter(move |argument| !chooses(argument))
    }

    /// Whether it changes something.
    pub fn is_change(&self) -> bool {
        self.wire.is_change()
    }

    /// The row of `noun` with this word or alias.
    pub fn by_word(noun: Noun, word: &str) -> Option<&'static Self> {
        let named = |verb: &&Self| verb.word == word || verb.aliases.contains(&word);
        VERBS.iter().filter(|verb| verb.noun == noun).find(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        for (at, verb) in VERBS.iter().enumerate() {
            assert!(verb.summary.len() < 60, "{}", verb.id);
            assert_eq!(verb.id.0, format!("{}.{}", verb.noun.word(), verb.word));
            for other in &VERBS[..at] {
                assert_ne!(other.id, verb.id);
                let words = |verb: &Verb| {
                    verb.aliases
                        .iter()
                        .copied()
                        .chain([verb.word])
                        .collect::<Vec<_>>()
                };
                let shared = words(verb).iter().any(|word| words(other).contains(word));
                assert!(
                    other.noun != verb.noun || !shared,
                    "{} and {}",
                    other.id,
                    verb.id
                );
            }
        }
    }

    #[test]
    fn verbs_are_found_by_id_word_and_alias() {
        assert_eq!(Verb::by_id("vm.start"), Verb::by_word(Noun::Vm, "boot"));
        assert!(Verb::by_word(Noun::Hypervisor, "start").is_none());
    }
}
