//! What is granted, as the store keeps it and as it is changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use archipel_protocol::BareJid;
use jiff::Timestamp;

/// What stands before the name of a role where a permission could stand.
pub(crate) const ROLE_PREFIX: &str = "role/";

/// A permission or a role that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// Who: the full bare address.
    pub jid: BareJid,
    /// The permission's name, or `role/` and that of a role.
    pub permission: String,
    /// Which machines, as a scope (`archipel_language::Scope`); `None`: the whole host with its machines.
    pub scope: Option<String>,
    /// When it ends by itself (UTC).
    pub expires: Option<Timestamp>,
}

/// All grants and the host's own roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Grows with every change, so that a host that missed one shows.
    pub version: u64,
    /// The grants, in order.
    pub grants: BTreeSet<Grant>,
    /// The permissions of each role that was made here; the shipped ones are `archipel_language::role::ROLES`.
    pub roles: BTreeMap<String, BTreeSet<String>>,
}

/// One change of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyChange {
    /// Somebody gets something; with another end than before that end counts.
    Give(Grant),
    /// Somebody loses what was granted to them with the same name and scope.
    Take(Grant),
    /// A role holds a permission from now on.
    Add {
        /// The role.
        role: String,
        /// The permission.
        permission: String,
    },
    /// A role holds a permission no more. A role without permissions is gone.
    Drop {
        /// The role.
        role: String,
        /// The permission.
        permission: String,
    },
}

impl Policy {
    /// What it is after `change`.
    pub(super) fn change(&mut self, change: &PolicyChange) {
        match change {
            PolicyChange::Give(grant) => {
                self.grants.retain(|known| !known.is_like(grant));
                self.grants.insert(grant.clone());
            }
            PolicyChange::Take(grant) => self.grants.retain(|known| !known.is_like(grant)),
            PolicyChange::Add { role, permission } => {
                self.roles
                    .entry(role.clone())
                    .or_default()
                    .insert(permission.clone());
            }
            PolicyChange::Drop { role, permission } => {
                if let Some(permissions) = self.roles.get_mut(role) {
                    permissions.remove(permission);
                }
                self.roles.retain(|_, permissions| !permissions.is_empty());
            }
        }
    }

    /// Whether `change` makes a difference.
    pub(crate) fn is_changed_by(&self, change: &PolicyChange) -> bool {
        self.changed(std::slice::from_ref(change)).version != self.version
    }

    /// What it is after `changes`; the same value where they change nothing.
    pub(crate) fn changed(&self, changes: &[PolicyChange]) -> Self {
        let mut policy = self.clone();
        for change in changes {
            policy.change(change);
        }
        if policy != *self {
            policy.version += 1;
        }
        policy
    }
}

impl Grant {
    /// Whether it is not over yet.
    pub(crate) fn lasts(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }

    /// Whether it is the same but for its end.
    fn is_like(&self, other: &Self) -> bool {
        (&self.jid, &self.permission, &self.scope) == (&other.jid, &other.permission, &other.scope)
    }
}

/// For people and the log.
impl fmt::Display for PolicyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |grant: &Grant| {
            let scope = grant.scope.as_ref();
            scope.map_or_else(String::new, |scope| format!(" for `{scope}`"))
        };
        match self {
            Self::Give(grant) => {
                let until = grant.expires.map(|end| format!(" until {end:.0}"));
                let until = until.unwrap_or_default();
                write!(
                    f,
                    "gave `{}` to {}{}{until}",
                    grant.permission,
                    grant.jid,
                    place(grant)
                )
            }
            Self::Take(grant) => {
                write!(
                    f,
                    "took `{}` from {}{}",
                    grant.permission,
                    grant.jid,
                    place(grant)
                )
            }
            Self::Add { role, permission } => {
                write!(f, "added `{permission}` to the role `{role}`")
            }
            Self::Drop { role, permission } => {
                write!(f, "dropped `{permission}` from the role `{role}`")
            }
        }
    }
}
