//! The bus's side: the life of the session, presence, subscriptions, the card.

use archipel_bus::{Event, Session};
use archipel_language::Permission;
use std::sync::Arc;

use archipel_protocol::{
    BareJid, FullJid, Jid, Presence, PresenceKind, Stanza, VmId,
    presence::{HypervisorStatus, of_hypervisor},
    vcard::{Card, Photo, Role},
};
use tokio::time::Duration;

use super::{Done, Host, Shown, Via, Wanted, publish_card, sighted};
use crate::{
    agent::Status,
    entity::{Kind, dress},
};

/// How long the server may take for what belongs to a login.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);
/// How many people are told the presence directly.
const GREETED: usize = 1_024;

impl Host {
    /// Something happened to the hypervisor's session.
    pub(super) fn bus(&mut self, event: Event) {
        match event {
            Event::Reset { jid, .. } => self.online(jid),
            Event::Resumed => {
                self.connected = true;
                tracing::info!("back on the bus");
                self.publish_status();
            }
            Event::Suspended { reason, .. } => self.offline(&reason),
            Event::Stanza(stanza) => self.stanza(stanza),
            Event::Refused { from, why } => {
                let from = from.map(|from| from.to_string());
                tracing::debug!(from, %why, "a stanza was refused");
            }
            Event::Ended(_) => {}
        }
    }

    fn online(&mut self, jid: FullJid) {
        tracing::info!(%jid, "on the bus");
        self.connected = true;
        self.state.identity.full = jid;
        self.said = None;
        self.greeted.clear();
        self.feed.forget_watches();
        self.pusher.renew();
        self.confirm_account();
        self.fetch_roster();
        self.check_card();
    }

    /// Said once per reason: the session tries for ever.
    fn offline(&mut self, reason: &str) {
        self.connected = false;
        let status = Status::Offline {
            reason: reason.to_owned(),
        };
        let news = self.status.send_if_modified(|known| {
            let news = *known != status;
            known.clone_from(&status);
            news
        });
        if news {
            tracing::warn!(reason, "not on the bus; the agent goes on trying");
        }
    }

    /// Tells the process's owner how things stand.
    fn publish_status(&self) {
        let status = Status::Online {
            jid: self.state.identity.full.clone(),
            machines: self.state.machines.iter().count(),
            libvirt: self.state.outage.clone(),
        };
        self.status.send_if_modified(|known| {
            let news = *known != status;
            *known = status;
            news
        });
    }

    fn stanza(&mut self, stanza: Stanza) {
        match stanza {
            Stanza::Iq(iq) => self.asked(Via::hypervisor(self.session.clone()), iq),
            Stanza::Presence(presence) => self.presence(&presence),
            Stanza::Message(message) => {
                self.heard(Via::hypervisor(self.session.clone()), &message);
            }
        }
    }

    fn presence(&mut self, presence: &Presence) {
        let Some(from) = presence.from.clone() else {
            return;
        };
        if from.to_bare() == self.state.identity.account {
            self.own_session(&from, &presence.kind);
            return;
        }
        match presence.kind {
            PresenceKind::Subscribe => {
                let session = self.session.clone();
                self.knock(&session, None, &from);
            }
            PresenceKind::Unsubscribe => self.drop_contact(None, &from),
            PresenceKind::Available => self.greet(from),
            PresenceKind::Unavailable | PresenceKind::Error => self.left(from),
            _ => {}
        }
    }

    /// A server may tell the end of a former session of the same address after the new one was announced: to everybody who is
    /// subscribed the agent is gone then, so it says again that it is here.
    fn own_session(&mut self, from: &Jid, kind: &PresenceKind) {
        let own = from.try_as_full() == Ok(&self.state.identity.full);
        if own && *kind == PresenceKind::Unavailable {
            self.said = None;
        }
    }

    /// Somebody shows presence here without being subscribed: an operator that is about to watch. The answer lets it know the
    /// full address, and makes the server tell it when this session ends.
    fn greet(&mut self, from: Jid) {
        let Ok(full) = from.try_into_full() else {
            return;
        };
        let permitted = self
            .state
            .allows_something(&full.to_bare(), Permission::PRESENCE.0);
        if permitted && self.greeted.len() < GREETED && self.greeted.insert(full.clone()) {
            let presence = self.own_presence(&self.state.status()).to(full);
            self.deliver(&self.session.clone(), presence);
        }
    }

    /// Who may see the presence of the hypervisor or a machine is let in; who may not is told so. To see the hypervisor, a right to see
    /// any of its machines is enough.
    pub(super) fn knock(&mut self, session: &Session, vm: Option<VmId>, from: &Jid) {
        let who: BareJid = from.to_bare();
        let permitted = match vm {
            Some(_) => self.state.allows(&who, Permission::PRESENCE.0, vm),
            None => self.state.allows_something(&who, Permission::PRESENCE.0),
        };
        let kind = if permitted {
            PresenceKind::Subscribed
        } else {
            PresenceKind::Unsubscribed
        };
        self.deliver(session, Presence::new(kind).to(who));
    }

    fn left(&mut self, from: Jid) {
        if let Ok(full) = from.try_into_full() {
            self.greeted.remove(&full);
            self.feed.gone(&full);
        }
    }

    fn own_presence(&self, status: &HypervisorStatus) -> Presence {
        dress(of_hypervisor(status), Kind::Hypervisor, &self.face)
    }

    /// Says how things stand to all who are subscribed, when that is news; those who were greeted are told, too. Before libvirt was
    /// asked there is nothing to say: whoever sees the hypervisor may ask for its machines.
    pub(super) fn say_status(&mut self) {
        let status = self.state.status();
        if self.said.as_ref() == Some(&status) || !self.refresh.is_tried() {
            return;
        }
        let presence = self.own_presence(&status);
        let session = self.session.clone();
        if session.try_send(presence.clone()).is_err() {
            return;
        }
        for who in self.greeted.clone() {
            self.deliver(&session, presence.clone().to(who));
        }
        self.said = Some(status);
        self.publish_status();
    }

    /// A session that has asked for the roster gets subscription requests (RFC 6121, 2.2).
    fn fetch_roster(&mut self) {
        let session = self.session.clone();
        self.jobs
            .spawn(async move { Done::Contacts(sighted(&session).await) });
    }

    /// Makes the card say what this is; without a session the next one does.
    pub(super) fn check_card(&mut self) {
        if self.connected {
            self.publish_face(None);
        }
    }

    /// The same with another picture.
    pub(super) fn publish_face(&mut self, picture: Option<Photo>) {
        let node = &self.state.node;
        let wanted = Wanted {
            card: Card::of(Role::Hypervisor, &node.driver, &node.hostname),
            picture: picture.map(Arc::new),
            keeps_organisation: true,
        };
        let session = self.session.clone();
        self.jobs
            .spawn(async move { Done::Card(publish_card(&session, wanted).await) });
    }

    /// The card is known: clients fetch it when presence says so.
    pub(super) fn card(&mut self, shown: Shown) {
        if shown.is_new || self.face != shown.face {
            self.face = shown.face;
            self.said = None;
        }
    }
}
