//! Who may do what, changed: kept on the disk first, then in force at once for every watcher and every request.

use std::collections::BTreeSet;

use archipel_language::Permission;
use archipel_protocol::{
    BareJid, Element, Presence, PresenceKind, VmId, audit::Outcome, push::Known,
};

use super::{
    Contact, Done, Host, ask,
    wish::{Asker, Wished},
};
use crate::{
    access::{Access, Policy, PolicyChange},
    eventlog::Fact,
    messages::Refusal,
    state::WATCH,
    store::StoreError,
};

/// Changes that the requester may make.
#[derive(Debug)]
pub(crate) struct PolicyWish {
    /// All are made, or none.
    pub(crate) changes: Vec<PolicyChange>,
    /// The payload of the answer.
    pub(crate) reply: fn(&Policy) -> Vec<Element>,
    /// Who comes onto a roster with it, or leaves it.
    pub(crate) contact: Option<Contact>,
}

/// How a change of rights ended.
pub(super) type PolicyEnd = Wished<PolicyWish, Result<Policy, StoreError>>;

impl Host {
    /// Writes changes down.
    pub(super) fn change_policy(&mut self, asker: Asker, wish: PolicyWish) {
        let (store, changes) = (self.tools.store.clone(), wish.changes.clone());
        let written = async move { store.change_policy(changes).await };
        self.pursue((asker, wish), written, Done::Policy);
    }

    /// Changes were written down, or not.
    pub(super) fn policy_changed(&mut self, end: PolicyEnd) {
        let Wished {
            asker,
            wish,
            result,
        } = end;
        let policy = match result {
            Ok(policy) => policy,
            Err(error) => {
                tracing::error!(%error, "rights could not be changed");
                return self.answer(&asker, Refusal::Store(error.to_string()).into_reply());
            }
        };
        let reply = (wish.reply)(&policy);
        self.take_policy(policy);
        self.note_changes(ask::requester(&asker.iq).as_ref(), &wish.changes);
        if let Some(contact) = wish.contact {
            self.set_contact(contact);
        }
        self.answer(&asker, Ok(reply));
    }

    /// Changes are written down one after the other; their ends may arrive in another order.
    pub(super) fn take_policy(&mut self, policy: Policy) {
        if policy.version > self.state.access.policy().version {
            let access = self.state.access.with_policy(policy);
            self.take_access(access);
        }
    }

    /// Lets new rights count for everybody who is connected. Whoever watches is told anew of every machine that appears to them, or
    /// vanishes for them.
    pub(super) fn take_access(&mut self, access: Access) {
        let people = self.concerned(&access);
        if people.is_empty() {
            return;
        }
        let before = self.sights(&people);
        let seen_before = self.presence_for(&people);
        self.state.access = access;
        for id in before.symmetric_difference(&self.sights(&people)) {
            self.feed.vm_changed(id.1);
        }
        // Rights ride in the host's row.
        self.feed.host_changed();
        let state = &self.state;
        self.feed
            .keep_only(|who| state.allows_something(&who.to_bare(), WATCH));
        self.greeted
            .retain(|who| state.allows_something(&who.to_bare(), Permission::PRESENCE.0));
        let seen_now = self.presence_for(&people);
        self.tell_presence(&seen_before, &seen_now);
    }

    /// All whose rights may differ.
    fn concerned(&self, access: &Access) -> BTreeSet<BareJid> {
        let (old, new) = (&self.state.access, access);
        let admins = old.admins().symmetric_difference(new.admins()).cloned();
        let roles_changed = old.policy().roles != new.policy().roles;
        let grants = old.policy().grants.union(&new.policy().grants);
        let changed = grants.filter(|grant| {
            let kept = old.policy().grants.contains(grant) && new.policy().grants.contains(grant);
            roles_changed || !kept
        });
        admins
            .chain(changed.map(|grant| grant.jid.clone()))
            .collect()
    }

    /// Which machines show to whom, of those who watch now.
    fn sights(&self, people: &BTreeSet<BareJid>) -> BTreeSet<(BareJid, VmId)> {
        let watchers: BTreeSet<BareJid> = self.feed.watchers().map(|who| who.to_bare()).collect();
        let watching = people.intersection(&watchers);
        let sights = watching.flat_map(|who| {
            let machines = self.state.machines.iter().map(|(id, _)| id);
            let shown = machines.filter(|id| self.state.shows(who, *id));
            shown.map(|id| (who.clone(), id))
        });
        sights.collect()
    }

    fn presence_for(&self, people: &BTreeSet<BareJid>) -> BTreeSet<BareJid> {
        let permitted = |who: &&BareJid| self.state.allows_something(who, Permission::PRESENCE.0);
        people.iter().filter(permitted).cloned().collect()
    }

    /// As the original does: who gains or loses the right to see the presence is told so.
    fn tell_presence(&self, before: &BTreeSet<BareJid>, now: &BTreeSet<BareJid>) {
        let told = |kind, who: &BareJid| {
            if self
                .session
                .try_send(Presence::new(kind).to(who.clone()))
                .is_err()
            {
                tracing::warn!(%who, "a change of rights was not told: the queue to the bus is full");
            }
        };
        for who in now.difference(before) {
            told(PresenceKind::Subscribed, who);
        }
        for who in before.difference(now) {
            told(PresenceKind::Unsubscribed, who);
        }
    }

    /// Every change of rights is an event and a notification for the original's clients.
    pub(super) fn note_changes(&mut self, by: Option<&BareJid>, changes: &[PolicyChange]) {
        let mut people = BTreeSet::new();
        for change in changes {
            if let PolicyChange::Give(grant) | PolicyChange::Take(grant) = change {
                people.insert(grant.jid.clone());
            }
            let text = change.to_string();
            tracing::info!(by = by.map(ToString::to_string), "{text}");
            self.note(Fact {
                what: "rights",
                by: by.cloned(),
                text,
                audited: Some(("rights".to_owned(), Outcome::Done)),
                ..Fact::default()
            });
        }
        let now = self.state.clock.now();
        for who in people {
            let (family, change) = Known::Permissions(vec![who]).words();
            self.pusher.push(crate::push::push(family, &change, now));
        }
    }
}
