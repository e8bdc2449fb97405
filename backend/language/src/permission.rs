//! The permissions: the original's names, so that old grants keep their meaning.

mod table;

use std::fmt;

pub use table::PERMISSIONS;

/// The name of a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Permission(pub &'static str);

impl Permission {
    /// Everything.
    pub const ALL: Self = Self("all");
    /// To subscribe to an entity's presence.
    pub const PRESENCE: Self = Self("presence");
    /// No permission is needed.
    pub const NONE: Self = Self("");
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Who answers for a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Hypervisors.
    Hypervisor,
    /// Machines.
    Vm,
    /// Both.
    Both,
    /// The original's central agent, which speaks for the XMPP service.
    Bus,
}

/// What a permission is for: roles are made of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// To know that the entity is there and to talk with it.
    See,
    /// To read.
    Look,
    /// To read who may do what.
    Review,
    /// To use a machine as its guest.
    Use,
    /// To change a machine.
    Change,
    /// To lose something for good.
    Remove,
    /// To change a hypervisor.
    Host,
    /// To decide who may do what.
    Rule,
}

/// Where a name comes from, and who has it there without being given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The original makes it.
    Original {
        /// Whether everybody has it there whom nobody ever gave or took anything. Here nobody has.
        granted: bool,
    },
    /// A part of the original asks for it, and no part makes it: only who has `all` passes there.
    AskedFor,
    /// Ours.
    Ours,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// The name.
    pub name: Permission,
    /// Who answers for it.
    pub place: Place,
    /// What it is for.
    pub group: Group,
    /// Where it comes from. Whatever it says, nobody holds any permission here who was not given it.
    pub origin: Origin,
    /// What its holder may do.
    pub summary: &'static str,
}

/// The row of `name`.
pub fn find(name: &str) -> Option<&'static Meaning> {
    PERMISSIONS.iter().find(|row| row.name.0 == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verb::VERBS;

    #[test]
    fn no_name_means_two_things() {
        for (at, row) in PERMISSIONS.iter().enumerate() {
            assert!(PERMISSIONS[..at].iter().all(|other| other.name != row.name));
        }
    }

    #[test]
    fn one_permission_is_granted_in_the_original_and_one_is_ours() {
        let of = |origin| -> Vec<&str> {
            let rows = PERMISSIONS.iter().filter(|row| row.origin == origin);
            rows.map(|row| row.name.0).collect()
        };
        assert_eq!(of(Origin::Original { granted: true }), ["permission_get"]);
        assert_eq!(of(Origin::Ours), ["migrate_in"]);
    }

    #[test]
    fn every_verbs_permission_is_in_the_table() {
        for verb in VERBS {
            assert!(
                verb.permission == Permission::NONE || find(verb.permission.0).is_some(),
                "{}",
                verb.id
            );
        }
    }
}
