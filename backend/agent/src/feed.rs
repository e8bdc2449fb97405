//! The feed `urn:archipel:fleet:1`: what watchers were told, and what they must be told next.
//!
//! State has numbers: each change of a row gives it the next one, and a watcher's dirty rows are those behind the number it was told.
//! So nothing is queued per watcher; what is sent is always the newest. Figures are told after state, at the pace that
//! the watcher chose.

mod numbers;
mod update;
mod watches;

use archipel_protocol::{
    Epoch, Failure, FullJid, VmId, WatchId,
    feed::{Page, Update, Watch},
};
use tokio::time::Instant;

use self::{numbers::Numbers, update::View, watches::Watches};
use crate::state::State;

/// The feed of one host.
#[derive(Debug)]
pub(crate) struct Feed {
    numbers: Numbers,
    watches: Watches,
}

impl Feed {
    /// A feed whose numbers nobody knows yet.
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self {
            numbers: Numbers::new(epoch),
            watches: Watches::default(),
        }
    }

    /// The row of the host changed.
    pub(crate) fn host_changed(&mut self) {
        self.numbers.host_changed();
    }

    /// The row of a machine changed, appeared or went.
    pub(crate) fn vm_changed(&mut self, id: VmId) {
        self.numbers.vm_changed(id);
    }

    /// Begins or renews a watch; the answer tells what the watcher does not know.
    pub(crate) fn watch(
        &mut self,
        state: &State,
        who: FullJid,
        watch: &Watch,
        now: Instant,
    ) -> Result<Update, Failure> {
        let watching = self.watches.admit(who, watch, now)?;
        let numbers = &self.numbers;
        Ok(View { numbers, state }.first(watching, watch))
    }

    /// The next part of a snapshot.
    pub(crate) fn page(
        &mut self,
        state: &State,
        who: &FullJid,
        page: &Page,
    ) -> Result<Update, Failure> {
        let watching = self.watches.find(who, &page.id)?;
        let numbers = &self.numbers;
        Ok(View { numbers, state }.page(watching, page.after))
    }

    /// Ends one watch.
    pub(crate) fn unwatch(&mut self, who: &FullJid, id: &WatchId) {
        self.watches.end(who, id);
    }

    /// Ends all watches of somebody who went away.
    pub(crate) fn gone(&mut self, who: &FullJid) {
        self.watches.gone(who);
    }

    /// Ends all watches: the session in which they began is over.
    pub(crate) fn forget_watches(&mut self) {
        self.watches = Watches::default();
    }

    /// Who watches.
    pub(crate) fn watchers(&self) -> impl Iterator<Item = &FullJid> {
        self.watches.iter().map(|watching| &watching.who)
    }

    /// Ends the watches of all who may not watch any more.
    pub(crate) fn keep_only(&mut self, may: impl Fn(&FullJid) -> bool) {
        self.watches.retain(|watching| may(&watching.who));
    }

    /// Tells whoever is due. `send` says whether the update went out; what did not is tried again a moment later.
    pub(crate) fn flush(
        &mut self,
        state: &State,
        now: Instant,
        mut send: impl FnMut(&FullJid, Update) -> bool,
    ) {
        self.watches.retain(|watching| watching.ends > now);
        let numbers = &self.numbers;
        let view = View { numbers, state };
        for watching in self.watches.iter_mut() {
            view.flush(watching, now, &mut send);
        }
    }

    /// When [`Feed::flush`] has something to do.
    pub(crate) fn wake(&self, state: &State) -> Option<Instant> {
        let newest = self.numbers.newest();
        let all = self.watches.iter();
        all.map(|watching| watching.wake(newest, state)).min()
    }
}

#[cfg(test)]
mod tests;
