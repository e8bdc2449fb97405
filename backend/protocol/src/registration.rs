//! In-band registration (XEP-0077): an entity makes its own account, changes its password, and removes itself.

use minidom::Element;

use crate::{
    ns,
    secret::Secret,
    xml::{Build, ParseError, child, expect, require},
};

/// What an entity asks of its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// An account, or another password for the own one.
    Account {
        /// The part of the address before `@`.
        username: String,
        /// The password.
        password: Secret,
    },
    /// To remove the own account.
    Remove,
}

impl Request {
    /// As an element.
    pub fn to_element(&self) -> Element {
        let leaf = |name: &str, text: &str| Build::new(name, ns::REGISTER).text(text);
        let query = Build::new("query", ns::REGISTER);
        match self {
            Self::Account { username, password } => query
                .child(leaf("username", username))
                .child(leaf("password", password.reveal()))
                .done(),
            Self::Remove => query.child(Build::new("remove", ns::REGISTER)).done(),
        }
    }

    /// Reads a request.
    pub fn parse(query: &Element) -> Result<Self, ParseError> {
        expect(query, "query")?;
        if child(query, "remove").is_some() {
            return Ok(Self::Remove);
        }
        Ok(Self::Account {
            username: require(query, "username")?.text(),
            password: Secret::new(require(query, "password")?.text()),
        })
    }
}

/// What a server wants to be told; also whether one is registered already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Names of the fields.
    pub fields: Vec<String>,
    /// Whether the asker has got an account.
    pub registered: bool,
}

/// The request for what a server wants to be told.
pub fn query() -> Element {
    Build::new("query", ns::REGISTER).done()
}

impl Wanted {
    /// Reads the answer to [`query`].
    pub fn parse(query: &Element) -> Result<Self, ParseError> {
        expect(query, "query")?;
        let own = |child: &&Element| child.has_ns(ns::REGISTER);
        let names = query
            .children()
            .filter(own)
            .map(|child| child.name().to_owned());
        let mut fields: Vec<_> = names.take(32).collect();
        let before = fields.len();
        fields.retain(|name| name != "registered");
        Ok(Self {
            registered: fields.len() < before,
            fields: fields
                .into_iter()
                .filter(|name| name != "instructions")
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn requests_come_back() {
        let account = Request::Account {
            username: "hv-a".into(),
            password: Secret::new("s3cret"),
        };
        for request in [account, Request::Remove] {
            assert_eq!(Request::parse(&request.to_element()).unwrap(), request);
            assert!(!format!("{request:?}").contains("s3cret"));
        }
        assert!(Request::parse(&query()).is_err());
    }

    #[test]
    fn what_is_wanted_is_read() {
        let answer = "<query xmlns='jabber:iq:register'><registered/><instructions>x</instructions><username/><password/><x xmlns='jabber:x:data'/></query>";
        let wanted = Wanted::parse(&answer.parse().unwrap()).unwrap();
        assert!(wanted.registered);
        assert_eq!(wanted.fields, ["username", "password"]);
    }
}
