//! Who may do what: the one place that decides.
//!
//! Root admins come from agent.toml, grants and roles from the store. Deny by default; a grant is for the whole host with its machines, or
//! for the machines of a [`Scope`]. Nothing else in the agent compares a requester with anything.

mod give;
mod place;
mod policy;
mod right;
mod why;

use std::collections::{BTreeMap, BTreeSet};

use archipel_language::{Permission, permission::PERMISSIONS};
use archipel_protocol::{
    BareJid, Failure,
    feed::{Rights, ScopedRights},
};
use jiff::Timestamp;

pub(crate) use place::{Placed, Planned, scope_of};
pub(crate) use policy::ROLE_PREFIX;
pub use policy::{Grant, Policy, PolicyChange};
use right::{Holding, Right};
pub(crate) use right::{Subject, Target, holds};

use crate::messages::Refusal;

/// What is known about rights at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access {
    admins: BTreeSet<BareJid>,
    policy: Policy,
    rights: BTreeMap<BareJid, Vec<Right>>,
}

impl Access {
    /// From the root admins and what the store holds.
    pub(crate) fn new(admins: impl IntoIterator<Item = BareJid>, policy: Policy) -> Self {
        let mut rights: BTreeMap<BareJid, Vec<Right>> = BTreeMap::new();
        for grant in &policy.grants {
            let right = Right::new(grant, &policy.roles);
            rights.entry(grant.jid.clone()).or_default().extend(right);
        }
        Self {
            admins: admins.into_iter().collect(),
            policy,
            rights,
        }
    }

    /// The same grants under other root admins.
    pub(crate) fn with_admins(&self, admins: impl IntoIterator<Item = BareJid>) -> Self {
        Self::new(admins, self.policy.clone())
    }

    /// The same root admins with other grants.
    pub(crate) fn with_policy(&self, policy: Policy) -> Self {
        Self::new(self.admins.iter().cloned(), policy)
    }

    /// What the store holds.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The root admins.
    pub(crate) fn admins(&self) -> &BTreeSet<BareJid> {
        &self.admins
    }

    /// Whether `who` may do what `permission` names to `target` at the moment `now`.
    pub(crate) fn allows(
        &self,
        who: &BareJid,
        permission: &str,
        target: Target<'_>,
        now: Timestamp,
    ) -> bool {
        permission == Permission::NONE.0
            || self.admins.contains(who)
            || self
                .holdings(who, permission, now)
                .any(|holding| holding.reaches(target))
    }

    /// As [`Access::allows`], with the refusal for whoever asked. `action` is what the requester called it.
    pub(crate) fn check(
        &self,
        who: Option<&BareJid>,
        permission: &str,
        action: &str,
        target: Target<'_>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        if who.is_some_and(|who| self.allows(who, permission, target, now)) {
            return Ok(());
        }
        Err(Refusal::Denied(action.to_owned()).into())
    }

    /// Everything that gives `who` this permission now.
    fn holdings<'a>(
        &'a self,
        who: &BareJid,
        permission: &'a str,
        now: Timestamp,
    ) -> impl Iterator<Item = &'a Holding> {
        let rights = self.rights.get(who).into_iter().flatten();
        rights
            .filter(move |right| right.names(permission) && right.holding.lasts(now))
            .map(|right| &right.holding)
    }

    /// Until when `who` may do it to `target`; `None`: without end.
    pub(crate) fn until(
        &self,
        who: &BareJid,
        permission: &str,
        target: Target<'_>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        if self.admins.contains(who) {
            return None;
        }
        let holdings = self.holdings(who, permission, now);
        let ends = holdings.filter(|holding| holding.reaches(target));
        let ends: Vec<Option<Timestamp>> = ends.map(|holding| holding.expires).collect();
        if ends.contains(&None) {
            return None;
        }
        ends.into_iter().max().flatten()
    }

    /// When the first grant ends after `then`.
    pub(crate) fn next_end(&self, then: Timestamp) -> Option<Timestamp> {
        let ends = self.policy.grants.iter().filter_map(|grant| grant.expires);
        ends.filter(|end| *end > then).min()
    }

    /// Whose grants ended after `then`, until `now`.
    pub(crate) fn over(&self, then: Timestamp, now: Timestamp) -> BTreeSet<BareJid> {
        let over = |end: Timestamp| then < end && end <= now;
        let grants = self.policy.grants.iter();
        let ended = grants.filter(|grant| grant.expires.is_some_and(over));
        ended.map(|grant| grant.jid.clone()).collect()
    }

    /// Whether a grant or its absence depends on `tag`: who adds or removes it decides who may do what.
    pub(crate) fn guards(&self, tag: &str) -> bool {
        let scopes = self.rights.values().flatten();
        scopes
            .filter_map(|right| right.holding.scope())
            .any(|scope| scope.names_tag(tag))
    }

    /// All that `who` may do here, for the feed: on the whole host, and scope by scope.
    pub(crate) fn rights(&self, who: &BareJid, now: Timestamp) -> (Rights, Vec<ScopedRights>) {
        if self.allows(who, Permission::ALL.0, Target::Host, now) {
            return (Rights::All, Vec::new());
        }
        let held = PERMISSIONS.iter().map(|row| row.name.0);
        let held = held.filter(|name| self.allows(who, name, Target::Host, now));
        let whole = Rights::Only(held.map(str::to_owned).collect());
        (whole, self.scoped(who, now))
    }

    fn scoped(&self, who: &BareJid, now: Timestamp) -> Vec<ScopedRights> {
        let mut scopes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for right in self.rights.get(who).into_iter().flatten() {
            let scope = right.holding.scope().filter(|_| right.holding.lasts(now));
            if let Some(scope) = scope {
                let names = right.permissions().map(str::to_owned);
                scopes.entry(scope.to_string()).or_default().extend(names);
            }
        }
        let rights = scopes.into_iter().map(|(scope, permissions)| ScopedRights {
            scope,
            rights: if permissions.contains(Permission::ALL.0) {
                Rights::All
            } else {
                Rights::Only(permissions.into_iter().collect())
            },
        });
        rights.collect()
    }
}

#[cfg(test)]
mod tests;
