//! Further administrators: items of the node `/archipel/adminaccounts`.
//!
//! On the original's node everybody's word may count, depending on the server: an agent believes it only from publishers that its
//! settings name.

use jid::BareJid;

use crate::{table::record, xml::ParseError};

/// The node.
pub const NODE: &str = "/archipel/adminaccounts";
/// The original's items have no namespace of their own.
const NAMESPACE: &str = "";

record! {
    /// An administrator; the item's id is what it is removed by.
    #[derive(Eq)]
    pub struct Admin = "admin" in NAMESPACE {
        /// The part of the address before `@`.
        node: String = "node",
        /// The part after it.
        domain: String = "domain",
    }
}

impl Admin {
    /// The address.
    pub fn jid(&self) -> Result<BareJid, ParseError> {
        BareJid::new(&format!("{}@{}", self.node, self.domain))
            .map_err(|why| ParseError::invalid("node", why))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_administrator_has_an_address() {
        let read = |xml: &str| Admin::parse(&xml.parse().unwrap()).unwrap().jid();
        let olga = read("<admin xmlns='x' node='olga' domain='dc.example'/>");
        assert_eq!(olga.unwrap().as_str(), "olga@dc.example");
        assert!(read("<admin xmlns='x' node='a@b' domain='c d'/>").is_err());
    }
}
