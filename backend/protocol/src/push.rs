//! Change notifications: one item on the entity's own node `/archipel/<bare address>/events` (XEP-0060).

mod known;

pub use known::*;

use jid::BareJid;
use minidom::Element;

use crate::{
    ns,
    stanza::Message,
    text::clean_line,
    xml::{Build, ParseError, name, required, shown},
};

/// The longest change that is read, in characters: originals print lists of accounts there.
const CHANGE_LIMIT: usize = 1_000;

/// A change notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// What kind of thing changed: `hypervisor`, `virtualmachine:control`, …
    pub family: String,
    /// What happened, such as `created`.
    pub change: String,
    /// When: the original writes its local time without a zone, we UTC.
    pub date: String,
}

/// The node on which `entity` publishes.
pub fn node(entity: &BareJid) -> String {
    format!("/archipel/{entity}/events")
}

/// The request that creates the node of `entity` with the original's settings: open, delivered with their payload, not stored.
pub fn create_node(entity: &BareJid) -> Element {
    crate::pubsub::create(&node(entity), &crate::pubsub::NodeConfig::events())
}

impl Push {
    /// `<push xmlns='archipel:push:FAMILY' date='…' change='…'/>`.
    pub fn to_element(&self) -> Element {
        Build::new("push", &format!("{}{}", ns::PUSH_PREFIX, self.family))
            .attr(name!("date"), &self.date)
            .attr(name!("change"), &self.change)
            .done()
    }

    /// The request that publishes it, for the service `pubsub.<domain>`.
    pub fn publish(&self, entity: &BareJid) -> Element {
        let item = Build::new("item", ns::PUBSUB).child(self.to_element());
        let publish = Build::new("publish", ns::PUBSUB)
            .attr(name!("node"), node(entity))
            .child(item);
        Build::new("pubsub", ns::PUBSUB).child(publish).done()
    }

    /// Reads a push.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        let namespace = element.ns();
        let family = namespace
            .strip_prefix(ns::PUSH_PREFIX)
            .ok_or_else(|| ParseError::invalid("push", "not a push namespace"))?;
        let change = clean_line(&required::<String>(element, "change")?, CHANGE_LIMIT);
        if change.is_empty() {
            return Err(ParseError::invalid("change", "nothing that can be shown"));
        }
        Ok(Self {
            family: shown(family),
            change,
            date: shown(element.attr("date").unwrap_or_default()),
        })
    }
}

/// The pushes in a notification, each with the entity that its node names. Whether the sender is the expected service is the
/// caller's to check: anybody can send such a message.
pub fn parse_event(message: &Message) -> Vec<(BareJid, Push)> {
    let Some(event) = crate::pubsub::Event::parse(message) else {
        return Vec::new();
    };
    let Some(entity) = entity_of(&event.node) else {
        return Vec::new();
    };
    let payloads = event.items.iter().filter_map(|item| item.payload.as_ref());
    payloads
        .filter(|payload| payload.name() == "push")
        .filter_map(|push| Some((entity.clone(), Push::parse(push).ok()?)))
        .collect()
}

fn entity_of(node: &str) -> Option<BareJid> {
    BareJid::new(node.strip_prefix("/archipel/")?.strip_suffix("/events")?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::stanza::Stanza;

    fn event(kind: &str, node: &str, push: &str) -> Message {
        let xml = format!(
            "<message xmlns='jabber:client' type='{kind}' from='pubsub.dc.example'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='{node}'><item id='1'>{push}</item></items></event></message>"
        );
        match Stanza::parse(xml.parse().unwrap()).unwrap() {
            Stanza::Message(message) => message,
            _ => unreachable!("the text is a message"),
        }
    }

    const PUSH: &str = "<push xmlns='archipel:push:virtualmachine:control' date='2026-05-01 10:00:00.123456' change='created'/>";

    #[test]
    fn a_notification_names_entity_and_change() {
        let pushes = parse_event(&event("headline", "/archipel/hv-a@dc.example/events", PUSH));
        assert_eq!(pushes[0].0.as_str(), "hv-a@dc.example");
        assert_eq!(
            (pushes[0].1.family.as_str(), pushes[0].1.change.as_str()),
            ("virtualmachine:control", "created")
        );
        assert_eq!(Push::parse(&pushes[0].1.to_element()).unwrap(), pushes[0].1);
    }

    #[test]
    fn other_messages_hold_no_push() {
        assert!(parse_event(&event("chat", "/archipel/hv-a@dc.example/events", PUSH)).is_empty());
        assert!(parse_event(&event("headline", "/archipel/tags", PUSH)).is_empty());
        assert!(
            parse_event(&event(
                "headline",
                "/archipel/hv-a@dc.example/events",
                "<push xmlns='x' change='y'/>"
            ))
            .is_empty()
        );
    }

    #[test]
    fn a_node_is_created_under_the_entitys_name() {
        let element = create_node(&BareJid::new("hv-a@dc.example").unwrap());
        let create = element.get_child("create", ns::PUBSUB).unwrap();
        assert_eq!(
            create.attr("node"),
            Some("/archipel/hv-a@dc.example/events")
        );
        let form = element.get_child("configure", ns::PUBSUB).unwrap();
        let form = form.get_child("x", ns::DATA_FORMS).unwrap();
        assert_eq!(form.children().count(), 7);
    }

    #[test]
    fn a_publication_goes_to_the_own_node() {
        let push = Push {
            family: "hypervisor".into(),
            change: "alloc".into(),
            date: String::new(),
        };
        let element = push.publish(&BareJid::new("hv-a@dc.example").unwrap());
        let publish = element.get_child("publish", ns::PUBSUB).unwrap();
        assert_eq!(
            publish.attr("node"),
            Some("/archipel/hv-a@dc.example/events")
        );
    }
}
