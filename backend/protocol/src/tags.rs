//! `archipel:tags`, and the items of the node `/archipel/tags` in which entities publish what was set.

use std::{fmt, str::FromStr};

use jid::BareJid;
use minidom::Element;
use rxml::NcNameStr;

use crate::{
    pubsub,
    table::{Codec, TEXT_LIMIT, Value, actions, missing, parse_value, record, replies},
    text::{clean_line, valid_xml},
    xml::{Build, ParseError},
};

/// The node.
pub const NODE: &str = "/archipel/tags";
/// What stands between two tags.
const SEPARATOR: &str = ";;";
/// The longest tag, in characters.
const TAG_LIMIT: usize = 64;
/// The original's items have no namespace of their own.
const NAMESPACE: &str = "";

actions! {
    /// A request. The permission has the name of the action.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "", answered by Reply {
        /// Replaces the entity's tags.
        Set = "settags", changes, -7 {
            /// All of them; an empty attribute removes all, an absent one is refused.
            tags: Tags = "tags" via Present,
        } => Done,
    }
}

replies! {
    /// What an entity answers.
    pub enum Reply {
        /// Done; the item is published later.
        Done,
    }
}

/// The tags of an entity, in order, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags(Vec<String>);

impl Tags {
    /// From any texts: cleaned, cut to 64 characters, without semicolons at the ends, empty ones and repetitions.
    pub fn new<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Self {
        let mut tags = Vec::new();
        for text in texts {
            for part in text.as_ref().split(SEPARATOR) {
                let tag = valid_xml(clean_line(part, TAG_LIMIT));
                let tag = tag.trim_matches([' ', ';']).to_owned();
                if !tag.is_empty() && !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
        }
        Self(tags)
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(SEPARATOR))
    }
}

impl FromStr for Tags {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new([text]))
    }
}

impl Value for Tags {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.len() > TEXT_LIMIT {
            return Err(format!("longer than {TEXT_LIMIT} bytes"));
        }
        Ok(Self::new([text]))
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

/// As an attribute that may be empty and must be there.
struct Present;

impl Codec<Tags> for Present {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Tags, ParseError> {
        let text = element.attr(name.as_str());
        parse_value(text.ok_or_else(|| missing(element, name))?, name)
    }

    fn write(value: &Tags, name: &'static NcNameStr, build: Build) -> Build {
        build.attr(name.to_owned(), value)
    }
}

record! {
    /// What an entity publishes: `<tag jid='…' tags='a;;b'/>`. Anybody can publish such an item on the original's node.
    #[derive(Eq)]
    pub struct Item = "tag" in NAMESPACE {
        /// Whose.
        jid: BareJid = "jid",
        /// The tags.
        tags: Tags = "tags" via Present,
    }
}

/// The request that publishes the tags of `jid`, for the service `pubsub.<domain>`. The item has the address as its id, so that it takes the
/// place of the one before.
pub fn publish(jid: &BareJid, tags: &Tags) -> Element {
    let item = Item {
        jid: jid.clone(),
        tags: tags.clone(),
    };
    let item = pubsub::Item::new(Some(jid.to_string()), item.to_element());
    pubsub::publish(NODE, &item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_cleaned_and_kept_once() {
        let tags = Tags::new(["prod", "we\u{1b}b;;prod", " ", "rack 4"]);
        assert_eq!(tags.to_string(), "prod;;web;;rack 4");
        assert!(Tags::new([";;;;"]).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn tags_come_back(texts in proptest::collection::vec(".{0,80}", 0..6)) {
            let tags = Tags::new(&texts);
            proptest::prop_assert_eq!(Tags::new([tags.to_string()]), tags);
        }
    }
}
