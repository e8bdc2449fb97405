//! The roles that ship: named sets of permissions to start from.
//!
//! As in the original a role is a template: applying it grants its permissions one by one, and nothing follows a role that
//! changes later.

use crate::permission::{Group, PERMISSIONS, Permission};

/// A role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: &'static str,
    /// Whom it is for.
    pub summary: &'static str,
    /// What it grants.
    pub grants: Grants,
    /// Whether it is meant to be granted with a scope, such as the tag of a team.
    pub scoped: bool,
}

/// What a role grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grants {
    /// The permission `all`.
    All,
    /// Every permission of these groups.
    Groups(&'static [Group]),
}

impl Role {
    /// The permissions that it grants.
    pub fn permissions(&self) -> Vec<Permission> {
        match self.grants {
            Grants::All => vec![Permission::ALL],
            Grants::Groups(groups) => PERMISSIONS
                .iter()
                .filter(|row| groups.contains(&row.group))
                .map(|row| row.name)
                .collect(),
        }
    }
}

/// The role with this name.
pub fn find(name: &str) -> Option<&'static Role> {
    ROLES.iter().find(|role| role.name == name)
}

/// All roles that ship.
pub static ROLES: &[Role] = &[
    Role {
        name: "admin",
        summary: "may do everything, grant rights included",
        grants: Grants::All,
        scoped: false,
    },
    Role {
        name: "operator",
        summary: "looks after hosts and machines; grants nothing, touches no accounts",
        grants: Grants::Groups(&[
            Group::See,
            Group::Look,
            Group::Use,
            Group::Change,
            Group::Remove,
            Group::Host,
        ]),
        scoped: false,
    },
    Role {
        name: "auditor",
        summary: "sees everything, who may do what included; changes nothing",
        grants: Grants::Groups(&[Group::See, Group::Look, Group::Review]),
        scoped: false,
    },
    Role {
        name: "owner",
        summary: "does with a machine what can be done with one; who makes one is its owner; grant it with the machine's id as scope",
        grants: Grants::Groups(&[
            Group::See,
            Group::Look,
            Group::Use,
            Group::Change,
            Group::Remove,
        ]),
        scoped: true,
    },
    Role {
        name: "guest-of-a-team",
        summary: "uses the machines of a team: power, screen, snapshots; grant it with the team's tag as scope",
        grants: Grants::Groups(&[Group::See, Group::Use]),
        scoped: true,
    },
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn holds(role: &str, permission: &str) -> bool {
        let permissions = find(role).unwrap().permissions();
        permissions.iter().any(|held| held.0 == permission)
    }

    #[test]
    fn roles_hold_what_they_say() {
        assert!(holds("admin", "all") && !holds("operator", "all"));
        assert!(holds("operator", "destroy") && !holds("operator", "permission_set"));
        assert!(
            !holds("operator", "permission_setown")
                && !holds("operator", "xmppserver_users_register")
        );
        assert!(holds("operator", "migrate_in") && !holds("operator", "getroster"));
        assert!(holds("owner", "define") && !holds("owner", "permission_set"));
        assert!(!holds("owner", "alloc") && !holds("owner", "clone"));
        assert!(holds("auditor", "permission_get") && holds("auditor", "xmldesc"));
        assert!(!holds("auditor", "create") && !holds("auditor", "permission_setown"));
        assert!(holds("guest-of-a-team", "vnc_display") && holds("guest-of-a-team", "create"));
        assert!(!holds("guest-of-a-team", "destroy") && !holds("guest-of-a-team", "rostervm"));
    }
}
