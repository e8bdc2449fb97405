//! The card in which an entity says what it is (vcard-temp, XEP-0054), with the original's flat fields.
//!
//! An entity sets its own; its server answers whoever asks. The original's client takes an account for a hypervisor or a machine by
//! `ROLE` alone, which anybody can write: it is for display only.

use minidom::Element;

use crate::{
    ns,
    text::clean_line,
    xml::{Build, ParseError, child, expect},
};

/// The longest text of a field, in characters.
const TEXT_LIMIT: usize = 128;

/// What an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A host running an agent.
    Hypervisor,
    /// A machine.
    VirtualMachine,
}

impl Role {
    /// The text of `ROLE`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hypervisor => "hypervisor",
            Self::VirtualMachine => "virtualmachine",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Hypervisor => "Hypervisor",
            Self::VirtualMachine => "Virtual machine",
        }
    }
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Card {
    /// `ROLE`; absent for people.
    pub role: Option<Role>,
    /// `TITLE`, such as `Hypervisor (QEMU)`.
    pub title: String,
    /// `FN`: the name to show.
    pub name: String,
}

/// The request for the own card.
pub fn query() -> Element {
    Build::new("vCard", ns::VCARD).done()
}

impl Card {
    /// The card of an entity called `name` that libvirt's `driver` runs.
    pub fn of(role: Role, driver: &str, name: &str) -> Self {
        Self {
            role: Some(role),
            title: format!("{} ({})", role.title(), driver.to_uppercase()),
            name: name.to_owned(),
        }
    }

    /// As an element, fields in the original's order.
    pub fn to_element(&self) -> Element {
        let leaf = |name: &str, text: &str| {
            Build::new(name, ns::VCARD)
                .text(&clean_line(text, TEXT_LIMIT))
                .done()
        };
        Build::new("vCard", ns::VCARD)
            .children(self.role.map(|role| leaf("ROLE", role.word())))
            .child(leaf("TITLE", &self.title))
            .child(leaf("FN", &self.name))
            .done()
    }

    /// Reads a card; a role that is not known counts as none.
    pub fn parse(card: &Element) -> Result<Self, ParseError> {
        expect(card, "vCard")?;
        let line = |name| {
            child(card, name)
                .map(|leaf| clean_line(&leaf.text(), TEXT_LIMIT))
                .unwrap_or_default()
        };
        let role = line("ROLE");
        let roles = [Role::Hypervisor, Role::VirtualMachine];
        Ok(Self {
            role: roles.into_iter().find(|known| known.word() == role),
            title: line("TITLE"),
            name: line("FN"),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_card_comes_back() {
        for role in [Role::Hypervisor, Role::VirtualMachine] {
            let card = Card::of(role, "qemu", "hv01");
            assert!(card.title.ends_with("(QEMU)"), "{}", card.title);
            assert_eq!(Card::parse(&card.to_element()).unwrap(), card);
        }
        assert_eq!(Card::parse(&query()).unwrap(), Card::default());
        assert!(Card::parse(&"<x xmlns='vcard-temp'/>".parse().unwrap()).is_err());
    }

    #[test]
    fn a_hostile_name_is_cleaned() {
        let card = Card::of(Role::VirtualMachine, "QEMU", "a\u{1b}[2J\u{202e}b");
        assert_eq!(Card::parse(&card.to_element()).unwrap().name, "a[2Jb");
    }
}
