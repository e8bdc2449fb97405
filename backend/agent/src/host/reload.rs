//! New rules for a running agent.

use archipel_language::Permission;

use super::Host;
use crate::agent::Rules;

/// What a watcher of the feed must hold.
const WATCH: &str = "rostervm";

impl Host {
    /// Takes new root admins and a new rule of adoption. Who lost the right to watch is told nothing more.
    pub(super) fn reload(&mut self, rules: &Rules) {
        let access = self.state.access.with_admins(rules.admins.iter().cloned());
        if access != self.state.access {
            self.state.access = access;
            // Rights ride in the host's row.
            self.feed.host_changed();
        }
        let access = &self.state.access;
        self.feed
            .keep_only(|who| access.allows(&who.to_bare(), WATCH, None));
        self.greeted
            .retain(|who| access.allows(&who.to_bare(), Permission::PRESENCE.0, None));
        for id in self.state.machines.adopt(rules.adopt) {
            self.feed.vm_changed(id);
            self.follow_machine(id);
        }
        self.keep_managed();
        tracing::info!(admins = rules.admins.len(), "new rules are in force");
    }
}
