//! The roster (RFC 6121, 2): the contacts that the server keeps for an account.

use jid::BareJid;
use minidom::Element;

use crate::{
    ns,
    table::{actions, record, replies},
    text::clean_line,
    xml::{Build, ParseError, name, required},
};

actions! {
    /// What a machine is asked about its own roster, in `archipel:roster`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Action, permissions "", answered by Reply {
        /// Who is on it. The original's answer is always empty.
        GetRoster = "getroster", reads, -450_001 => Contacts(Vec<EntityContact>),
    }
}

replies! {
    /// What a machine answers.
    pub enum Reply {
        /// Who is on its roster.
        Contacts(contacts: Vec<EntityContact>),
    }
}

record! {
    /// A contact of a machine. The original never wrote one; the form is that of [`Contact`].
    #[derive(Eq)]
    pub struct EntityContact = "item" in ns::ENTITY_ROSTER {
        /// Its address.
        jid: BareJid = "jid",
        /// The name that the machine knows it by.
        name: Option<String> = "name",
    }
}

/// How presence flows between the account and a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Subscription {
    /// Not at all.
    #[default]
    None,
    /// The account sees the contact.
    To,
    /// The contact sees the account.
    From,
    /// Both see each other.
    Both,
    /// The contact was removed.
    Remove,
}

impl Subscription {
    /// Whether the account sees the contact's presence.
    pub fn sees(self) -> bool {
        matches!(self, Self::To | Self::Both)
    }

    /// Whether the contact sees the account's presence.
    pub fn shows(self) -> bool {
        matches!(self, Self::From | Self::Both)
    }
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its account.
    pub jid: BareJid,
    /// The name that the account's owner gave it.
    pub name: Option<String>,
    /// How presence flows.
    pub subscription: Subscription,
    /// Whether a subscription request is on its way.
    pub asked: bool,
    /// The groups that it stands in.
    pub groups: Vec<String>,
}

impl Contact {
    fn parse(item: &Element) -> Result<Self, ParseError> {
        let group = |child: &Element| clean_line(&child.text(), 64);
        Ok(Self {
            jid: required(item, "jid")?,
            name: item
                .attr("name")
                .map(|name| clean_line(name, 64))
                .filter(|name| !name.is_empty()),
            subscription: parse_subscription(item.attr("subscription")),
            asked: item.attr("ask") == Some("subscribe"),
            groups: item
                .children()
                .filter(|child| child.name() == "group")
                .map(group)
                .filter(|group| !group.is_empty())
                .collect(),
        })
    }
}

fn parse_subscription(text: Option<&str>) -> Subscription {
    match text {
        Some("to") => Subscription::To,
        Some("from") => Subscription::From,
        Some("both") => Subscription::Both,
        Some("remove") => Subscription::Remove,
        _ => Subscription::None,
    }
}

/// The request for the whole roster.
pub fn query() -> Element {
    Build::new("query", ns::ROSTER).done()
}

/// The request that puts a contact on the roster.
pub fn set(jid: &BareJid, called: Option<&str>, groups: &[String]) -> Element {
    let group = |text: &String| Build::new("group", ns::ROSTER).text(text).done();
    let item = Build::new("item", ns::ROSTER)
        .attr(name!("jid"), jid)
        .maybe(name!("name"), called)
        .children(groups.iter().map(group));
    Build::new("query", ns::ROSTER).child(item).done()
}

/// The request that takes a contact off the roster, with both subscriptions.
pub fn remove(jid: &BareJid) -> Element {
    let item = Build::new("item", ns::ROSTER)
        .attr(name!("jid"), jid)
        .attr(name!("subscription"), "remove");
    Build::new("query", ns::ROSTER).child(item).done()
}

/// Reads a roster or a roster push. An item that cannot be read is left out: one odd contact must not hide the others.
pub fn parse(query: &Element) -> Vec<Contact> {
    query
        .children()
        .filter_map(|item| Contact::parse(item).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn contacts_are_read_and_odd_ones_left_out() {
        let contacts = parse(
            &"<query xmlns='jabber:iq:roster'><item jid='hv01@dc.example' name='rack\u{7} one' subscription='both'><group>rack-a</group><group/></item><item jid='@@'/><item jid='b@c' ask='subscribe'/></query>"
                .replace('\u{7}', "&#x9;")
                .parse()
                .unwrap(),
        );
        assert_eq!(contacts.len(), 2);
        assert_eq!(
            (contacts[0].name.as_deref(), contacts[0].subscription.sees()),
            (Some("rack one"), true)
        );
        assert_eq!(contacts[0].groups, ["rack-a"]);
        assert!(contacts[1].asked && !contacts[1].subscription.sees());
    }

    #[test]
    fn a_set_reads_back_as_a_contact() {
        let jid = BareJid::new("hv01@dc.example").unwrap();
        let contact = parse(&set(&jid, Some("hv01"), &["rack-a".into()])).remove(0);
        assert_eq!(
            (contact.jid, contact.groups),
            (jid.clone(), vec!["rack-a".to_owned()])
        );
        assert_eq!(parse(&remove(&jid))[0].subscription, Subscription::Remove);
    }
}
