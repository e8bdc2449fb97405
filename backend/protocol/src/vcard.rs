//! The card in which an entity says what it is (vcard-temp, XEP-0054), with the original's flat fields.
//!
//! An entity sets its own; its server answers whoever asks. The original's client takes an account for a hypervisor or a machine by
//! `ROLE` alone, which anybody can write: it is for display only.

use base64::{Engine, engine::general_purpose::STANDARD};
use minidom::Element;
use sha1::{Digest, Sha1};

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
    /// The original's central database.
    CentralAgent,
}

impl Role {
    /// The text of `ROLE`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hypervisor => "hypervisor",
            Self::VirtualMachine => "virtualmachine",
            Self::CentralAgent => "central-agent",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Hypervisor => "Hypervisor",
            Self::VirtualMachine => "Virtual machine",
            Self::CentralAgent => "Central agent",
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
    /// Whose it is and where.
    pub organisation: Organisation,
    /// `PHOTO`.
    pub photo: Option<Photo>,
}

/// Whose an entity is and where. What is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Organisation {
    /// `ORGNAME`: organisation.
    pub name: String,
    /// `ORGUNIT`: unit of the organisation.
    pub unit: String,
    /// `LOCALITY`: place.
    pub locality: String,
    /// `USERID`: owner, a mail address as a rule.
    pub owner: String,
    /// `CATEGORIES`: free words.
    pub categories: String,
}

impl Organisation {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Such as `image/png`; originals always say that.
    pub mime: String,
    /// The picture, base64.
    pub data: String,
}

/// The most bytes of a picture's base64 text that are read.
const PHOTO_LIMIT: usize = 192 * 1024;

impl Photo {
    /// A picture from its bytes.
    pub fn of(mime: &str, bytes: &[u8]) -> Self {
        Self {
            mime: mime.to_owned(),
            data: STANDARD.encode(bytes),
        }
    }

    /// SHA-1 of the picture, hexadecimal, as presence tells it (XEP-0153); `None`: what stands there is no base64.
    pub fn hash(&self) -> Option<String> {
        let bytes = STANDARD.decode(&self.data).ok()?;
        Some(format!("{:x}", Sha1::digest(bytes)))
    }

    fn to_element(&self) -> Element {
        Build::new("PHOTO", ns::VCARD)
            .child(Build::new("TYPE", ns::VCARD).text(&self.mime))
            .child(Build::new("BINVAL", ns::VCARD).text(&self.data))
            .done()
    }

    /// A picture that is too large or has no data counts as none.
    fn parse(card: &Element) -> Option<Self> {
        let photo = child(card, "PHOTO")?;
        let text = child(photo, "BINVAL")?.text();
        let data: String = text.split_ascii_whitespace().collect();
        let sound = !data.is_empty() && data.len() <= PHOTO_LIMIT;
        sound.then(|| Self {
            mime: line(photo, "TYPE"),
            data,
        })
    }
}

/// The request for the own card.
pub fn query() -> Element {
    Build::new("vCard", ns::VCARD).done()
}

fn line(parent: &Element, name: &str) -> String {
    child(parent, name)
        .map(|leaf| clean_line(&leaf.text(), TEXT_LIMIT))
        .unwrap_or_default()
}

/// A field as the original writes it, or where XEP-0054 puts it: inside another.
fn nested(card: &Element, outer: &str, name: &str) -> String {
    let flat = line(card, name);
    if !flat.is_empty() {
        return flat;
    }
    child(card, outer)
        .map(|outer| line(outer, name))
        .unwrap_or_default()
}

/// The field has one name in both shapes: the original's text stands in it directly.
fn categories(card: &Element) -> String {
    let keyword = nested(card, "CATEGORIES", "KEYWORD");
    if keyword.is_empty() {
        line(card, "CATEGORIES")
    } else {
        keyword
    }
}

fn leaf((name, text): (&str, &str)) -> Option<Element> {
    let text = clean_line(text, TEXT_LIMIT);
    (!text.is_empty()).then(|| Build::new(name, ns::VCARD).text(&text).done())
}

/// A field that holds others; nothing where all are empty.
fn holder(name: &str, leaves: &[(&str, &str)]) -> Option<Element> {
    let leaves: Vec<_> = leaves.iter().copied().filter_map(leaf).collect();
    (!leaves.is_empty()).then(|| Build::new(name, ns::VCARD).children(leaves).done())
}

impl Card {
    /// The card of an entity called `name` that libvirt's `driver` runs.
    pub fn of(role: Role, driver: &str, name: &str) -> Self {
        Self {
            role: Some(role),
            title: format!("{} ({})", role.title(), driver.to_uppercase()),
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// As an element, fields in the original's order; empty ones are left out.
    pub fn to_element(&self) -> Element {
        let fields = [
            ("ROLE", self.role.map(Role::word).unwrap_or_default()),
            ("TITLE", &self.title),
            ("ORGNAME", &self.organisation.name),
            ("ORGUNIT", &self.organisation.unit),
            ("LOCALITY", &self.organisation.locality),
            ("USERID", &self.organisation.owner),
            ("CATEGORIES", &self.organisation.categories),
            ("FN", &self.name),
        ];
        Build::new("vCard", ns::VCARD)
            .children(fields.into_iter().filter_map(leaf))
            .children(self.photo.as_ref().map(Photo::to_element))
            .done()
    }

    /// As XEP-0054 has it: what the original writes flat stands inside its field.
    pub fn to_sound_element(&self) -> Element {
        let leaves = [
            ("FN", self.name.as_str()),
            ("ROLE", self.role.map(Role::word).unwrap_or_default()),
            ("TITLE", &self.title),
        ];
        let fields = [
            holder(
                "ORG",
                &[
                    ("ORGNAME", &self.organisation.name),
                    ("ORGUNIT", &self.organisation.unit),
                ],
            ),
            holder("ADR", &[("LOCALITY", &self.organisation.locality)]),
            holder("EMAIL", &[("USERID", &self.organisation.owner)]),
            holder("CATEGORIES", &[("KEYWORD", &self.organisation.categories)]),
        ];
        Build::new("vCard", ns::VCARD)
            .children(leaves.into_iter().filter_map(leaf))
            .children(fields.into_iter().flatten())
            .children(self.photo.as_ref().map(Photo::to_element))
            .done()
    }

    /// Both shapes in one: the original's fields, and beside them those of XEP-0054.
    pub fn to_both_elements(&self) -> Element {
        let mut both = self.to_element();
        for field in self.to_sound_element().children() {
            let is_new = matches!(field.name(), "ORG" | "ADR" | "EMAIL");
            if is_new {
                both.append_child(field.clone());
            }
        }
        both
    }

    /// Reads a card; a role that is not known counts as none.
    pub fn parse(card: &Element) -> Result<Self, ParseError> {
        expect(card, "vCard")?;
        let role = line(card, "ROLE");
        let roles = [Role::Hypervisor, Role::VirtualMachine, Role::CentralAgent];
        Ok(Self {
            role: roles.into_iter().find(|known| known.word() == role),
            title: line(card, "TITLE"),
            name: line(card, "FN"),
            organisation: Organisation {
                name: nested(card, "ORG", "ORGNAME"),
                unit: nested(card, "ORG", "ORGUNIT"),
                locality: nested(card, "ADR", "LOCALITY"),
                owner: nested(card, "EMAIL", "USERID"),
                categories: categories(card),
            },
            photo: Photo::parse(card),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_card_comes_back() {
        for role in [Role::Hypervisor, Role::VirtualMachine, Role::CentralAgent] {
            let card = Card {
                organisation: Organisation {
                    name: "Example Lab".into(),
                    owner: "ops@dc.example".into(),
                    ..Organisation::default()
                },
                photo: Some(Photo {
                    mime: "image/png".into(),
                    data: "iVBORw0KGgo=".into(),
                }),
                ..Card::of(role, "qemu", "hv01")
            };
            assert!(card.title.ends_with("(QEMU)"), "{}", card.title);
            assert_eq!(Card::parse(&card.to_element()).unwrap(), card);
        }
        assert_eq!(Card::parse(&query()).unwrap(), Card::default());
        assert!(Card::parse(&"<x xmlns='vcard-temp'/>".parse().unwrap()).is_err());
    }

    #[test]
    fn tolerates_fields_flat_and_nested() {
        let flat = "<vCard xmlns='vcard-temp'><ORGNAME>Lab</ORGNAME><USERID>o@d</USERID></vCard>";
        let nested = "<vCard xmlns='vcard-temp'><ORG><ORGNAME>Lab</ORGNAME></ORG><EMAIL><INTERNET/><USERID>o@d</USERID></EMAIL></vCard>";
        let read = |xml: &str| Card::parse(&xml.parse().unwrap()).unwrap();
        assert_eq!(read(flat), read(nested));
        assert_eq!(read(flat).organisation.owner, "o@d");
    }

    #[test]
    fn all_shapes_say_the_same() {
        let card = Card {
            organisation: Organisation {
                name: "Example Lab".into(),
                unit: "Ops".into(),
                locality: "Lyon".into(),
                owner: "ops@dc.example".into(),
                categories: "rack-4".into(),
            },
            photo: Some(Photo::of("image/png", b"abc")),
            ..Card::of(Role::Hypervisor, "qemu", "hv01")
        };
        for shape in [
            card.to_element(),
            card.to_sound_element(),
            card.to_both_elements(),
        ] {
            assert_eq!(Card::parse(&shape).unwrap(), card);
        }
        let sound = card.to_sound_element();
        assert!(child(&sound, "ORGNAME").is_none() && child(&sound, "ORG").is_some());
    }

    #[test]
    fn a_picture_has_the_hash_of_its_bytes() {
        let hash = Photo::of("image/png", b"abc").hash();
        assert_eq!(
            hash.as_deref(),
            Some("a9993e364706816aba3e25717850c26c9cd0d89d")
        );
        let odd = Photo {
            mime: String::new(),
            data: "%%".into(),
        };
        assert_eq!(odd.hash(), None);
    }

    #[test]
    fn a_huge_picture_is_none() {
        let data = "A".repeat(PHOTO_LIMIT + 1);
        let card =
            format!("<vCard xmlns='vcard-temp'><PHOTO><BINVAL>{data}</BINVAL></PHOTO></vCard>");
        assert_eq!(Card::parse(&card.parse().unwrap()).unwrap().photo, None);
    }

    #[test]
    fn a_hostile_name_is_cleaned() {
        let card = Card::of(Role::VirtualMachine, "QEMU", "a\u{1b}[2J\u{202e}b");
        assert_eq!(Card::parse(&card.to_element()).unwrap().name, "a[2Jb");
    }
}
