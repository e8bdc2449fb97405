//! The account's contacts (RFC 6121, 2).

use std::time::Duration;

use archipel_protocol::{
    Element, Iq, IqKind,
    roster::{self, Contact},
};
use jid::BareJid;

use crate::{RequestError, Session};

impl Session {
    /// Asks for the roster. From then on the server pushes changes, which arrive as [`crate::Event::Stanza`].
    pub async fn roster(&self, deadline: Duration) -> Result<Vec<Contact>, RequestError> {
        let answer = self
            .ask_account(IqKind::Get, roster::query(), deadline)
            .await?;
        Ok(answer.payload().map(roster::parse).unwrap_or_default())
    }

    /// Puts a contact on the roster, or changes its name and groups.
    pub async fn roster_set(
        &self,
        contact: &BareJid,
        name: Option<&str>,
        groups: &[String],
        deadline: Duration,
    ) -> Result<(), RequestError> {
        let query = roster::set(contact, name, groups);
        self.ask_account(IqKind::Set, query, deadline)
            .await
            .map(drop)
    }

    /// Takes a contact off the roster and ends both subscriptions.
    pub async fn roster_remove(
        &self,
        contact: &BareJid,
        deadline: Duration,
    ) -> Result<(), RequestError> {
        self.ask_account(IqKind::Set, roster::remove(contact), deadline)
            .await
            .map(drop)
    }

    async fn ask_account(
        &self,
        kind: IqKind,
        query: Element,
        deadline: Duration,
    ) -> Result<Iq, RequestError> {
        self.request(Iq::request(kind, None, query), deadline).await
    }
}
