//! What is said in words: chat with an entity, and its service messages to everybody on its roster.

use jid::Jid;
use minidom::Element;

use crate::{
    ns,
    stanza::{Message, MessageKind},
    table::words,
    text::clean_block,
    xml::Build,
};

/// The longest text that is read, in bytes.
const TEXT_LIMIT: usize = 64 * 1024;

/// A service message: a headline with nothing but a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shout {
    /// For people.
    pub text: String,
}

impl Shout {
    /// The message to one contact.
    pub fn to_message(&self, to: Jid) -> Message {
        Message::headline(to, body(&self.text))
    }

    /// Reads a message; `None` where it is something else.
    pub fn of(message: &Message) -> Option<Self> {
        let only = message.payloads.iter().all(|child| child.name() != "event");
        (message.kind == MessageKind::Headline && only)
            .then(|| text(message))
            .flatten()
            .map(|text| Self { text })
    }
}

words! {
    /// Whether somebody is typing (XEP-0085).
    pub enum Typing, "a chat state" {
        /// Looks at the conversation.
        Active = "active",
        /// Types.
        Composing = "composing",
        /// Stopped typing.
        Paused = "paused",
        /// Looks elsewhere.
        Inactive = "inactive",
        /// Left the conversation.
        Gone = "gone",
    }
}

/// A line of a conversation. To an entity it is a command; the answer carries the same thread.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chat {
    /// What is said.
    pub text: Option<String>,
    /// Which conversation it belongs to.
    pub thread: Option<String>,
    /// Whether the sender is typing.
    pub typing: Option<Typing>,
}

impl Chat {
    /// The message.
    pub fn to_message(&self, to: Jid) -> Message {
        let thread = |id: &String| Build::new("thread", ns::CLIENT).text(id).done();
        let typing = |state: Typing| Build::new(state.word(), ns::CHAT_STATES).done();
        let mut payloads: Vec<_> = self.text.iter().map(|text| body(text)).collect();
        payloads.extend(self.thread.as_ref().map(thread));
        payloads.extend(self.typing.map(typing));
        Message {
            kind: MessageKind::Chat,
            id: None,
            from: None,
            to: Some(to),
            payloads,
        }
    }

    /// Reads a message; `None` where it is something else.
    pub fn of(message: &Message) -> Option<Self> {
        if message.kind != MessageKind::Chat {
            return None;
        }
        let named = |name: &str| message.payloads.iter().find(|child| child.name() == name);
        let states = message.payloads.iter();
        Some(Self {
            text: text(message),
            thread: named("thread").map(Element::text),
            typing: states
                .filter(|child| child.has_ns(ns::CHAT_STATES))
                .find_map(|child| child.name().parse().ok()),
        })
    }
}

fn body(text: &str) -> Element {
    Build::new("body", ns::CLIENT).text(text).done()
}

fn text(message: &Message) -> Option<String> {
    let body = message.body().filter(|body| body.len() <= TEXT_LIMIT)?;
    Some(clean_block(&body).into_owned())
}

/// Whether a stanza was kept by the server and comes late (XEP-0203).
pub fn is_delayed(payloads: &[Element]) -> bool {
    payloads.iter().any(|child| child.is("delay", ns::DELAY))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn to() -> Jid {
        "olga@dc.example/desk".parse().unwrap()
    }

    #[test]
    fn what_is_said_comes_back() {
        let shout = Shout {
            text: "web01 was made".into(),
        };
        assert_eq!(Shout::of(&shout.to_message(to())), Some(shout.clone()));
        assert_eq!(Chat::of(&shout.to_message(to())), None);
        let chat = Chat {
            text: Some("start".into()),
            thread: Some("t1".into()),
            typing: Some(Typing::Active),
        };
        assert_eq!(Chat::of(&chat.to_message(to())), Some(chat));
    }

    #[test]
    fn escape_sequences_and_books_are_not_said() {
        let said = |text: &str| {
            let shout = Shout { text: text.into() };
            Shout::of(&shout.to_message(to()))
        };
        assert_eq!(said("a\u{9b}31mb").unwrap().text, "a31mb");
        assert_eq!(said(&"x".repeat(TEXT_LIMIT + 1)), None);
    }
}
