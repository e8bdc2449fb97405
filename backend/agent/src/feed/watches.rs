//! Who watches.

use std::time::Duration;

use archipel_protocol::{
    Failure, FullJid, Seq, WatchId,
    feed::{Detail, LEASE_S, Watch},
};
use tokio::time::Instant;

use crate::{messages::Refusal, state::State};

/// The most watches of one person.
const PER_PERSON: usize = 8;
/// The most watches on one host.
const PER_HOST: usize = 64;
/// The least time between two updates to one watcher.
pub(super) const PACE: Duration = Duration::from_millis(50);
/// The least time between two updates that only announce a new number in the event log.
const EVENT_PACE: Duration = Duration::from_secs(1);

/// One watch.
#[derive(Debug)]
pub(super) struct Watching {
    id: WatchId,
    pub(super) who: FullJid,
    detail: Detail,
    every: Duration,
    /// The number that the watcher knows.
    pub(super) told: Seq,
    /// The newest event that it knows of.
    pub(super) told_event: u64,
    /// The sample whose figures it knows.
    pub(super) told_tick: u64,
    /// A snapshot is under way: deltas wait for its end.
    pub(super) paging: bool,
    /// The end of its lease.
    pub(super) ends: Instant,
    /// Not before.
    pub(super) state_at: Instant,
    /// Not before.
    pub(super) figures_at: Instant,
}

impl Watching {
    pub(super) fn id(&self) -> &WatchId {
        &self.id
    }

    pub(super) fn every(&self) -> Duration {
        self.every
    }

    pub(super) fn metrics(&self) -> bool {
        self.detail == Detail::Metrics
    }

    /// Whether there are figures that this watcher wants and does not know.
    pub(super) fn figures_due(&self, state: &State) -> bool {
        let health = &state.health;
        health.host_after(self.told_tick).is_some()
            || self.metrics() && health.machines_after(self.told_tick).next().is_some()
    }

    /// When something is to be done about it.
    pub(super) fn wake(&self, newest: Seq, state: &State) -> Instant {
        if self.paging {
            return self.ends;
        }
        let state_at = (self.told < newest).then_some(self.state_at);
        let event_at =
            (self.told_event < state.events.written()).then(|| self.state_at + EVENT_PACE);
        let figures_at = self
            .figures_due(state)
            .then(|| self.figures_at.max(self.state_at));
        let all = [state_at, event_at, figures_at, Some(self.ends)];
        all.into_iter().flatten().min().unwrap_or(self.ends)
    }
}

/// All watches of a host.
#[derive(Debug, Default)]
pub(super) struct Watches(Vec<Watching>);

impl Watches {
    /// The watch of this id and person, renewed or new.
    pub(super) fn admit(
        &mut self,
        who: FullJid,
        watch: &Watch,
        now: Instant,
    ) -> Result<&mut Watching, Failure> {
        self.0.retain(|watching| watching.ends > now);
        let known = |watching: &Watching| watching.id == watch.id && watching.who == who;
        let place = self.0.iter().position(known);
        if place.is_none() {
            self.refuse_too_many(&who)?;
            self.0.push(Watching::new(who, watch, now));
        }
        let place = place.unwrap_or(self.0.len() - 1);
        let watching = &mut self.0[place];
        watching.renew(watch, now);
        Ok(watching)
    }

    fn refuse_too_many(&self, who: &FullJid) -> Result<(), Refusal> {
        let who = who.to_bare();
        let own = |watching: &&Watching| watching.who.to_bare() == who;
        if self.0.iter().filter(own).count() >= PER_PERSON {
            let limit = PER_PERSON;
            return Err(Refusal::OwnWatches { who, limit });
        }
        if self.0.len() >= PER_HOST {
            return Err(Refusal::AllWatches(PER_HOST));
        }
        Ok(())
    }

    pub(super) fn find(&mut self, who: &FullJid, id: &WatchId) -> Result<&mut Watching, Failure> {
        let wanted = |watching: &&mut Watching| watching.id == *id && watching.who == *who;
        let found = self.0.iter_mut().find(wanted);
        Ok(found.ok_or_else(|| Refusal::NoWatch(id.clone()))?)
    }

    pub(super) fn end(&mut self, who: &FullJid, id: &WatchId) {
        self.0
            .retain(|watching| watching.id != *id || watching.who != *who);
    }

    pub(super) fn gone(&mut self, who: &FullJid) {
        self.0.retain(|watching| watching.who != *who);
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&Watching) -> bool) {
        self.0.retain(keep);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Watching> {
        self.0.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Watching> {
        self.0.iter_mut()
    }
}

impl Watching {
    /// Who looks more closely from now on has not been told what only the close look shows.
    fn renew(&mut self, watch: &Watch, now: Instant) {
        if std::mem::replace(&mut self.detail, watch.detail) != watch.detail {
            self.told_tick = 0;
        }
        self.every = Duration::from_secs(watch.every_s.into());
        self.figures_at = self.figures_at.min(now);
        self.ends = now + Duration::from_secs(LEASE_S.into());
    }

    fn new(who: FullJid, watch: &Watch, now: Instant) -> Self {
        Self {
            id: watch.id.clone(),
            who,
            detail: watch.detail,
            every: Duration::ZERO,
            told: Seq(0),
            told_event: 0,
            told_tick: 0,
            paging: false,
            ends: now,
            state_at: now,
            figures_at: now,
        }
    }
}
