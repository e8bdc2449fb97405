//! Who may do what: the one place that decides.
//!
//! Root admins come from agent.toml, grants from the store. Deny by default. Nothing else in the agent compares a requester with
//! anything.

use std::collections::{BTreeMap, BTreeSet};

use archipel_language::{Permission, permission::PERMISSIONS};
use archipel_protocol::{BareJid, Failure, VmId, feed::Rights};

use crate::messages::Refusal;

/// A permission that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// Who: the full bare address.
    pub jid: BareJid,
    /// The permission's name.
    pub permission: String,
    /// Which machines; `None`: the whole host. Scopes other than the whole host are kept and grant nothing yet.
    pub scope: Option<String>,
}

/// What is known about rights at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Access {
    admins: BTreeSet<BareJid>,
    grants: BTreeMap<BareJid, BTreeSet<String>>,
}

impl Access {
    /// From the root admins and the store's grants.
    pub(crate) fn new(
        admins: impl IntoIterator<Item = BareJid>,
        grants: impl IntoIterator<Item = Grant>,
    ) -> Self {
        let mut held: BTreeMap<BareJid, BTreeSet<String>> = BTreeMap::new();
        for grant in grants.into_iter().filter(|grant| grant.scope.is_none()) {
            held.entry(grant.jid).or_default().insert(grant.permission);
        }
        Self {
            admins: admins.into_iter().collect(),
            grants: held,
        }
    }

    /// The same grants under other root admins.
    pub(crate) fn with_admins(&self, admins: impl IntoIterator<Item = BareJid>) -> Self {
        Self {
            admins: admins.into_iter().collect(),
            grants: self.grants.clone(),
        }
    }

    /// Whether `who` may do what `permission` names, to `vm` or to the host. A grant for the host covers its machines.
    pub(crate) fn allows(&self, who: &BareJid, permission: &str, _vm: Option<VmId>) -> bool {
        if permission == Permission::NONE.0 || self.admins.contains(who) {
            return true;
        }
        let held = self.grants.get(who);
        held.is_some_and(|held| held.contains(permission) || held.contains(Permission::ALL.0))
    }

    /// As [`Access::allows`], with the refusal for whoever asked. `action` is what the requester called it.
    pub(crate) fn check(
        &self,
        who: Option<&BareJid>,
        permission: &str,
        action: &str,
        vm: Option<VmId>,
    ) -> Result<(), Failure> {
        if who.is_some_and(|who| self.allows(who, permission, vm)) {
            return Ok(());
        }
        Err(Refusal::Denied(action.to_owned()).into())
    }

    /// All that `who` may do here, for the feed.
    pub(crate) fn rights(&self, who: &BareJid) -> Rights {
        if self.allows(who, Permission::ALL.0, None) {
            return Rights::All;
        }
        let held = PERMISSIONS.iter().map(|row| row.name.0);
        let held = held.filter(|name| self.allows(who, name, None));
        Rights::Only(held.map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use archipel_protocol::failure::FailureKind;

    use super::*;

    fn jid(text: &str) -> BareJid {
        text.parse().unwrap()
    }

    fn grant(who: &str, permission: &str, scope: Option<&str>) -> Grant {
        Grant {
            jid: jid(who),
            permission: permission.into(),
            scope: scope.map(str::to_owned),
        }
    }

    fn access() -> Access {
        let grants = [
            grant("olga@dc.example", "info", None),
            grant("olga@dc.example", "create", Some("tag = web")),
            grant("bob@dc.example", "all", None),
        ];
        Access::new([jid("admin@dc.example")], grants)
    }

    #[test]
    fn strangers_may_nothing_and_admins_everything() {
        let access = access();
        assert!(access.allows(&jid("admin@dc.example"), "destroy", None));
        assert!(!access.allows(&jid("admin@evil.example"), "destroy", None));
        assert!(!access.allows(&jid("eve@dc.example"), "presence", None));
        let denied = access.check(None, "info", "info", None).unwrap_err();
        assert_eq!(denied.kind, FailureKind::Forbidden);
        assert_eq!(denied.text, "Cannot use 'info': permission denied");
    }

    #[test]
    fn grants_count_by_name_and_all_covers_everything() {
        let access = access();
        assert!(access.allows(&jid("olga@dc.example"), "info", None));
        assert!(!access.allows(&jid("olga@dc.example"), "infos", None));
        assert!(access.allows(&jid("bob@dc.example"), "anything", None));
    }

    #[test]
    fn a_scope_that_cannot_be_evaluated_grants_nothing() {
        assert!(!access().allows(&jid("olga@dc.example"), "create", None));
    }

    #[test]
    fn rights_are_told_as_they_are_decided() {
        let access = access();
        assert_eq!(access.rights(&jid("bob@dc.example")), Rights::All);
        assert_eq!(
            access.rights(&jid("olga@dc.example")),
            Rights::Only(vec!["info".into()])
        );
        let changed = access.with_admins([jid("olga@dc.example")]);
        assert_eq!(changed.rights(&jid("olga@dc.example")), Rights::All);
    }
}
