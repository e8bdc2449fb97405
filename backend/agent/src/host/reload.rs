//! New rules for a running agent.

use super::Host;
use crate::agent::Rules;

impl Host {
    /// Takes new root admins and a new rule of adoption. Who lost the right to watch is told nothing more.
    pub(super) fn reload(&mut self, rules: &Rules) {
        self.take_access(self.state.access.with_admins(rules.admins.iter().cloned()));
        self.state.folders.clone_from(&rules.folders);
        for id in self.state.machines.adopt(rules.adopt) {
            self.feed.vm_changed(id);
            self.follow_machine(id);
        }
        self.keep_managed();
        tracing::info!(admins = rules.admins.len(), "new rules are in force");
    }
}
