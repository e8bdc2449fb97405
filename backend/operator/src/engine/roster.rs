//! The roster, and whom on it the operator trusts.

use std::collections::HashSet;

use archipel_bus::RequestError;
use archipel_fleet::{Contact, Event, Level, Link};
use archipel_protocol::{
    HypervisorId, Iq, IqKind, Presence, PresenceKind, roster, roster::Subscription,
};

use super::{
    Engine, Mode,
    work::{Answer, Done, Outgoing},
};
use crate::{
    command::{Deed, TrustChange},
    error::OperatorError,
    messages::{NoRoster, RosterLate},
};

/// Of how many strangers the operator is told in one run.
const STRANGERS: usize = 50;

/// How the roster stands in this session.
#[derive(Debug, Default)]
pub(super) struct State {
    asked: bool,
    /// Whether it has come, or was given up.
    pub(super) settled: bool,
    /// Whether the cache knew names, groups and addresses.
    pub(super) remembered: bool,
}

impl State {
    pub(super) fn forget(&mut self) {
        self.asked = false;
        self.settled = false;
    }
}

/// Those who asked to see the operator's presence and may not.
#[derive(Debug, Default)]
pub(super) struct Strangers(HashSet<HypervisorId>);

impl Strangers {
    pub(super) fn is_new(&mut self, id: &HypervisorId) -> bool {
        self.0.len() < STRANGERS && self.0.insert(id.clone())
    }
}

impl Engine {
    /// A one-shot command goes by the cache, unless trust itself depends on the roster.
    pub(super) fn needs_roster(&self) -> bool {
        let by_group = !self.settings.profile.trusted_groups.is_empty();
        self.mode == Mode::Screen || by_group || !self.roster.remembered
    }

    pub(super) fn ask_roster(&mut self) {
        if std::mem::replace(&mut self.roster.asked, true) {
            return;
        }
        let outgoing = Outgoing {
            // A large roster of a busy server takes its time, and nothing begins without it.
            deadline: self.settings.pace.command,
            ..self.to_own_server(IqKind::Get, roster::query())
        };
        self.start(async move { Done::Roster(outgoing.send().await) });
    }

    fn to_own_server(&self, kind: IqKind, payload: archipel_protocol::Element) -> Outgoing {
        Outgoing {
            session: self.session.clone(),
            iq: Iq::request(kind, None, payload),
            deadline: self.settings.pace.question,
            life: tokio_util::sync::CancellationToken::new(),
        }
    }

    pub(super) fn roster_came(&mut self, answer: Answer) {
        match answer {
            Ok(iq) => self.replace_roster(&iq),
            // The next session asks again.
            Err(RequestError::Lost | RequestError::NotConnected | RequestError::Closed) => return,
            // Who sees whom would be lost with it: what contacts answer to the operator's presence is dropped until they are known.
            Err(RequestError::Timeout) if self.mode == Mode::Screen => {
                return self.ask_roster_again();
            }
            Err(error) => self.notice(Level::Error, NoRoster(&error).to_string()),
        }
        self.roster.settled = true;
        for change in std::mem::take(&mut self.deeds) {
            self.change_trust(change);
        }
        match self.mode {
            // Brings back the presence of every contact.
            Mode::Screen => self.say(Presence::new(PresenceKind::Available)),
            Mode::OneShot => self.approach_wanted(),
        }
    }

    fn ask_roster_again(&mut self) {
        let waited = self.settings.pace.command.as_secs();
        self.notice(Level::Warning, RosterLate(waited).to_string());
        self.roster.asked = false;
        self.ask_roster();
    }

    fn replace_roster(&mut self, iq: &Iq) {
        let contacts = iq.payload().map(roster::parse).unwrap_or_default();
        let ids: HashSet<HypervisorId> = contacts
            .iter()
            .map(|contact| contact.jid.clone().into())
            .collect();
        // Also those whom the cache alone knows: trust by a group ends here.
        let others = self.peers.keys().filter(|id| !ids.contains(id));
        let gone: Vec<HypervisorId> = others.cloned().collect();
        for id in gone {
            self.contact_gone(&id);
        }
        for contact in contacts {
            self.put_contact(contact);
        }
        self.ask_for_presence();
    }

    pub(super) fn roster_push(&mut self, iq: &Iq) {
        let contacts = iq.payload().map(roster::parse).unwrap_or_default();
        self.reread_trust(&contacts);
        for contact in contacts {
            if contact.subscription == Subscription::Remove {
                self.contact_gone(&contact.jid.into());
            } else {
                self.put_contact(contact);
            }
        }
    }

    /// Another program of the same profile, such as one that invites a host, writes the trust list before it changes the roster.
    fn reread_trust(&mut self, changed: &[roster::Contact]) {
        let as_known = |contact: &roster::Contact| {
            let here = contact.subscription != Subscription::Remove;
            self.trust.contains(&contact.jid.clone().into()) == here
        };
        if changed.iter().all(as_known) {
            return;
        }
        if let Err(error) = self.trust.reload() {
            self.notice(Level::Error, OperatorError::from(error).to_string());
        }
    }

    /// A hypervisor is an account, not a server.
    fn put_contact(&mut self, contact: roster::Contact) {
        if contact.jid.node().is_none() {
            return;
        }
        let id = HypervisorId::from(contact.jid.clone());
        let bare = Contact::bare(id.clone());
        self.emit(Event::Contact(Contact {
            name: contact.name.clone().unwrap_or(bare.name),
            groups: each_once(&contact.groups),
            visible: contact.subscription.sees(),
            asked: contact.asked,
            id: bare.id,
        }));
        self.peer(&id).contact = Some(contact);
        self.retrust(&id);
    }

    fn contact_gone(&mut self, id: &HypervisorId) {
        self.peer(id).contact = None;
        self.emit(Event::ContactGone(id.clone()));
        self.retrust(id);
        if !self.peer(id).trusted {
            self.peers.remove(id);
        }
    }

    /// Asks to see those who are trusted by name and not visible: an earlier request may have been lost.
    fn ask_for_presence(&self) {
        let visible = |id: &HypervisorId| {
            let contact = self.peers.get(id).and_then(|peer| peer.contact.as_ref());
            contact.is_some_and(|contact| contact.subscription.sees() || contact.asked)
        };
        let unseen = self.trust.iter().filter(|id| !visible(id));
        unseen
            .flat_map(subscription)
            .for_each(|presence| self.say(presence));
    }

    pub(super) fn in_trusted_group(&self, groups: &[String]) -> bool {
        let trusted = &self.settings.profile.trusted_groups;
        groups.iter().any(|group| trusted.contains(group))
    }

    /// Brings a peer in line with the list of trusted ones and the trusted groups.
    pub(super) fn retrust(&mut self, id: &HypervisorId) {
        let peer = self.peers.get(id);
        let groups = peer
            .and_then(|peer| peer.contact.as_ref())
            .map(|contact| &contact.groups);
        let by_group = groups.is_some_and(|groups| self.in_trusted_group(groups));
        let trusted = by_group || self.trust.contains(id);
        let peer = self.peer(id);
        if std::mem::replace(&mut peer.trusted, trusted) == trusted {
            return;
        }
        self.emit(Event::Trusted(id.clone(), trusted));
        if trusted {
            self.settle(id);
        } else {
            self.distrust(id);
        }
    }

    fn distrust(&mut self, id: &HypervisorId) {
        self.end_watch(id);
        self.out_of_reach(id);
    }

    /// Waits for the roster first: what is on it must not be overwritten.
    pub(super) fn change_trust(&mut self, change: TrustChange) {
        let first_attempt = matches!(self.fleet.link(), Link::Connecting { reason: None, .. });
        if !self.is_online() && !first_attempt {
            let why = super::why_not(self.fleet.link());
            // Whoever asked may have left.
            let _ = change.reply.send(Err(OperatorError::NotConnected(why)));
        } else if self.roster.settled {
            self.do_deed(change);
        } else {
            self.deeds.push(change);
            if self.is_online() {
                self.ask_roster();
            }
        }
    }

    /// There will be no session: nothing of what was asked is done.
    pub(super) fn refuse_deeds(&mut self, why: &str) {
        for change in std::mem::take(&mut self.deeds) {
            let _ = change
                .reply
                .send(Err(OperatorError::NotConnected(why.to_owned())));
        }
    }

    fn do_deed(&mut self, change: TrustChange) {
        let TrustChange {
            hypervisor: id,
            deed,
            reply,
        } = change;
        if let Err(error) = self.trust.change(&id, deed != Deed::Remove) {
            let _ = reply.send(Err(error));
            return;
        }
        self.peer(&id);
        self.retrust(&id);
        let (greetings, question) = self.at_the_server(&id, deed);
        self.start(async move {
            for greeting in greetings {
                // A session that is over fails the question too.
                let _ = question.session.send(greeting).await;
            }
            let deadline = question.deadline;
            let answer = question.send().await.map(|_| ());
            let told =
                answer.map_err(|error| OperatorError::of_request("the server", &error, deadline));
            let _ = reply.send(told);
            Done::Told
        });
    }

    /// What the server is told for a deed. The question comes last: its answer says that all of it has arrived.
    fn at_the_server(&self, id: &HypervisorId, deed: Deed) -> (Vec<Presence>, Outgoing) {
        let contact = self.peers.get(id).and_then(|peer| peer.contact.as_ref());
        let sees = contact.is_some_and(|contact| contact.subscription.sees());
        let greetings = if deed == Deed::Remove || sees {
            Vec::new()
        } else {
            subscription(id).into()
        };
        let (kind, question) = match (deed, contact) {
            (Deed::Remove, Some(_)) => (IqKind::Set, roster::remove(id.jid())),
            (Deed::Add | Deed::Trust, None) => (IqKind::Set, roster::set(id.jid(), None, &[])),
            _ => (IqKind::Get, roster::query()),
        };
        (greetings, self.to_own_server(kind, question))
    }
}

/// Asks to see somebody, and lets them see the operator without a question of theirs (RFC 6121, 3.4).
fn subscription(id: &HypervisorId) -> [Presence; 2] {
    [PresenceKind::Subscribe, PresenceKind::Subscribed]
        .map(|kind| Presence::new(kind).to(id.jid().clone()))
}

/// ejabberd names a group twice where somebody is in it by the server and was put there by hand, too.
fn each_once(groups: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let new = groups.iter().filter(|group| seen.insert(*group));
    new.cloned().collect()
}
