//! Accounts in machines' descriptions, as long as the settings name hosts with the original agent.

use std::collections::BTreeSet;

use archipel_config::Secret;
use archipel_protocol::{BareJid, VmId, migration::Account};

use super::{Done, Host, Tools};
use crate::{
    calls::CallError,
    definitions::{Label, Labelled},
    store::StoreError,
};

/// Which descriptions are to be looked at.
#[derive(Debug, Default)]
pub(super) struct Labels {
    all: bool,
    due: BTreeSet<VmId>,
    /// One round at a time: the next one begins from what is wanted then.
    running: bool,
}

/// Why a description could not be brought to what it is to be.
#[derive(Debug, thiserror::Error)]
enum LabelError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Call(#[from] CallError),
}

impl Host {
    /// Looks at all machines whose definitions hold an account, or are to hold one.
    pub(super) fn label_all(&mut self) {
        self.labels.all = true;
    }

    /// Looks at one machine, where accounts are written at all.
    pub(super) fn label(&mut self, id: VmId) {
        if !self.state.originals.is_empty() {
            self.labels.due.insert(id);
        }
    }

    /// Looks at one that is let go: what was written about it goes, whatever the settings say by now.
    pub(super) fn unlabel(&mut self, id: VmId) {
        self.labels.due.insert(id);
    }

    /// Begins what is due.
    pub(super) fn label_again(&mut self) {
        let labels = &mut self.labels;
        let is_due = labels.all || !labels.due.is_empty();
        if labels.running || !is_due {
            return;
        }
        let (all, due) = (
            std::mem::take(&mut labels.all),
            std::mem::take(&mut labels.due),
        );
        labels.running = true;
        let round = Round {
            tools: self.tools.clone(),
            wanted: self.wanted_labels(|id| all || due.contains(&id)),
            looked_at: (!all).then_some(due),
        };
        self.jobs.spawn(async move {
            if let Err(error) = round.run().await {
                tracing::error!(%error, "which definitions hold an account is not known");
            }
            Done::Labelled
        });
    }

    pub(super) fn labelled(&mut self) {
        self.labels.running = false;
    }

    fn wanted_labels(&self, is_due: impl Fn(VmId) -> bool) -> Vec<(VmId, BareJid)> {
        if self.state.originals.is_empty() {
            return Vec::new();
        }
        let managed = self.state.machines.iter();
        managed
            .filter(|(id, machine)| {
                let persistent = machine.domain.as_ref();
                machine.managed && is_due(*id) && persistent.is_some_and(|domain| domain.persistent)
            })
            .filter_map(|(id, _)| Some((id, self.state.identity.machine(id)?)))
            .collect()
    }
}

/// One look at some machines.
struct Round {
    tools: Tools,
    /// These are to have their account.
    wanted: Vec<(VmId, BareJid)>,
    /// `None`: all.
    looked_at: Option<BTreeSet<VmId>>,
}

impl Round {
    async fn run(self) -> Result<(), StoreError> {
        let is_due = |vm: &VmId| {
            let looked_at = self.looked_at.as_ref();
            let is_wanted = self.wanted.iter().any(|(wanted, _)| wanted == vm);
            !is_wanted && looked_at.is_none_or(|due| due.contains(vm))
        };
        let known = self.tools.store.labelled().await?;
        for vm in known.iter().copied().filter(is_due) {
            told(vm, self.take_away(vm).await);
        }
        for (vm, jid) in &self.wanted {
            let is_known = known.contains(vm);
            told(*vm, self.write(*vm, jid, is_known).await);
        }
        Ok(())
    }

    /// Noted before it is written, so that what is written is found.
    async fn write(&self, vm: VmId, jid: &BareJid, is_known: bool) -> Result<(), LabelError> {
        let store = &self.tools.store;
        let Some(stored) = store.secret(jid).await?.filter(|stored| stored.confirmed) else {
            return Ok(());
        };
        if !is_known {
            store.keep_labelled(vec![vm], true).await?;
        }
        let account = account(jid, vm, &stored.secret);
        if self.apply(vm, Some(account)).await? == Labelled::Words {
            tracing::warn!(%vm, "a machine has a description of its own: a host with the original agent cannot take it over");
        }
        Ok(())
    }

    async fn take_away(&self, vm: VmId) -> Result<(), LabelError> {
        self.apply(vm, None).await?;
        Ok(self.tools.store.keep_labelled(vec![vm], false).await?)
    }

    async fn apply(&self, vm: VmId, account: Option<Account>) -> Result<Labelled, LabelError> {
        let label = Label { vm, account };
        let turn = self.tools.calls.change_turn().await?;
        let mut running = self
            .tools
            .calls
            .change(turn, move |driver| label.apply(driver));
        Ok(running.answer().await?)
    }
}

fn account(jid: &BareJid, vm: VmId, secret: &Secret) -> Account {
    Account {
        jid: jid.clone(),
        vm,
        password: archipel_protocol::Secret::new(secret.expose()),
    }
}

fn told(vm: VmId, done: Result<(), LabelError>) {
    if let Err(error) = done {
        tracing::warn!(%vm, %error, "a machine's description was not brought to what agent.toml says");
    }
}
