//! Who stands on the roster of the hypervisor or a machine.

use archipel_bus::Session;
use archipel_protocol::{
    BareJid, Iq, IqKind, Jid, Presence, PresenceKind, VmId, presence, pubsub, push, roster, tags,
};

use super::{Done, Host, bus::DEADLINE};
use crate::push::push as told;

/// Somebody who is to stand on the roster, or no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    /// Whose roster: a machine's, or the hypervisor's.
    pub(crate) of: Option<VmId>,
    pub(crate) jid: BareJid,
    pub(crate) stays: bool,
}

impl Host {
    /// The session of the hypervisor or of a machine; `None`: the machine has none.
    pub(crate) fn session_of(&self, vm: Option<VmId>) -> Option<Session> {
        match vm {
            None => Some(self.session.clone()),
            Some(id) => self.sessions.session(id),
        }
    }

    /// Puts somebody on the roster and asks to see their presence, or takes them off. A machine without a session has no roster.
    pub(super) fn set_contact(&mut self, contact: Contact) {
        let Some(session) = self.session_of(contact.of) else {
            return;
        };
        let name = match contact.of {
            None => self.state.identity.node.clone(),
            Some(id) => self.state.name(id),
        };
        let change = if contact.stays { "added" } else { "removed" };
        self.push_of(contact.of, "subscription", change);
        self.jobs.spawn(async move {
            keep_contact(&session, &contact, &name).await;
            Done::Kept
        });
    }

    /// Whoever made a machine is to have it among their contacts, as the original has it. A machine that asks for itself has no maker.
    pub(super) fn note_maker(&mut self, id: VmId, maker: &BareJid) {
        if self.state.identity.machine(id).as_ref() != Some(maker) {
            self.made.insert(id, maker.clone());
            self.ask_maker(id);
        }
    }

    /// Asks as soon as the machine can.
    pub(super) fn ask_maker(&mut self, id: VmId) {
        if self.session_of(Some(id)).is_none() {
            return;
        }
        if let Some(jid) = self.made.remove(&id) {
            self.set_contact(Contact {
                of: Some(id),
                jid,
                stays: true,
            });
        }
    }

    /// Whoever no longer wants to see the presence leaves the roster.
    pub(super) fn drop_contact(&mut self, of: Option<VmId>, from: &Jid) {
        self.set_contact(Contact {
            of,
            jid: from.to_bare(),
            stays: false,
        });
    }

    /// Tells the original's clients something of the hypervisor or of a machine.
    fn push_of(&mut self, vm: Option<VmId>, family: &str, change: &str) {
        let push = told(family, change, self.state.clock.now());
        match vm {
            None => self.pusher.push(push),
            Some(id) => self.sessions.push(id, push),
        }
    }

    /// What a machine that is gone left on the service: its tags. Best effort.
    pub(super) fn retract_tags(&mut self, id: VmId) {
        let identity = &self.state.identity;
        let service: Option<Jid> = format!("pubsub.{}", identity.account.domain()).parse().ok();
        let Some(jid) = identity.machine(id) else {
            return;
        };
        let retract = pubsub::retract(tags::NODE, &jid.to_string());
        let retract = Iq::request(IqKind::Set, service, retract);
        let session = self.session.clone();
        self.jobs.spawn(async move {
            if let Err(error) = session.request(retract, DEADLINE).await {
                tracing::debug!(%error, "the tags of a machine that is gone stay on the service");
            }
            Done::Kept
        });
    }
}

async fn keep_contact(session: &Session, contact: &Contact, name: &str) {
    let item = if contact.stays {
        roster::set(&contact.jid, None, &[])
    } else {
        roster::remove(&contact.jid)
    };
    let request = Iq::request(IqKind::Set, None, item);
    if let Err(error) = session.request(request, DEADLINE).await {
        tracing::debug!(%error, jid = %contact.jid, "the roster is as it was");
        return;
    }
    if contact.stays {
        let ask = Presence {
            payloads: vec![presence::nick(name)],
            ..Presence::new(PresenceKind::Subscribe)
        };
        // A session that is over says so itself.
        let _ = session.send(ask.to(contact.jid.clone())).await;
    }
}

/// All who see the presence of the session's account.
pub(crate) async fn sighted(session: &Session) -> Vec<BareJid> {
    let ask = Iq::request(IqKind::Get, None, roster::query());
    let answer = match session.request(ask, DEADLINE).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::debug!(%error, "no roster");
            return Vec::new();
        }
    };
    let all = answer.payload().map(roster::parse).unwrap_or_default();
    let seeing = all.into_iter().filter(|one| one.subscription.shows());
    seeing.map(|one| one.jid).collect()
}

/// The request that takes away the node on which `entity` told its changes.
pub(crate) fn remove_node(entity: &BareJid) -> Iq {
    let service = format!("pubsub.{}", entity.domain()).parse().ok();
    Iq::request(IqKind::Set, service, pubsub::delete(&push::node(entity)))
}
