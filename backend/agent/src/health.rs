//! The load of the host and its machines: sampled in bulk, turned into rates, told where it changed noticeably, kept as history.

mod noticeable;
mod rates;
mod recent;
mod rings;

use std::collections::{BTreeMap, VecDeque};

use archipel_protocol::{
    VmId,
    feed::{HostLoad, VmLoad},
    health::Sample,
    history::{Query, Series},
};
use jiff::Timestamp;

pub(crate) use rates::{Figures, Loads};

use self::{rates::Rates, rings::Rings};
use crate::store::StoredPoint;

/// Seconds between two samples.
pub(crate) const PERIOD_S: u32 = 5;
/// Samples kept in the original's form.
const RECENT: usize = 200;

/// A value that watchers were told, and the number of the sample in which it came.
#[derive(Debug, Clone)]
struct Told<T> {
    value: T,
    tick: u64,
}

/// What is known about load.
#[derive(Debug, Default)]
pub(crate) struct Health {
    rates: Rates,
    rings: Rings,
    recent: VecDeque<Sample>,
    figures: Option<Figures>,
    latest: Loads,
    tick: u64,
    host: Option<Told<HostLoad>>,
    machines: BTreeMap<VmId, Told<VmLoad>>,
}

impl Health {
    /// With the history of earlier lives.
    pub(crate) fn restored(points: Vec<StoredPoint>) -> Self {
        Self {
            rings: Rings::restored(points),
            ..Self::default()
        }
    }

    /// Takes a sample in.
    pub(crate) fn take(&mut self, figures: Figures) {
        self.tick += 1;
        let sample = recent::sample(self.figures.as_ref(), &figures);
        self.recent.push_front(sample);
        self.recent.truncate(RECENT);
        let loads = self.rates.next(&figures);
        self.rings.take(figures.wall, &loads.host);
        self.tell_host(&loads.host);
        self.tell_machines(&loads.machines);
        self.latest = loads;
        self.figures = Some(figures);
    }

    fn tell_host(&mut self, load: &HostLoad) {
        let known = self.host.as_ref();
        if known.is_none_or(|told| noticeable::host(&told.value, load)) {
            self.host = Some(Told {
                value: load.clone(),
                tick: self.tick,
            });
        }
    }

    fn tell_machines(&mut self, loads: &BTreeMap<VmId, VmLoad>) {
        self.machines.retain(|id, _| loads.contains_key(id));
        for (id, load) in loads {
            let known = self.machines.get(id);
            if known.is_none_or(|told| noticeable::vm(&told.value, load)) {
                let told = Told {
                    value: *load,
                    tick: self.tick,
                };
                self.machines.insert(*id, told);
            }
        }
    }

    /// The host's figures if they were told anew after sample `tick`.
    pub(crate) fn host_after(&self, tick: u64) -> Option<&HostLoad> {
        let told = self.host.as_ref().filter(|told| told.tick > tick)?;
        Some(&told.value)
    }

    /// The machines' figures told anew after sample `tick`.
    pub(crate) fn machines_after(&self, tick: u64) -> impl Iterator<Item = &VmLoad> {
        let news = self.machines.values().filter(move |told| told.tick > tick);
        news.map(|told| &told.value)
    }

    /// A machine's figures as told last.
    pub(crate) fn machine(&self, id: VmId) -> Option<&VmLoad> {
        self.machines.get(&id).map(|told| &told.value)
    }

    /// A machine's figures of the latest sample.
    pub(crate) fn machine_now(&self, id: VmId) -> Option<&VmLoad> {
        self.latest.machines.get(&id)
    }

    /// The number of the latest sample.
    pub(crate) fn tick(&self) -> u64 {
        self.tick
    }

    /// The latest counters.
    pub(crate) fn figures(&self) -> Option<&Figures> {
        self.figures.as_ref()
    }

    /// Samples in the original's form, newest first.
    pub(crate) fn recent(&self) -> &VecDeque<Sample> {
        &self.recent
    }

    /// A piece of history.
    pub(crate) fn series(&self, query: &Query, now: Timestamp) -> Series {
        self.rings.series(query, now)
    }

    /// What was not stored yet, and the oldest slot to keep per step.
    pub(crate) fn unsaved(&mut self) -> (Vec<StoredPoint>, Vec<(i64, i64)>) {
        self.rings.unsaved()
    }
}

#[cfg(test)]
mod tests;
