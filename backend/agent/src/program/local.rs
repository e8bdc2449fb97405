//! What the host's own administrator does to the store, without the bus: tags, roles, and who may do everything.
//!
//! It works whether the agent runs or not. Each command writes what it changes and its entry of the audit; an agent that runs takes it over
//! when it is reloaded.

mod admins;
mod roles;
mod tags;

use std::{fs, os::unix::fs::MetadataExt as _};

use archipel_protocol::{
    BareJid,
    audit::{Fact, Outcome},
    text::clean_line,
};
use jiff::Timestamp;

use super::{At, EXIT_SETTINGS, Failed, say};
use crate::{
    access::{Access, Policy, PolicyChange},
    settings::Settings,
    store::{FILE, Store},
};

pub(super) use admins::{Admins, run as admins};
pub(super) use roles::{Roles, run as roles};
pub(super) use tags::{Tags, run as tags};

/// The store of this host, opened by its owner.
pub(super) struct Local {
    pub(super) settings: Settings,
    pub(super) store: Store,
    who: String,
}

impl Local {
    /// Opens the store that the settings name. Its owner may, and root: what the database makes beside the file belongs to the file's owner
    /// then, too.
    pub(super) fn open(at: &At) -> Result<Self, Failed> {
        let settings = Settings::load(&at.config)?;
        let file = settings.state_dir.join(FILE);
        let refused = |text: String| Failed::new(text).with_code(EXIT_SETTINGS);
        let found = fs::metadata(&file).map_err(|error| {
            refused(format!(
                "there is no store `{}` yet ({error}): start the agent once",
                file.display()
            ))
        })?;
        let own = rustix::process::geteuid();
        if found.uid() != own.as_raw() && !own.is_root() {
            return Err(refused(format!(
                "`{}` belongs to user {}: run this as that user, such as: sudo -u archipel archipel-agent …",
                file.display(),
                found.uid()
            )));
        }
        let store = Store::open(&settings.state_dir).map_err(|error| Failed::of(&error))?;
        Ok(Self {
            settings,
            store,
            who: who(own.as_raw()),
        })
    }

    /// What is granted.
    async fn policy(&self) -> Result<Policy, Failed> {
        let policy = self.store.policy().await;
        policy.map_err(|error| Failed::of(&error))
    }

    /// Changes rights by the same rules as over the bus, as one who may do everything, and says how to make a running agent know.
    pub(super) async fn change(
        &self,
        changes: Vec<PolicyChange>,
        verb: &str,
    ) -> Result<(), Failed> {
        let owner = &self.settings.jid;
        let mut after = Access::new([owner.clone()], self.policy().await?);
        let before = after.policy().version;
        let mut texts = Vec::new();
        for change in &changes {
            if after.policy().is_changed_by(change) {
                texts.push(change.to_string());
            }
            let refused = after.may_change(owner, change, None, Timestamp::now());
            refused.map_err(|failure| Failed::new(failure.text).with_code(EXIT_SETTINGS))?;
            after = after.with_policy(after.policy().changed(std::slice::from_ref(change)));
        }
        if after.policy().version == before {
            say("nothing to change: it is so already");
            return Ok(());
        }
        let kept = self.store.change_policy(changes).await;
        let version = kept.map_err(|error| Failed::of(&error))?.version;
        self.note(verb, version, &texts).await?;
        texts.iter().for_each(say);
        reload();
        Ok(())
    }

    /// Writes the audit.
    pub(super) async fn note(
        &self,
        verb: &str,
        policy: u64,
        texts: &[String],
    ) -> Result<(), Failed> {
        let fact = |text: &String| Fact {
            at: Timestamp::now(),
            who: self.who.clone(),
            verb: verb.to_owned(),
            vm: None,
            name: String::new(),
            outcome: Outcome::Done,
            policy,
            text: text.clone(),
        };
        let written = self.store.append_audit(texts.iter().map(fact).collect());
        written.await.map(drop).map_err(|error| Failed::of(&error))
    }
}

/// Who sits here: the user, and who became it.
fn who(own: u32) -> String {
    let became = std::env::var("SUDO_USER").ok();
    let became = became.map(|name| format!(" ({})", clean_line(&name, 32)));
    format!("local:{own}{}", became.unwrap_or_default())
}

/// A running agent knows nothing of what was written before it is told.
pub(super) fn reload() {
    say("if the agent runs: systemctl reload archipel-agent");
}

/// A full bare address.
pub(super) fn address(text: &str) -> Result<BareJid, String> {
    let jid = BareJid::new(text).ok().filter(|jid| jid.node().is_some());
    jid.ok_or_else(|| "an address such as name@server".to_owned())
}

/// Runs what only reads and writes files.
pub(super) fn block<T>(work: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.map_err(|error| Failed::of(&error))?.block_on(work)
}
