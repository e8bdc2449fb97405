//! Stanzas as they travel, read loosely: whatever a peer sends keeps its place, also what RFC 6120 forbids.
//!
//! The original agent sends IQs of type `ignore` and errors without a defined condition; strict types would drop them. Only
//! an invalid address makes a stanza unreadable.

use jid::Jid;
use minidom::Element;

use crate::{
    ns,
    xml::{Build, ParseError, child, name, optional},
};

/// One stanza.
#[derive(Debug, Clone, PartialEq)]
pub enum Stanza {
    /// A request or its answer.
    Iq(Iq),
    /// A message.
    Message(Message),
    /// A presence.
    Presence(Presence),
}

impl Stanza {
    /// Reads any stanza of a client stream.
    pub fn parse(element: Element) -> Result<Self, ParseError> {
        match element.name() {
            "iq" => Iq::parse(element).map(Self::Iq),
            "message" => Message::parse(element).map(Self::Message),
            "presence" => Presence::parse(&element).map(Self::Presence),
            other => Err(ParseError::WrongElement {
                expected: "iq, message or presence",
                got: crate::xml::shown(other),
            }),
        }
    }

    /// The stanza as XML in `jabber:client`.
    pub fn into_element(self) -> Element {
        match self {
            Self::Iq(iq) => iq.into_element(),
            Self::Message(message) => message.into_element(),
            Self::Presence(presence) => presence.to_element(),
        }
    }

    /// The sender, absent where the server speaks for the own account.
    pub fn from(&self) -> Option<&Jid> {
        match self {
            Self::Iq(iq) => iq.from.as_ref(),
            Self::Message(message) => message.from.as_ref(),
            Self::Presence(presence) => presence.from.as_ref(),
        }
    }
}

impl From<Iq> for Stanza {
    fn from(iq: Iq) -> Self {
        Self::Iq(iq)
    }
}

impl From<Message> for Stanza {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl From<Presence> for Stanza {
    fn from(presence: Presence) -> Self {
        Self::Presence(presence)
    }
}

/// What an IQ is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IqKind {
    /// Asks.
    Get,
    /// Asks for a change.
    Set,
    /// Answers.
    Result,
    /// Refuses.
    Error,
    /// Anything else, such as the original's `ignore`.
    Other(String),
}

impl IqKind {
    fn read(text: &str) -> Self {
        match text {
            "get" => Self::Get,
            "set" => Self::Set,
            "result" => Self::Result,
            "error" => Self::Error,
            other => Self::Other(crate::xml::shown(other)),
        }
    }

    /// The value of the attribute `type`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Get => "get",
            Self::Set => "set",
            Self::Result => "result",
            Self::Error => "error",
            Self::Other(text) => text,
        }
    }

    /// Whether the sender expects an answer.
    pub fn is_request(&self) -> bool {
        matches!(self, Self::Get | Self::Set)
    }
}

/// A request or an answer (RFC 6120, 8.2.3).
#[derive(Debug, Clone, PartialEq)]
pub struct Iq {
    /// Request, answer or error.
    pub kind: IqKind,
    /// Matches an answer to its request, together with the address.
    pub id: String,
    /// Sender.
    pub from: Option<Jid>,
    /// Recipient; absent for the own account.
    pub to: Option<Jid>,
    /// All children in order. A sound request has one; an error repeats it before `<error/>`.
    pub payloads: Vec<Element>,
}

impl Iq {
    /// A request. The bus session fills in the id.
    pub fn request(kind: IqKind, to: Option<Jid>, payload: Element) -> Self {
        Self {
            kind,
            id: String::new(),
            from: None,
            to,
            payloads: vec![payload],
        }
    }

    /// The answer to this request.
    #[must_use]
    pub fn result(&self, payload: Option<Element>) -> Self {
        self.answer(IqKind::Result, payload.into_iter().collect())
    }

    /// The refusal of this request: the request repeated, then `error` (an `<error/>` element).
    #[must_use]
    pub fn refusal(&self, error: Element) -> Self {
        let mut payloads = self.payloads.clone();
        payloads.push(error);
        self.answer(IqKind::Error, payloads)
    }

    fn answer(&self, kind: IqKind, payloads: Vec<Element>) -> Self {
        Self {
            kind,
            id: self.id.clone(),
            from: None,
            to: self.from.clone(),
            payloads,
        }
    }

    /// The first child, which is the payload of a sound request or result.
    pub fn payload(&self) -> Option<&Element> {
        self.payloads.first()
    }

    /// The child `<error/>`.
    pub fn error(&self) -> Option<&Element> {
        self.payloads.iter().find(|child| child.name() == "error")
    }

    fn parse(mut element: Element) -> Result<Self, ParseError> {
        Ok(Self {
            kind: IqKind::read(element.attr("type").unwrap_or_default()),
            id: element.attr("id").unwrap_or_default().to_owned(),
            from: optional(&element, "from")?,
            to: optional(&element, "to")?,
            payloads: element.take_contents_as_children().collect(),
        })
    }

    fn into_element(self) -> Element {
        Build::new("iq", ns::CLIENT)
            .attr(name!("type"), self.kind.as_str())
            .attr(name!("id"), &self.id)
            .maybe(name!("from"), self.from)
            .maybe(name!("to"), self.to)
            .children(self.payloads)
            .done()
    }
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// One person talks to another.
    Chat,
    /// News, never stored: feeds, notifications.
    Headline,
    /// The default.
    Normal,
    /// Talk in a room.
    Groupchat,
    /// A message that came back.
    Error,
}

impl MessageKind {
    fn read(text: Option<&str>) -> Self {
        match text {
            Some("chat") => Self::Chat,
            Some("headline") => Self::Headline,
            Some("groupchat") => Self::Groupchat,
            Some("error") => Self::Error,
            _ => Self::Normal,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Headline => "headline",
            Self::Normal => "normal",
            Self::Groupchat => "groupchat",
            Self::Error => "error",
        }
    }
}

/// A message (RFC 6121, 5).
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// What it is.
    pub kind: MessageKind,
    /// Chosen by the sender.
    pub id: Option<String>,
    /// Sender.
    pub from: Option<Jid>,
    /// Recipient.
    pub to: Option<Jid>,
    /// All children in order.
    pub payloads: Vec<Element>,
}

impl Message {
    /// A headline with one payload.
    pub fn headline(to: Jid, payload: Element) -> Self {
        Self {
            kind: MessageKind::Headline,
            id: None,
            from: None,
            to: Some(to),
            payloads: vec![payload],
        }
    }

    /// The text for people.
    pub fn body(&self) -> Option<String> {
        let body = self.payloads.iter().find(|child| child.name() == "body")?;
        Some(body.text())
    }

    /// The child of this name and namespace.
    pub fn payload(&self, name: &str, namespace: &str) -> Option<&Element> {
        self.payloads.iter().find(|child| child.is(name, namespace))
    }

    fn parse(mut element: Element) -> Result<Self, ParseError> {
        Ok(Self {
            kind: MessageKind::read(element.attr("type")),
            id: element.attr("id").map(str::to_owned),
            from: optional(&element, "from")?,
            to: optional(&element, "to")?,
            payloads: element.take_contents_as_children().collect(),
        })
    }

    fn into_element(self) -> Element {
        Build::new("message", ns::CLIENT)
            .attr(name!("type"), self.kind.as_str())
            .maybe(name!("id"), self.id)
            .maybe(name!("from"), self.from)
            .maybe(name!("to"), self.to)
            .children(self.payloads)
            .done()
    }
}

/// What a presence is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PresenceKind {
    /// The sender is there.
    Available,
    /// The sender went away.
    Unavailable,
    /// Asks to see the recipient's presence.
    Subscribe,
    /// Lets the recipient see the sender's presence.
    Subscribed,
    /// No longer wants to see it.
    Unsubscribe,
    /// No longer lets it be seen.
    Unsubscribed,
    /// Asks for the current presence.
    Probe,
    /// A presence that came back.
    Error,
    /// Anything else: to be ignored, never to end a stream.
    Other(String),
}

impl PresenceKind {
    fn read(text: Option<&str>) -> Self {
        match text {
            None | Some("") => Self::Available,
            Some("unavailable") => Self::Unavailable,
            Some("subscribe") => Self::Subscribe,
            Some("subscribed") => Self::Subscribed,
            Some("unsubscribe") => Self::Unsubscribe,
            Some("unsubscribed") => Self::Unsubscribed,
            Some("probe") => Self::Probe,
            Some("error") => Self::Error,
            Some(other) => Self::Other(crate::xml::shown(other)),
        }
    }

    fn as_str(&self) -> Option<&str> {
        match self {
            Self::Available => None,
            Self::Unavailable => Some("unavailable"),
            Self::Subscribe => Some("subscribe"),
            Self::Subscribed => Some("subscribed"),
            Self::Unsubscribe => Some("unsubscribe"),
            Self::Unsubscribed => Some("unsubscribed"),
            Self::Probe => Some("probe"),
            Self::Error => Some("error"),
            Self::Other(text) => Some(text),
        }
    }
}

/// A presence (RFC 6121, 4). `show` stays text: the original's web client sends `online`, which the RFC does not list.
#[derive(Debug, Clone, PartialEq)]
pub struct Presence {
    /// What it is.
    pub kind: PresenceKind,
    /// Chosen by the sender.
    pub id: Option<String>,
    /// Sender.
    pub from: Option<Jid>,
    /// Recipient; absent for a broadcast.
    pub to: Option<Jid>,
    /// `away`, `xa`, `dnd`, `chat` or absent.
    pub show: Option<String>,
    /// Text for people.
    pub status: Option<String>,
    /// Which of several sessions gets messages to the bare address.
    pub priority: Option<i8>,
    /// All other children in order.
    pub payloads: Vec<Element>,
}

impl Presence {
    /// A presence of `kind` without anything else.
    pub fn new(kind: PresenceKind) -> Self {
        Self {
            kind,
            id: None,
            from: None,
            to: None,
            show: None,
            status: None,
            priority: None,
            payloads: Vec::new(),
        }
    }

    /// The same, directed to `to`.
    #[must_use]
    pub fn to(mut self, to: impl Into<Jid>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// The child of this name and namespace.
    pub fn payload(&self, name: &str, namespace: &str) -> Option<&Element> {
        self.payloads.iter().find(|child| child.is(name, namespace))
    }

    fn parse(element: &Element) -> Result<Self, ParseError> {
        let own = |child: &&Element| matches!(child.name(), "show" | "status" | "priority");
        let inner = |name| child(element, name).map(Element::text);
        Ok(Self {
            kind: PresenceKind::read(element.attr("type")),
            id: element.attr("id").map(str::to_owned),
            from: optional(element, "from")?,
            to: optional(element, "to")?,
            show: inner("show")
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty()),
            status: inner("status"),
            priority: inner("priority").and_then(|text| text.trim().parse().ok()),
            payloads: element
                .children()
                .filter(|child| !own(child))
                .cloned()
                .collect(),
        })
    }

    fn to_element(&self) -> Element {
        let leaf = |name: &str, text: &str| Build::new(name, ns::CLIENT).text(text).done();
        let mut build = Build::new("presence", ns::CLIENT)
            .maybe(name!("type"), self.kind.as_str())
            .maybe(name!("id"), self.id.as_ref())
            .maybe(name!("from"), self.from.as_ref())
            .maybe(name!("to"), self.to.as_ref());
        build = build.children(self.show.as_deref().map(|text| leaf("show", text)));
        build = build.children(self.status.as_deref().map(|text| leaf("status", text)));
        build = build.children(
            self.priority
                .map(|number| leaf("priority", &number.to_string())),
        );
        build.children(self.payloads.iter().cloned()).done()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(xml: &str) -> Result<Stanza, ParseError> {
        Stanza::parse(xml.parse().unwrap())
    }

    #[test]
    fn the_illegal_type_of_the_original_is_kept() {
        let Ok(Stanza::Iq(iq)) = read(
            "<iq xmlns='jabber:client' type='ignore' id='7' from='a@b/c'><query xmlns='archipel:vm:control'/></iq>",
        ) else {
            unreachable!("an IQ of any type is an IQ")
        };
        assert_eq!(iq.kind, IqKind::Other("ignore".into()));
        assert!(!iq.kind.is_request());
        assert_eq!(iq.payloads.len(), 1);
    }

    #[test]
    fn stanzas_come_back_as_they_went() {
        for xml in [
            "<iq xmlns='jabber:client' type='set' id='1' from='a@b/c' to='d@e'><query xmlns='x'/><error code='-1'/></iq>",
            "<message xmlns='jabber:client' type='headline' from='a@b/c' to='d@e'><body>hello</body></message>",
            "<presence xmlns='jabber:client' from='a@b/c'><show>xa</show><status>Off</status><priority>3</priority><x xmlns='vcard-temp:x:update'/></presence>",
        ] {
            let stanza = read(xml).unwrap();
            assert_eq!(
                Stanza::parse(stanza.clone().into_element()).unwrap(),
                stanza
            );
        }
    }

    #[test]
    fn an_invalid_address_is_an_error_with_its_field() {
        let failed = read("<message xmlns='jabber:client' from='@@'/>").unwrap_err();
        assert!(failed.to_string().starts_with("`from`"), "{failed}");
    }

    #[test]
    fn a_show_outside_the_rfc_is_kept() {
        let Ok(Stanza::Presence(presence)) = read(
            "<presence xmlns='jabber:client'><show>online</show><priority>loud</priority></presence>",
        ) else {
            unreachable!("a presence with any show is a presence")
        };
        assert_eq!(presence.show.as_deref(), Some("online"));
        assert_eq!(presence.priority, None);
    }

    #[test]
    fn other_elements_are_refused() {
        assert!(matches!(
            read("<foo xmlns='jabber:client'/>"),
            Err(ParseError::WrongElement { .. })
        ));
    }
}
