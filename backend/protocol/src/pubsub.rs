//! Publish-subscribe (XEP-0060), as far as Archipel's nodes need it: requests to the service, and what it sends.
//!
//! Anybody can send a message that looks like the service's: whether the sender is the expected one is the caller's to check, and
//! what a node says of rights is to be asked for again rather than believed.

use jid::BareJid;
use minidom::Element;

use crate::{
    data_form::{Field, Form},
    ns,
    stanza::{Message, MessageKind},
    table::words,
    xml::{Build, ParseError, child, expect, name, optional, require, required, text},
};

/// The most items that are read from one stanza.
const ITEMS_LIMIT: usize = 1_000;

/// An item of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its id.
    pub id: Option<String>,
    /// Who published it, where the service says.
    pub publisher: Option<String>,
    /// What it holds.
    pub payload: Option<Element>,
}

impl Item {
    /// An item to publish.
    pub fn new(id: Option<String>, payload: Element) -> Self {
        Self {
            id,
            publisher: None,
            payload: Some(payload),
        }
    }

    fn to_element(&self) -> Element {
        Build::new("item", ns::PUBSUB)
            .maybe(name!("id"), self.id.as_ref())
            .children(self.payload.clone())
            .done()
    }

    fn parse(item: &Element) -> Result<Self, ParseError> {
        Ok(Self {
            id: optional(item, "id")?,
            publisher: optional(item, "publisher")?,
            payload: item.children().next().cloned(),
        })
    }
}

fn items(parent: &Element) -> Vec<Item> {
    let items = parent.children().filter(|child| child.name() == "item");
    items
        .take(ITEMS_LIMIT)
        .filter_map(|item| Item::parse(item).ok())
        .collect()
}

/// A notification: what is new on a node, and what was taken off it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Event {
    /// The node.
    pub node: String,
    /// New items.
    pub items: Vec<Item>,
    /// Ids of items that are no more.
    pub retracted: Vec<String>,
    /// Whether the node itself is no more.
    pub deleted: bool,
}

impl Event {
    /// Reads a notification; only headlines count, as with the original.
    pub fn parse(message: &Message) -> Option<Self> {
        let event = message
            .payload("event", ns::PUBSUB_EVENT)
            .filter(|_| message.kind == MessageKind::Headline)?;
        let said = event.children().next()?;
        let node = said.attr("node")?.to_owned();
        match said.name() {
            "items" => Some(Self {
                node,
                items: items(said),
                retracted: retracted(said),
                deleted: false,
            }),
            "delete" => Some(Self {
                node,
                deleted: true,
                ..Self::default()
            }),
            _ => None,
        }
    }
}

fn retracted(list: &Element) -> Vec<String> {
    let gone = list.children().filter(|child| child.name() == "retract");
    gone.take(ITEMS_LIMIT)
        .map(|item| text(item, "id"))
        .collect()
}

/// Settings of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeConfig(Vec<Field>);

impl NodeConfig {
    /// Settings that the original gives to all its nodes, and these.
    fn new(own: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let common = [
            ("pubsub#access_model", "open".to_owned()),
            ("pubsub#deliver_notifications", "1".to_owned()),
            ("pubsub#deliver_payloads", "1".to_owned()),
            ("pubsub#send_last_published_item", "never".to_owned()),
        ];
        let field = |(var, value)| Field::new(var, value);
        Self(common.into_iter().chain(own).map(field).collect())
    }

    /// An entity's node for pushes: nothing is stored.
    pub fn events() -> Self {
        let own = [
            ("pubsub#persist_items", "0"),
            ("pubsub#notify_retract", "0"),
        ];
        Self::new(own.map(|(var, value)| (var, value.to_owned())))
    }

    /// A node of stored items that these may write: tags, roles, administrators.
    pub fn stored(max_items: u32, publishers: Publishers) -> Self {
        Self::new([
            ("pubsub#persist_items", "1".to_owned()),
            ("pubsub#notify_retract", "1".to_owned()),
            ("pubsub#max_items", max_items.to_string()),
            ("pubsub#publish_model", publishers.word().to_owned()),
        ])
    }

    fn form(&self) -> Element {
        Form::submit(ns::PUBSUB_NODE_CONFIG, self.0.clone()).to_element()
    }
}

words! {
    /// Who may write on a node.
    pub enum Publishers, "a model of publishing (open, publishers, subscribers)" {
        /// Everybody, as on the original's nodes.
        Open = "open",
        /// Those whom the owner names.
        Publishers = "publishers",
        /// Those who read it.
        Subscribers = "subscribers",
    }
}

fn pubsub(child: impl Into<Element>) -> Element {
    Build::new("pubsub", ns::PUBSUB).child(child).done()
}

fn at_node(action: &str, node: &str) -> Build {
    Build::new(action, ns::PUBSUB).attr(name!("node"), node)
}

/// The request that creates a node with these settings.
pub fn create(node: &str, config: &NodeConfig) -> Element {
    let configure = Build::new("configure", ns::PUBSUB).child(config.form());
    Build::new("pubsub", ns::PUBSUB)
        .child(at_node("create", node))
        .child(configure)
        .done()
}

/// The owner's request that gives a node these settings.
pub fn configure(node: &str, config: &NodeConfig) -> Element {
    let configure = Build::new("configure", ns::PUBSUB_OWNER)
        .attr(name!("node"), node)
        .child(config.form());
    Build::new("pubsub", ns::PUBSUB_OWNER)
        .child(configure)
        .done()
}

/// The owner's request that removes a node.
pub fn delete(node: &str) -> Element {
    let delete = Build::new("delete", ns::PUBSUB_OWNER).attr(name!("node"), node);
    Build::new("pubsub", ns::PUBSUB_OWNER).child(delete).done()
}

/// The request that publishes an item.
pub fn publish(node: &str, item: &Item) -> Element {
    pubsub(at_node("publish", node).child(item.to_element()))
}

/// The request that takes an item off a node; subscribers are told.
pub fn retract(node: &str, id: &str) -> Element {
    let item = Build::new("item", ns::PUBSUB).attr(name!("id"), id);
    pubsub(
        at_node("retract", node)
            .attr(name!("notify"), "1")
            .child(item),
    )
}

/// The request for the items of a node.
pub fn ask_items(node: &str) -> Element {
    pubsub(at_node("items", node))
}

/// The request that subscribes `jid` to a node.
pub fn subscribe(node: &str, jid: &BareJid) -> Element {
    pubsub(at_node("subscribe", node).attr(name!("jid"), jid))
}

/// The request that ends a subscription.
pub fn unsubscribe(node: &str, jid: &BareJid, id: Option<&str>) -> Element {
    let end = at_node("unsubscribe", node).attr(name!("jid"), jid);
    pubsub(end.maybe(name!("subid"), id))
}

/// The request for one's own subscriptions.
pub fn ask_subscriptions() -> Element {
    pubsub(Build::new("subscriptions", ns::PUBSUB))
}

words! {
    /// What somebody is to a node.
    pub enum Affiliation, "an affiliation (owner, publisher, member, none, outcast)" {
        /// May do everything.
        Owner = "owner",
        /// May write.
        Publisher = "publisher",
        /// May read where not everybody may.
        Member = "member",
        /// Nothing in particular.
        None = "none",
        /// Is kept out.
        Outcast = "outcast",
    }
}

/// The owner's request that makes `jid` something to a node.
pub fn affiliate(node: &str, jid: &BareJid, affiliation: Affiliation) -> Element {
    let who = Build::new("affiliation", ns::PUBSUB_OWNER)
        .attr(name!("jid"), jid)
        .attr(name!("affiliation"), affiliation);
    let list = Build::new("affiliations", ns::PUBSUB_OWNER)
        .attr(name!("node"), node)
        .child(who);
    Build::new("pubsub", ns::PUBSUB_OWNER).child(list).done()
}

/// Reads the answer to [`ask_items`].
pub fn parse_items(pubsub: &Element) -> Result<Vec<Item>, ParseError> {
    expect(pubsub, "pubsub")?;
    require(pubsub, "items").map(items)
}

/// A subscription to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The node.
    pub node: String,
    /// Who is subscribed.
    pub jid: BareJid,
    /// The service's id for it.
    pub id: Option<String>,
    /// Whether notifications come.
    pub active: bool,
}

/// Reads the answer to [`ask_subscriptions`].
pub fn parse_subscriptions(pubsub: &Element) -> Result<Vec<Subscription>, ParseError> {
    expect(pubsub, "pubsub")?;
    let list = child(pubsub, "subscriptions").into_iter();
    list.flat_map(Element::children)
        .take(ITEMS_LIMIT)
        .map(|entry| {
            Ok(Subscription {
                node: required(entry, "node")?,
                jid: required(entry, "jid")?,
                id: optional(entry, "subid")?,
                active: matches!(entry.attr("subscription"), None | Some("subscribed")),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Stanza;

    fn message(kind: &str) -> Message {
        let xml = format!(
            "<message xmlns='jabber:client' type='{kind}'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='/archipel/tags'><item id='1' publisher='a@b'><tag jid='a@b' tags='x'/></item><retract id='0'/></items></event></message>"
        );
        match Stanza::parse(xml.parse().unwrap()).unwrap() {
            Stanza::Message(message) => message,
            _ => unreachable!("the text is a message"),
        }
    }

    #[test]
    fn a_notification_tells_what_is_new_and_what_is_gone() {
        let event = Event::parse(&message("headline")).unwrap();
        assert_eq!(
            (event.node.as_str(), event.items.len()),
            ("/archipel/tags", 1)
        );
        assert_eq!(event.retracted, ["0"]);
        assert_eq!(event.items[0].publisher.as_deref(), Some("a@b"));
        assert_eq!(Event::parse(&message("chat")), None);
    }

    #[test]
    fn a_node_that_is_no_more_is_told() {
        let xml = "<message xmlns='jabber:client' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><delete node='n'/></event></message>";
        let Stanza::Message(message) = Stanza::parse(xml.parse().unwrap()).unwrap() else {
            unreachable!("the text is a message")
        };
        let event = Event::parse(&message).unwrap();
        assert!(event.deleted && event.items.is_empty());
    }

    #[test]
    fn items_and_subscriptions_are_read() {
        let answer = "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'><item id='1'><tag/></item></items><subscriptions><subscription node='n' jid='a@b' subscription='pending'/></subscriptions></pubsub>".parse().unwrap();
        assert_eq!(parse_items(&answer).unwrap().len(), 1);
        assert!(!parse_subscriptions(&answer).unwrap()[0].active);
        assert!(parse_items(&ask_subscriptions()).is_err());
    }

    #[test]
    fn many_items_are_bounded() {
        let items = "<item/>".repeat(5_000);
        let answer = format!(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'>{items}</items></pubsub>"
        );
        assert_eq!(
            parse_items(&answer.parse().unwrap()).unwrap().len(),
            ITEMS_LIMIT
        );
    }
}
