//! New rules for a running agent.

use std::collections::BTreeSet;

use archipel_protocol::{BareJid, audit::Outcome};

use super::Host;
use crate::{agent::Rules, eventlog::Fact};

impl Host {
    /// Takes new root admins and a new rule of adoption. Who lost the right to watch is told nothing more.
    pub(super) fn reload(&mut self, rules: &Rules) {
        self.note_admins(rules);
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

impl Host {
    /// Who may do everything is no small matter: it stands in the log and in the audit.
    fn note_admins(&mut self, rules: &Rules) {
        let wanted: BTreeSet<BareJid> = rules.admins.iter().cloned().collect();
        if wanted == *self.state.access.admins() {
            return;
        }
        let names: Vec<&str> = wanted.iter().map(|jid| jid.as_str()).collect();
        self.note(Fact {
            what: "rights",
            text: format!("root admins: {}", names.join(", ")),
            audited: Some(("admins".to_owned(), Outcome::Done)),
            ..Fact::default()
        });
    }
}
