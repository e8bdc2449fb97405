//! Rooms (XEP-0045): what an occupant needs, and what administrators and owners ask of a room.

use jid::{BareJid, Jid};
use minidom::Element;

use crate::{
    data_form::Form,
    ns,
    secret::Secret,
    stanza::Presence,
    table::{Leaf, record, words},
    xml::{Build, ParseError, child, expect, name},
};

words! {
    /// What somebody is to a room, whether present or not.
    pub enum Affiliation, "an affiliation (owner, admin, member, none, outcast)" {
        /// May do everything.
        Owner = "owner",
        /// May change who is what.
        Admin = "admin",
        /// May enter a room for members.
        Member = "member",
        /// Nothing in particular.
        None = "none",
        /// Is kept out.
        Outcast = "outcast",
    }
}

words! {
    /// What an occupant may do.
    pub enum Role, "a role (moderator, participant, visitor, none)" {
        /// May change what others may do.
        Moderator = "moderator",
        /// May speak.
        Participant = "participant",
        /// May listen.
        Visitor = "visitor",
        /// Is out.
        None = "none",
    }
}

record! {
    /// Somebody in a list, or a change to somebody.
    #[derive(Eq, Default)]
    pub struct Item = "item" in ns::MUC_ADMIN {
        /// What they are to the room.
        affiliation: Option<Affiliation> = "affiliation",
        /// What they may do.
        role: Option<Role> = "role",
        /// Who they are.
        jid: Option<Jid> = "jid",
        /// What they are called in the room.
        nick: Option<String> = "nick",
        /// Why.
        reason: Option<String> = "reason" via Leaf,
    }
}

/// The presence payload with which one enters a room.
pub fn enter(password: Option<&Secret>) -> Element {
    let leaf = |password: &Secret| {
        Build::new("password", ns::MUC)
            .text(password.reveal())
            .done()
    };
    Build::new("x", ns::MUC).children(password.map(leaf)).done()
}

/// The administrators' request for everybody of an affiliation or role, or their changes.
pub fn administer(items: &[Item]) -> Element {
    let items = items
        .iter()
        .map(|item| crate::table::Record::element(item, ns::MUC_ADMIN));
    Build::new("query", ns::MUC_ADMIN).children(items).done()
}

/// Reads a request or answer of [`administer`]; somebody who cannot be read is left out.
pub fn parse_items(query: &Element) -> Result<Vec<Item>, ParseError> {
    expect(query, "query")?;
    let items = query.children().filter(|child| child.name() == "item");
    Ok(items.filter_map(|item| Item::parse(item).ok()).collect())
}

/// The owners' request for the room's settings.
pub fn ask_settings() -> Element {
    Build::new("query", ns::MUC_OWNER).done()
}

/// The owners' request that gives the room these settings.
pub fn configure(form: &Form) -> Element {
    Build::new("query", ns::MUC_OWNER)
        .child(form.to_element())
        .done()
}

/// Reads the answer to [`ask_settings`].
pub fn parse_settings(query: &Element) -> Result<Form, ParseError> {
    expect(query, "query")?;
    Form::within(query)
}

/// The owners' request that ends the room, with a room to go to instead.
pub fn destroy(instead: Option<&BareJid>, reason: Option<&str>) -> Element {
    let reason = reason.map(|text| Build::new("reason", ns::MUC_OWNER).text(text).done());
    let destroy = Build::new("destroy", ns::MUC_OWNER)
        .maybe(name!("jid"), instead)
        .children(reason);
    Build::new("query", ns::MUC_OWNER).child(destroy).done()
}

/// What a room says of an occupant in presence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Occupant {
    /// Who and what they are.
    pub item: Item,
    /// Codes of XEP-0045, 15.6.2: 110 is oneself, 201 a room just made, 303 another nick, 307 thrown out, …
    pub codes: Vec<u16>,
}

impl Occupant {
    /// Reads it off a presence.
    pub fn of(presence: &Presence) -> Option<Self> {
        let user = presence.payload("x", ns::MUC_USER)?;
        let statuses = user.children().filter(|child| child.name() == "status");
        Some(Self {
            item: child(user, "item").and_then(|item| Item::parse(item).ok())?,
            codes: statuses
                .filter_map(|status| status.attr("code")?.parse().ok())
                .take(32)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Stanza, data_form::Field};

    #[test]
    fn changes_come_back() {
        let items = vec![
            Item {
                affiliation: Some(Affiliation::Outcast),
                jid: Some("eve@dc.example".parse().unwrap()),
                reason: Some("noise".into()),
                ..Item::default()
            },
            Item {
                role: Some(Role::Moderator),
                nick: Some("olga".into()),
                ..Item::default()
            },
        ];
        assert_eq!(parse_items(&administer(&items)).unwrap(), items);
    }

    #[test]
    fn settings_come_back() {
        let form = Form::submit(
            "http://jabber.org/protocol/muc#roomconfig",
            [Field::new("x", "1")],
        );
        assert_eq!(parse_settings(&configure(&form)).unwrap(), form);
        assert!(parse_settings(&ask_settings()).is_err());
        assert!(String::from(&destroy(None, Some("over"))).contains("over"));
    }

    #[test]
    fn an_occupant_is_read_and_odd_ones_are_left_out() {
        let xml = "<presence xmlns='jabber:client' from='r@c/n'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator'/><status code='110'/><status code='x'/></x></presence>";
        let Stanza::Presence(presence) = Stanza::parse(xml.parse().unwrap()).unwrap() else {
            unreachable!("the text is a presence")
        };
        let occupant = Occupant::of(&presence).unwrap();
        assert_eq!(
            (occupant.item.affiliation, occupant.codes),
            (Some(Affiliation::Owner), vec![110])
        );
        let odd =
            "<query xmlns='x'><item affiliation='king'/><item jid='@@'/><item nick='n'/></query>";
        assert_eq!(parse_items(&odd.parse().unwrap()).unwrap().len(), 1);
    }
}
