//! A hypervisor with everything that hangs on it.

use std::collections::HashSet;

use archipel_protocol::VmId;

use crate::{
    changes::Changes,
    claims::Claims,
    event::{Cached, Contact, Reach, WatchState, Wire},
    hypervisor::Hypervisor,
    machines::Machines,
    time::{Freshness, Moment},
};

/// The most machines that are kept of one hypervisor; what an agent sends beyond is left out, with a warning.
pub const MACHINES_LIMIT: usize = 20_000;

/// A hypervisor with its machines.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) own: Hypervisor,
    pub(crate) machines: Machines,
    /// The machines mentioned since a snapshot began, while its last part has not come.
    pub(crate) snapshot: Option<HashSet<VmId>>,
    /// Whether the operator was told that there are too many machines.
    pub(crate) overfull: bool,
}

impl Host {
    pub(crate) fn new(contact: Contact, at: Moment) -> Self {
        Self {
            own: Hypervisor::new(contact, at),
            machines: Machines::default(),
            snapshot: None,
            overfull: false,
        }
    }

    /// Takes over what an earlier run knew, unless the feed spoke already. Answers with the uuids that became duplicates.
    pub(crate) fn remember(&mut self, cached: Cached, claims: &mut Claims) -> Vec<VmId> {
        if self.own.heard.is_some() || self.machines.len() > 0 {
            return Vec::new();
        }
        if let Some(row) = cached.host {
            self.own.describe(row);
        }
        self.own.heard = Some(cached.heard);
        let mut doubled = Vec::new();
        for row in cached.vms.into_iter().take(MACHINES_LIMIT) {
            let id = row.id;
            self.machines.put(&self.own.id, row, cached.heard);
            doubled.extend(claims.add(id, &self.own.id).then_some(id));
        }
        self.machines.mark_stale(cached.heard);
        self.own.fresh = Freshness::Stale {
            since: cached.heard,
        };
        doubled
    }

    pub(crate) fn set_reach(&mut self, reach: Reach, at: Moment) -> Changes {
        if self.own.reach == reach {
            return Changes::NONE;
        }
        if !reach.is_online() {
            self.own.watch = WatchState::Idle;
            self.mark_stale(at);
        }
        self.own.reach = reach;
        self.own.reach_since = at;
        Changes::ROWS
    }

    pub(crate) fn set_watch(&mut self, watch: WatchState, at: Moment) -> Changes {
        match &watch {
            WatchState::Live if self.snapshot.is_none() => self.mark_live(),
            WatchState::Failed(_) => self.mark_stale(at),
            _ => {}
        }
        self.own.watch = watch;
        Changes::ROWS
    }

    pub(crate) fn set_wire(&mut self, wire: Wire) -> Changes {
        let before = std::mem::replace(&mut self.own.wire, wire);
        Changes::ROWS.when(before != wire)
    }

    /// A new session of the operator knows nobody's presence yet.
    pub(crate) fn forget_presence(&mut self, at: Moment) {
        self.set_reach(Reach::Unknown, at);
        self.own.watch = WatchState::Idle;
    }

    pub(crate) fn mark_stale(&mut self, at: Moment) {
        self.snapshot = None;
        if self.own.fresh.is_live() {
            self.own.fresh = Freshness::Stale { since: at };
        }
        self.machines.mark_stale(at);
    }

    pub(crate) fn mark_live(&mut self) {
        if !self.own.fresh.is_live() {
            self.own.fresh = Freshness::Live;
            self.machines.mark_live();
        }
    }

    /// Takes all its claims back.
    pub(crate) fn release(&self, claims: &mut Claims) {
        for id in self.machines.ids() {
            claims.remove(id, &self.own.id);
        }
    }
}
