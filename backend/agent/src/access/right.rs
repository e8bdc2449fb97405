//! One grant as it is evaluated: who may what, on which machines, until when.

use std::collections::{BTreeMap, BTreeSet};

use archipel_language::{Field, Permission, Record, Scope, Value, role};
use archipel_protocol::VmId;
use jiff::Timestamp;

use super::{Grant, policy::ROLE_PREFIX};
use crate::state::Identity;

/// What somebody wants to do something to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target<'a> {
    /// The host as a whole: a grant for some machines is not enough.
    Host,
    /// One machine.
    Machine(Subject<'a>),
    /// Whatever the requester may see: a grant for any machine is enough, and what is answered is filtered machine by machine.
    Anything,
}

/// A machine as scopes see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// Its hypervisor.
    pub(crate) hypervisor: &'a Identity,
    /// Its id.
    pub(crate) id: VmId,
    /// Its tags as this agent has them: nobody else's word counts.
    pub(crate) tags: &'a [String],
}

/// A machine, its id written out.
struct Written<'a>(Subject<'a>, String);

/// Whether a machine is in a scope.
pub(crate) fn holds(scope: &Scope, subject: Subject<'_>) -> bool {
    scope.holds(&Written(subject, subject.id.to_string()))
}

impl Record for Written<'_> {
    fn value(&self, field: Field) -> Value<'_> {
        match field {
            Field::Hypervisor => {
                let Identity { node, account, .. } = self.0.hypervisor;
                Value::Texts(Box::new([node.as_str(), account.as_str()].into_iter()))
            }
            Field::Id => Value::Text(&self.1),
            Field::Tag => Value::Texts(Box::new(self.0.tags.iter().map(String::as_str))),
            _ => Value::Missing,
        }
    }
}

/// Where and until when something is granted.
#[derive(Debug, Clone)]
pub(super) struct Holding {
    scope: Option<Scope>,
    /// The first moment at which it is over.
    pub(super) expires: Option<Timestamp>,
}

impl Holding {
    /// Whether it is not over yet.
    pub(super) fn lasts(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }

    /// Whether it is about `target`.
    pub(super) fn reaches(&self, target: Target<'_>) -> bool {
        match (&self.scope, target) {
            (None, _) | (_, Target::Anything) => true,
            (Some(_), Target::Host) => false,
            (Some(scope), Target::Machine(subject)) => holds(scope, subject),
        }
    }

    /// Which machines it is about; `None`: the whole host.
    pub(super) fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }
}

/// A grant that can be evaluated.
#[derive(Debug, Clone)]
pub(super) struct Right {
    permissions: BTreeSet<String>,
    pub(super) holding: Holding,
}

impl Right {
    /// `None`: the grant names a role that is not there, or a scope that cannot be understood. Such a grant gives nothing.
    pub(super) fn new(grant: &Grant, roles: &BTreeMap<String, BTreeSet<String>>) -> Option<Self> {
        let scope = match &grant.scope {
            None => None,
            Some(text) => Some(Scope::parse(text).ok()?),
        };
        Some(Self {
            permissions: permissions(&grant.permission, roles)?,
            holding: Holding {
                scope,
                expires: grant.expires,
            },
        })
    }

    /// Whether `permission` is in it.
    pub(super) fn names(&self, permission: &str) -> bool {
        self.permissions.contains(permission) || self.permissions.contains(Permission::ALL.0)
    }

    /// The permissions in it.
    pub(super) fn permissions(&self) -> impl Iterator<Item = &str> {
        self.permissions.iter().map(String::as_str)
    }
}

/// What `name` stands for: itself, or all of a role. The roles that ship are fixed.
pub(super) fn permissions(
    name: &str,
    roles: &BTreeMap<String, BTreeSet<String>>,
) -> Option<BTreeSet<String>> {
    let Some(wanted) = name.strip_prefix(ROLE_PREFIX) else {
        return Some(BTreeSet::from([name.to_owned()]));
    };
    if let Some(shipped) = role::find(wanted) {
        let permissions = shipped.permissions().into_iter();
        return Some(
            permissions
                .map(|permission| permission.0.to_owned())
                .collect(),
        );
    }
    roles.get(wanted).cloned()
}
