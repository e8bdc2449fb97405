//! The cache on its way to the disk.

use archipel_config::write_private;
use archipel_fleet::{Changes, Level};
use archipel_protocol::{HypervisorId, audit::Head};

use super::{Engine, from_now, timers::Timer, work::Done};
use crate::{audit::Anchors, cache::Snapshot, messages::NotSaved};

/// Whether there is something to save.
#[derive(Debug, Default)]
pub(super) struct State {
    changed: bool,
    /// Whether the operator was told that it does not work.
    told: bool,
}

impl State {
    /// What is known now came from the cache.
    pub(super) fn clean(&mut self) {
        self.changed = false;
    }
}

impl Engine {
    /// Figures alone are not worth a write.
    pub(super) fn note_for_saving(&mut self, changes: Changes) {
        if changes.has(Changes::ROWS | Changes::STRUCTURE) {
            self.save.changed = true;
            let at = from_now(self.settings.pace.save);
            self.timers.set_at_most(Timer::Save, at);
        }
    }

    pub(super) fn save(&mut self) {
        if let Some(write) = self.write() {
            self.start(async move { Done::Saved(write.await) });
        }
    }

    pub(super) async fn save_and_wait(&mut self) {
        let Some(write) = self.write() else { return };
        if let Err(error) = write.await {
            tracing::error!(%error, "the last known fleet could not be saved");
        }
    }

    /// The write, off the engine's thread; `None` where nothing changed.
    fn write(&mut self) -> Option<impl Future<Output = std::io::Result<()>> + Send + 'static> {
        if !std::mem::take(&mut self.save.changed) {
            return None;
        }
        self.timers.clear(&Timer::Save);
        let content = self.content().map_err(std::io::Error::other);
        let path = self.settings.paths.fleet_file();
        let (audit, seen) = (self.settings.paths.audit_file(), self.audits());
        let account = self.settings.profile.jid.clone();
        Some(async move {
            let content = content?;
            let write = move || {
                write_private(&path, &content)?;
                Anchors::load(audit, &account)?.see(seen)
            };
            tokio::task::spawn_blocking(write)
                .await
                .map_err(std::io::Error::other)?
        })
    }

    /// The ends of the audits that were told in this session.
    fn audits(&self) -> Vec<(HypervisorId, Head)> {
        let hosts = self.fleet.hypervisors();
        let told = hosts.filter_map(|host| Some((host.id.clone(), host.row.as_ref()?.audit?)));
        told.collect()
    }

    fn content(&self) -> serde_json::Result<Vec<u8>> {
        let last = |id: &HypervisorId| self.peers.get(id).and_then(|peer| peer.jid.clone());
        let snapshot = Snapshot {
            fleet: &self.fleet,
            account: &self.settings.profile.jid,
            now: self.settings.clock.now(),
            jids: &last,
        };
        snapshot.content()
    }

    pub(super) fn saved(&mut self, result: std::io::Result<()>) {
        if let Err(error) = result
            && !std::mem::replace(&mut self.save.told, true)
        {
            self.notice(Level::Warning, NotSaved(&error).to_string());
        }
    }
}
