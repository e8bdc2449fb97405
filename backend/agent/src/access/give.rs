//! Who may change what others may do: nobody gives, or takes, what they do not hold themselves.

use archipel_language::{permission, role};
use archipel_protocol::{BareJid, Failure};
use jiff::Timestamp;

use super::{
    Access, Grant, PolicyChange, Target,
    policy::ROLE_PREFIX,
    right::{Holding, permissions},
};
use crate::messages::Refusal;

/// To change anyone's rights.
const SET: &str = "permission_set";

impl Access {
    /// Whether `who` may make `change`. `machine` is the target of the change where it is about one machine: then a right that covers
    /// this machine is enough; else the whole of what is given must be covered.
    ///
    /// To give up something of one's own needs nothing.
    pub(crate) fn may_change(
        &self,
        who: &BareJid,
        change: &PolicyChange,
        machine: Option<Target<'_>>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        self.known(change)?;
        if matches!(change, PolicyChange::Take(grant) if grant.jid == *who) {
            return Ok(());
        }
        let wanted = Wanted::of(change, machine);
        let named = permissions(wanted.permission, &self.policy().roles).unwrap_or_default();
        for permission in named.iter().map(String::as_str).chain([SET]) {
            if !self.covers(who, permission, &wanted, now) {
                return Err(Refusal::NotYours {
                    permission: permission.to_owned(),
                }
                .into());
            }
        }
        Ok(())
    }

    fn covers(&self, who: &BareJid, permission: &str, wanted: &Wanted<'_>, now: Timestamp) -> bool {
        self.admins().contains(who)
            || self
                .holdings(who, permission, now)
                .any(|holding| wanted.is_within(holding))
    }

    /// Names must mean something: a misspelt one would be kept and grant nothing.
    fn known(&self, change: &PolicyChange) -> Result<(), Refusal> {
        let (name, own_role) = match change {
            PolicyChange::Give(grant) => (&grant.permission, None),
            // What became meaningless can be taken away all the same.
            PolicyChange::Take(_) => return Ok(()),
            PolicyChange::Add { role, permission } | PolicyChange::Drop { role, permission } => {
                (permission, Some(role))
            }
        };
        if let Some(role) = own_role.filter(|role| role::find(role).is_some()) {
            return Err(Refusal::ShippedRole(role.clone()));
        }
        match name
            .strip_prefix(ROLE_PREFIX)
            .filter(|_| own_role.is_none())
        {
            Some(role) if permissions(name, &self.policy().roles).is_none() => {
                Err(Refusal::NoRole(role.to_owned()))
            }
            None if permission::find(name).is_none() => Err(Refusal::NoPermission(name.clone())),
            _ => Ok(()),
        }
    }
}

/// What a change is about.
struct Wanted<'a> {
    permission: &'a str,
    scope: Option<&'a str>,
    expires: Option<Timestamp>,
    machine: Option<Target<'a>>,
}

impl<'a> Wanted<'a> {
    fn of(change: &'a PolicyChange, machine: Option<Target<'a>>) -> Self {
        match change {
            PolicyChange::Give(Grant {
                permission,
                scope,
                expires,
                ..
            }) => Self {
                permission,
                scope: scope.as_deref(),
                expires: *expires,
                machine,
            },
            PolicyChange::Take(grant) => Self {
                permission: &grant.permission,
                scope: grant.scope.as_deref(),
                // Who may give for an hour may take what was given for ever.
                expires: Some(Timestamp::MIN),
                machine,
            },
            // A role may be granted anywhere, so its permissions are wanted everywhere.
            PolicyChange::Add { permission, .. } | PolicyChange::Drop { permission, .. } => Self {
                permission,
                scope: None,
                expires: None,
                machine: None,
            },
        }
    }

    /// Whether all of it is covered by what is held: the machines, and the time.
    fn is_within(&self, held: &Holding) -> bool {
        let long_enough = match (held.expires, self.expires) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(held), Some(wanted)) => wanted <= held,
        };
        long_enough
            && match held.scope() {
                None => true,
                Some(scope) => {
                    self.scope == Some(scope.to_string().as_str())
                        || self.machine.is_some_and(|machine| held.reaches(machine))
                }
            }
    }
}
