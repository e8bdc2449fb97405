//! Who may do what, changed: kept on the disk first, then in force at once for every watcher and every request.

use std::collections::BTreeSet;

use archipel_protocol::{BareJid, Element, audit::Outcome, push::Known};

use super::{
    Contact, Done, Host, ask,
    wish::{Asker, Wished},
};
use crate::{
    access::{Access, Policy, PolicyChange},
    eventlog::Fact,
    messages::Refusal,
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
        let before = self.sight(&people);
        self.state.access = access;
        self.sight_changed(&people, &before);
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
