//! What an entity can do: service discovery (XEP-0030) and entity capabilities in presence (XEP-0115).
//!
//! An agent that announces the feature [`FLEET`](crate::ns::FLEET) has the feed; one that does not is an original.

use base64::{Engine, engine::general_purpose::STANDARD};
use jid::Jid;
use minidom::Element;
use sha1::{Digest, Sha1};

use crate::{
    ns,
    stanza::Presence,
    xml::{Build, ParseError, expect, name, shown, text},
};

/// The most features that are read from an answer.
const FEATURES_LIMIT: usize = 200;

/// What an entity is and can do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Info {
    /// Category, type and name of the entity.
    pub identities: Vec<Identity>,
    /// Namespaces that it answers to.
    pub features: Vec<String>,
}

/// One identity of an entity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// Such as `client` or `hierarchy`.
    pub category: String,
    /// Such as `bot`.
    pub kind: String,
    /// For people.
    pub name: String,
}

impl Info {
    /// Whether the entity announces `feature`.
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|own| own == feature)
    }

    /// `<query xmlns='http://jabber.org/protocol/disco#info'/>` with the answer.
    pub fn to_element(&self, node: Option<&str>) -> Element {
        let feature = |var: &String| {
            Build::new("feature", ns::DISCO_INFO)
                .attr(name!("var"), var)
                .done()
        };
        Build::new("query", ns::DISCO_INFO)
            .maybe(name!("node"), node)
            .children(self.identities.iter().map(Identity::to_element))
            .children(self.features.iter().map(feature))
            .done()
    }

    /// Reads an answer.
    pub fn parse(query: &Element) -> Result<Self, ParseError> {
        expect(query, "query")?;
        let named = |wanted: &'static str| {
            query
                .children()
                .filter(move |child| child.name() == wanted)
                .take(FEATURES_LIMIT)
        };
        Ok(Self {
            identities: named("identity").map(Identity::parse).collect(),
            features: named("feature")
                .map(|feature| text(feature, "var"))
                .collect(),
        })
    }

    /// The verification string of XEP-0115, 5: SHA-1 over identities and features in order.
    pub fn verification(&self) -> String {
        let mut identities: Vec<_> = self
            .identities
            .iter()
            .map(|own| format!("{}/{}//{}<", own.category, own.kind, own.name))
            .collect();
        let mut features: Vec<_> = self
            .features
            .iter()
            .map(|feature| format!("{feature}<"))
            .collect();
        identities.sort();
        features.sort();
        STANDARD.encode(Sha1::digest(identities.concat() + &features.concat()))
    }
}

impl Identity {
    fn to_element(&self) -> Element {
        Build::new("identity", ns::DISCO_INFO)
            .attr(name!("category"), &self.category)
            .attr(name!("type"), &self.kind)
            .attr(name!("name"), &self.name)
            .done()
    }

    fn parse(identity: &Element) -> Self {
        Self {
            category: text(identity, "category"),
            kind: text(identity, "type"),
            name: text(identity, "name"),
        }
    }
}

/// The request for what an entity can do.
pub fn query(node: Option<&str>) -> Element {
    Build::new("query", ns::DISCO_INFO)
        .maybe(name!("node"), node)
        .done()
}

/// The most items that are read from an answer.
const ITEMS_LIMIT: usize = 100;

/// Something that belongs to an entity: a service of a server, a machine of a hypervisor, a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it is asked.
    pub jid: Jid,
    /// The node under which it is asked there.
    pub node: Option<String>,
    /// For people.
    pub name: String,
}

impl Item {
    fn to_element(&self) -> Element {
        Build::new("item", ns::DISCO_ITEMS)
            .attr(name!("jid"), &self.jid)
            .maybe(name!("node"), self.node.as_ref())
            .attr(name!("name"), &self.name)
            .done()
    }

    fn parse(item: &Element) -> Option<Self> {
        Some(Self {
            jid: item.attr("jid")?.parse().ok()?,
            node: item.attr("node").map(shown),
            name: text(item, "name"),
        })
    }
}

/// The request for what belongs to an entity, such as the services of a server.
pub fn ask_items() -> Element {
    ask_items_of(None)
}

/// The same for one of its nodes.
pub fn ask_items_of(node: Option<&str>) -> Element {
    items_element(node, &[])
}

/// The answer to [`ask_items_of`].
pub fn items_element(node: Option<&str>, items: &[Item]) -> Element {
    Build::new("query", ns::DISCO_ITEMS)
        .maybe(name!("node"), node)
        .children(items.iter().map(Item::to_element))
        .done()
}

/// Reads an answer to [`ask_items_of`]; what has no address is left out.
pub fn items(query: &Element) -> Result<Vec<Item>, ParseError> {
    expect(query, "query")?;
    let items = query.children().filter(|child| child.name() == "item");
    Ok(items.take(ITEMS_LIMIT).filter_map(Item::parse).collect())
}

/// Reads the addresses in an answer to [`ask_items`]; what is no address is left out.
pub fn parse_items(query: &Element) -> Result<Vec<Jid>, ParseError> {
    Ok(items(query)?.into_iter().map(|item| item.jid).collect())
}

/// What presence says of an entity's abilities: two entities with the same value can do the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Caps {
    /// The software.
    pub node: String,
    /// The verification string.
    pub verification: String,
}

impl Caps {
    /// The child of a presence.
    pub fn to_element(&self) -> Element {
        Build::new("c", ns::CAPS)
            .attr(name!("hash"), "sha-1")
            .attr(name!("node"), &self.node)
            .attr(name!("ver"), &self.verification)
            .done()
    }

    /// Reads them off a presence.
    pub fn parse(presence: &Presence) -> Option<Self> {
        let caps = presence
            .payload("c", ns::CAPS)
            .filter(|caps| caps.attr("hash") == Some("sha-1"))?;
        Some(Self {
            node: shown(caps.attr("node")?),
            verification: shown(caps.attr("ver")?),
        })
    }

    /// The node to ask for, `node#ver`.
    pub fn disco_node(&self) -> String {
        format!("{}#{}", self.node, self.verification)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::stanza::PresenceKind;

    /// The example of XEP-0115, 5.2.
    fn exodus() -> Info {
        Info {
            identities: vec![Identity {
                category: "client".into(),
                kind: "pc".into(),
                name: "Exodus 0.9.1".into(),
            }],
            features: [
                "http://jabber.org/protocol/caps",
                "http://jabber.org/protocol/disco#info",
                "http://jabber.org/protocol/disco#items",
                "http://jabber.org/protocol/muc",
            ]
            .map(str::to_owned)
            .into(),
        }
    }

    #[test]
    fn the_verification_string_is_that_of_the_document() {
        assert_eq!(exodus().verification(), "QgayPKawpkPSDYmwT/WM94uAlu0=");
    }

    #[test]
    fn information_comes_back() {
        assert_eq!(
            Info::parse(&exodus().to_element(Some("n#v"))).unwrap(),
            exodus()
        );
        assert!(exodus().has(ns::CAPS) && !exodus().has(ns::FLEET));
    }

    #[test]
    fn the_services_of_a_server_are_read() {
        let answer = "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='pubsub.dc.example'/><item/><item jid='@'/></query>";
        let items = parse_items(&answer.parse().unwrap()).unwrap();
        assert_eq!(items, ["pubsub.dc.example".parse::<Jid>().unwrap()]);
        assert!(parse_items(&ask_items()).unwrap().is_empty());
        assert!(parse_items(&"<x xmlns='y'/>".parse().unwrap()).is_err());
    }

    #[test]
    fn items_come_back() {
        let item = Item {
            jid: "hv01@dc.example/host".parse().unwrap(),
            node: Some("vm.start".into()),
            name: "Start the machine".into(),
        };
        let answer = items_element(Some(ns::COMMANDS), std::slice::from_ref(&item));
        assert_eq!(answer.attr("node"), Some(ns::COMMANDS));
        assert_eq!(items(&answer).unwrap(), [item]);
    }

    #[test]
    fn capabilities_ride_in_presence() {
        let caps = Caps {
            node: "urn:x".into(),
            verification: "QgayPKawpkPSDYmwT/WM94uAlu0=".into(),
        };
        let mut presence = Presence::new(PresenceKind::Available);
        assert_eq!(Caps::parse(&presence), None);
        presence.payloads.push(caps.to_element());
        assert_eq!(Caps::parse(&presence), Some(caps));
    }
}
