//! The permissions: the original's names, so that old grants keep their meaning.

use std::fmt;

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

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// The name.
    pub name: Permission,
    /// What its holder may do.
    pub summary: &'static str,
}

const fn row(name: &'static str, summary: &'static str) -> Meaning {
    Meaning {
        name: Permission(name),
        summary,
    }
}

/// All permissions of this build. None is granted to strangers.
pub static PERMISSIONS: &[Meaning] = &[
    row("all", "everything"),
    row("presence", "see whether the entity is there"),
    row("rostervm", "list a hypervisor's machines; watch its feed"),
    row("nodeinfo", "read what the host is"),
    row("ip", "read the host's address"),
    row("capabilities", "read the hypervisor's capabilities"),
    row("health_info", "read the host's load"),
    row("health_history", "read the host's load of the past"),
    row("health_logs", "read the agent's log"),
    row("info", "read a machine's state and figures"),
    row("xmldesc", "read a machine's definition"),
    row("create", "start a machine"),
    row("shutdown", "ask a guest to shut down"),
    row("destroy", "power a machine off"),
    row("reboot", "ask a guest to restart"),
    row("suspend", "pause a machine"),
    row("resume", "let a paused machine go on"),
    row("autostart", "set whether a machine starts with its host"),
];

/// The row of `name`.
pub fn find(name: &str) -> Option<&'static Meaning> {
    PERMISSIONS.iter().find(|row| row.name.0 == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verb::VERBS;

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
