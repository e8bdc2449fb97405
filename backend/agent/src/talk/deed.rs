//! What can be said: the verbs of the language for machines, and what the original's entities understood besides.

use archipel_language::{
    Argument, ArgumentKind, GivenError, Noun, Permission, Risk, Verb, verb::VERBS,
};
use archipel_protocol::{Jid, Request};

use super::own::{OWN, Own, SYNONYMS};
use crate::{entity::Kind, modules};

/// Whom a deed is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The hypervisor as a whole.
    Host,
    /// A machine: the one that is talked to, or one that is named to its hypervisor.
    Machine,
}

/// Something that can be said to be done or told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Deed {
    /// A row of the language.
    Verb(&'static Verb),
    /// A row of ours.
    Own(&'static Own),
}

/// Something that has to be said besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) required: bool,
    /// All that it may be; empty: anything.
    pub(crate) choices: &'static [&'static str],
}

impl From<&'static Argument> for Slot {
    fn from(argument: &'static Argument) -> Self {
        Self {
            name: argument.name,
            summary: argument.summary,
            required: !argument.optional,
            choices: &[],
        }
    }
}

impl Deed {
    /// All that an entity of this kind understands and the agent can do.
    pub(crate) fn all(kind: Kind) -> impl Iterator<Item = Self> {
        let own = OWN.iter().map(Self::Own);
        let verbs = VERBS.iter().filter(|verb| verb.noun == Noun::Vm);
        // The language has the last word.
        let own = own.filter(|deed| Verb::by_id(deed.id()).is_none());
        own.chain(verbs.map(Self::Verb)).filter(move |deed| {
            let fits = match kind {
                Kind::Hypervisor => true,
                Kind::Machine => deed.place() == Place::Machine,
            };
            let (namespace, action) = deed.wire();
            fits && modules::action(namespace, action).is_some()
        })
    }

    /// The deed of this id.
    pub(crate) fn by_id(kind: Kind, id: &str) -> Option<Self> {
        Self::all(kind).find(|deed| deed.id() == id)
    }

    /// Stable: the node of the command.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Verb(verb) => verb.id.0,
            Self::Own(own) => own.id,
        }
    }

    /// What one says for it, the usual one first.
    pub(crate) fn words(self) -> Vec<&'static str> {
        match self {
            Self::Own(own) => own.words.to_vec(),
            Self::Verb(verb) => {
                let more = SYNONYMS.iter().filter(|(id, _)| *id == verb.id.0);
                let more = more.flat_map(|(_, words)| *words).copied();
                let words = [verb.word].into_iter().chain(verb.aliases.iter().copied());
                words.chain(more).collect()
            }
        }
    }

    /// What it does, imperative.
    pub(crate) fn summary(self) -> &'static str {
        match self {
            Self::Verb(verb) => verb.summary,
            Self::Own(own) => own.summary,
        }
    }

    pub(crate) fn risk(self) -> Risk {
        match self {
            Self::Verb(verb) => verb.risk,
            Self::Own(own) => own.risk,
        }
    }

    pub(crate) fn place(self) -> Place {
        match self {
            Self::Verb(_) => Place::Machine,
            Self::Own(own) => own.place,
        }
    }

    /// Namespace and action.
    pub(crate) fn wire(self) -> (&'static str, &'static str) {
        match self {
            Self::Verb(verb) => verb.wire.words().unwrap_or_default(),
            Self::Own(own) => own.wire,
        }
    }

    /// What its requester must hold, as the family of its request says.
    pub(crate) fn permission(self) -> String {
        let (namespace, action) = self.wire();
        let family = modules::family(namespace);
        family.map_or_else(
            || Permission::ALL.0.to_owned(),
            |family| family.permission(action).into_owned(),
        )
    }

    /// Whether a right to any machine is enough to ask the host for it, because the answer is filtered.
    pub(crate) fn is_filtered(self) -> bool {
        let (namespace, action) = self.wire();
        modules::family(namespace).is_some_and(|family| family.filtered.contains(&action))
    }

    /// What has to be said besides the machine.
    pub(crate) fn slots(self) -> Vec<Slot> {
        match self {
            Self::Verb(verb) => verb.own_arguments().map(Slot::from).collect(),
            Self::Own(own) => own.slots.to_vec(),
        }
    }

    /// Where among what is said the machine stands, where it is named.
    pub(crate) fn machine_at(self) -> usize {
        match self {
            Self::Own(_) => 0,
            Self::Verb(verb) => {
                let mut arguments = verb.arguments.iter();
                let machine =
                    arguments.position(|one| matches!(one.kind, ArgumentKind::Selector(_)));
                machine.unwrap_or_default()
            }
        }
    }

    /// The request, with what was said and the address of the machine that was named.
    pub(crate) fn request(
        self,
        given: &[String],
        machine: Option<&Jid>,
    ) -> Result<Request, GivenError> {
        match self {
            Self::Own(own) => (own.request)(given, machine),
            Self::Verb(verb) => {
                let request = verb.wire.request(given)?;
                // Only what is said on the wire is a deed.
                request.ok_or(GivenError::Missing("action"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_verb_for_machines_is_understood_by_hypervisors_and_machines() {
        for verb in VERBS.iter().filter(|verb| verb.noun == Noun::Vm) {
            for kind in [Kind::Hypervisor, Kind::Machine] {
                assert!(Deed::by_id(kind, verb.id.0).is_some(), "{}", verb.id);
            }
        }
    }

    #[test]
    fn every_synonym_is_of_a_verb_that_there_is() {
        for (id, _) in SYNONYMS {
            assert!(Verb::by_id(id).is_some(), "{id}");
        }
    }

    #[test]
    fn no_two_deeds_of_a_machine_share_a_word_or_an_id() {
        let mut words = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for deed in Deed::all(Kind::Machine) {
            assert!(ids.insert(deed.id()), "{}", deed.id());
            for word in deed.words() {
                assert!(words.insert(word), "{word} of {}", deed.id());
            }
        }
    }

    #[test]
    fn a_deed_asks_for_what_its_row_says() {
        let machine = "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01@dc.example"
            .parse()
            .unwrap();
        for deed in Deed::all(Kind::Hypervisor) {
            let mut given: Vec<_> = deed.slots().iter().map(|_| "1".to_owned()).collect();
            for (slot, value) in deed.slots().iter().zip(&mut given) {
                if let Some(first) = slot.choices.first() {
                    *value = (*first).to_owned();
                }
            }
            let request = deed.request(&given, Some(&machine)).unwrap();
            assert_eq!((request.namespace(), request.action()), deed.wire());
            assert!(
                !request.is_change() || deed.permission() != "",
                "{}",
                deed.id()
            );
        }
    }
}
