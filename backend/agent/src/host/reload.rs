//! New rules for a running agent: those of agent.toml, and what the host's administrator wrote into the store beside it.

use std::collections::{BTreeMap, BTreeSet};

use archipel_protocol::{
    BareJid,
    audit::{Head, Outcome},
};

use super::{Done, Host};
use crate::{
    access::Policy,
    agent::Rules,
    eventlog::Fact,
    machines::Remembered,
    store::{Store, StoreError, Tagged},
};

/// What of the store another process may have written.
pub(crate) struct Reread {
    policy: Policy,
    tags: BTreeMap<Tagged, Vec<String>>,
    managed: Vec<Remembered>,
    audit: Head,
}

impl Reread {
    async fn of(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            policy: store.policy().await?,
            tags: store.tags().await?,
            managed: store.managed().await?,
            audit: store.audit_head().await?,
        })
    }
}

impl Host {
    /// Takes new root admins and a new rule of adoption. Who lost the right to watch is told nothing more.
    pub(super) fn reload(&mut self, rules: &Rules) {
        self.note_admins(rules);
        self.take_access(self.state.access.with_admins(rules.admins.iter().cloned()));
        self.state.folders.clone_from(&rules.folders);
        self.state.originals.clone_from(&rules.originals);
        self.label_all();
        for id in self.state.machines.adopt(rules.adopt.clone()) {
            self.feed.vm_changed(id);
            self.follow_machine(id);
        }
        self.keep_managed();
        self.read_store();
        tracing::info!(admins = rules.admins.len(), "new rules are in force");
    }

    /// Reads what another process may have written.
    fn read_store(&mut self) {
        let (store, begun) = (self.tools.store.clone(), self.begun);
        self.jobs
            .spawn(async move { Done::Reread(begun, Box::new(Reread::of(&store).await)) });
    }

    /// Takes over what was read, unless something of it was begun to be changed meanwhile: then it is read again.
    pub(super) fn reread(&mut self, begun: u64, read: Result<Reread, StoreError>) {
        let read = match read {
            Ok(read) if begun == self.begun => read,
            Ok(_) => return self.read_store(),
            Err(error) => return tracing::error!(%error, "the store could not be read again"),
        };
        self.take_policy(read.policy);
        self.wrote_audit(read.audit);
        self.take_all_tags(read.tags);
        for machine in read.managed {
            self.take_managed(machine);
        }
    }

    fn take_all_tags(&mut self, mut tags: BTreeMap<Tagged, Vec<String>>) {
        let own = tags.remove(&None).unwrap_or_default();
        if own != self.state.tags {
            self.state.tags = own;
            self.feed.host_changed();
        }
        let tagged = tags.into_iter().filter_map(|(id, tags)| Some((id?, tags)));
        let people = self.scoped_people();
        let before = self.sight(&people);
        for id in self.state.machines.set_all_tags(tagged.collect()) {
            self.feed.vm_changed(id);
        }
        self.sight_changed(&people, &before);
    }

    fn take_managed(&mut self, machine: Remembered) {
        let Remembered { id, name, .. } = machine;
        if self.kept.contains_key(&id) {
            return;
        }
        self.kept.insert(id, name.clone());
        self.state.machines.manage(id, name);
        self.feed.vm_changed(id);
        self.follow_machine(id);
        self.refresh_vm(id);
    }

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
