//! Where somebody may put a new machine: nowhere, anywhere, or into a scope, whose tags it then has from the beginning.

use archipel_language::{Permission, Scope};
use archipel_protocol::{BareJid, VmId};
use jiff::Timestamp;

use super::{Access, Grant, PolicyChange, Subject, Target, policy::ROLE_PREFIX, right::holds};
use crate::{messages::Refusal, state::Identity};

/// What its maker may do with a machine.
const OWNER: &str = "owner";

/// A machine that is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planned<'a> {
    /// Who makes it.
    pub(crate) by: &'a BareJid,
    /// By which permission.
    pub(crate) permission: &'a str,
    /// Under which scope, if it was said.
    pub(crate) scope: Option<&'a str>,
    /// Its id.
    pub(crate) id: VmId,
    /// Tags that it would have from another.
    pub(crate) tags: &'a [String],
}

impl Planned<'_> {
    /// Whether it is in a scope when it has these tags.
    fn is_within(&self, scope: &Scope, hypervisor: &Identity, tags: &[String]) -> bool {
        let subject = Subject {
            hypervisor,
            id: self.id,
            tags,
        };
        holds(scope, subject)
    }
}

/// Where it comes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Placed {
    /// Its tags.
    pub(crate) tags: Vec<String>,
    /// What is granted with it.
    pub(crate) changes: Vec<PolicyChange>,
}

impl Access {
    /// Where the machine comes. What the maker could not set is not inherited; what the maker's scope wants is stamped on.
    pub(crate) fn place(
        &self,
        planned: Planned<'_>,
        hypervisor: &Identity,
        now: Timestamp,
    ) -> Result<Placed, Refusal> {
        let whole = self.allows(planned.by, planned.permission, Target::Host, now);
        if whole && planned.scope.is_none() {
            let until = self.latest(planned, now);
            let tags = self.tags(planned, hypervisor, &[], now);
            return Ok(self.placed(planned, tags, until, now));
        }
        let mut fitting: Vec<(Vec<String>, Option<Timestamp>)> = Vec::new();
        for (scope, until) in self.scopes(planned, now)? {
            let tags = self.tags(planned, hypervisor, &scope.stamps(), now);
            let known = fitting.iter().any(|(known, _)| *known == tags);
            if !known && planned.is_within(&scope, hypervisor, &tags) {
                fitting.push((tags, until));
            }
        }
        match fitting.pop() {
            None => Err(Refusal::Denied(planned.permission.to_owned())),
            Some(_) if !fitting.is_empty() => {
                Err(Refusal::WhichScope(planned.permission.to_owned()))
            }
            Some((tags, until)) => Ok(self.placed(planned, tags, until, now)),
        }
    }

    /// The scopes under which the maker may make it, those that last longest first, or of them the one that was asked for.
    fn scopes(
        &self,
        planned: Planned<'_>,
        now: Timestamp,
    ) -> Result<Vec<(Scope, Option<Timestamp>)>, Refusal> {
        let asked = planned.scope.map(Scope::parse).transpose();
        let asked = asked.map_err(|why| Refusal::NotAScope {
            scope: planned.scope.unwrap_or_default().to_owned(),
            why: why.to_string(),
        })?;
        let held = self.holdings(planned.by, planned.permission, now);
        let held = held.filter_map(|holding| Some((holding.scope()?.clone(), holding.expires)));
        let wanted = |scope: &Scope| asked.as_ref().is_none_or(|asked| asked == scope);
        let mut held: Vec<_> = held.filter(|(scope, _)| wanted(scope)).collect();
        held.sort_by_key(|(_, until)| std::cmp::Reverse(until.unwrap_or(Timestamp::MAX)));
        Ok(held)
    }

    /// The tags that it has from another, without guarded ones that the maker could not set, and those that are stamped on.
    fn tags(
        &self,
        planned: Planned<'_>,
        hypervisor: &Identity,
        stamps: &[String],
        now: Timestamp,
    ) -> Vec<String> {
        let stamped = Target::Machine(Subject {
            hypervisor,
            id: planned.id,
            tags: stamps,
        });
        let sets_all = self.allows(planned.by, "permission_set", stamped, now);
        let others = planned.tags.iter().filter(|tag| !stamps.contains(tag));
        let settable = others.filter(|tag| sets_all || !self.guards(tag));
        stamps.iter().chain(settable).cloned().collect()
    }

    /// How long the maker may make machines: what is granted with one lasts no longer.
    fn latest(&self, planned: Planned<'_>, now: Timestamp) -> Option<Timestamp> {
        let held = self.holdings(planned.by, planned.permission, now);
        let ends: Vec<Option<Timestamp>> = held
            .filter(|holding| holding.scope().is_none())
            .map(|holding| holding.expires)
            .collect();
        if ends.contains(&None) {
            return None;
        }
        ends.into_iter().flatten().max()
    }

    /// Who may do everything here anyway is granted nothing.
    fn placed(
        &self,
        planned: Planned<'_>,
        tags: Vec<String>,
        expires: Option<Timestamp>,
        now: Timestamp,
    ) -> Placed {
        let all = self.allows(planned.by, Permission::ALL.0, Target::Host, now);
        let grant = Grant {
            jid: planned.by.clone(),
            permission: format!("{ROLE_PREFIX}{OWNER}"),
            scope: Some(scope_of(planned.id)),
            expires,
        };
        Placed {
            tags,
            changes: (!all)
                .then_some(PolicyChange::Give(grant))
                .into_iter()
                .collect(),
        }
    }

    /// What takes away everything that is granted for this machine alone.
    pub(crate) fn without(&self, id: VmId) -> Vec<PolicyChange> {
        let scope = scope_of(id);
        let grants = self.policy().grants.iter();
        let own = grants.filter(|grant| grant.scope.as_ref() == Some(&scope));
        own.cloned().map(PolicyChange::Take).collect()
    }
}

/// The scope of one machine, as it is always written.
pub(crate) fn scope_of(id: VmId) -> String {
    let text = format!("id = {id}");
    Scope::parse(&text).map_or(text, |scope| scope.to_string())
}
