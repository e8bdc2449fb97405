//! What a part of a hypervisor's feed changes.

use std::collections::HashSet;

use archipel_protocol::{
    VmId,
    feed::{Kind, Row, Update, VmRow},
};

use crate::{
    changes::Changes,
    claims::Claims,
    host::{Host, MACHINES_LIMIT},
    time::Moment,
};

/// What came of an update.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) changes: Changes,
    /// Uuids that another hypervisor claims too, since this update.
    pub(crate) doubled: Vec<VmId>,
    /// Whether machines were left out for the first time.
    pub(crate) overfull: bool,
}

/// Applies one update to one host.
pub(crate) struct Feeding<'a> {
    host: &'a mut Host,
    claims: &'a mut Claims,
    at: Moment,
    outcome: Outcome,
}

impl<'a> Feeding<'a> {
    pub(crate) fn new(host: &'a mut Host, claims: &'a mut Claims, at: Moment) -> Self {
        Self {
            host,
            claims,
            at,
            outcome: Outcome::default(),
        }
    }

    pub(crate) fn apply(mut self, update: Update) -> Outcome {
        self.begin(&update.kind);
        for row in update.rows {
            let changes = self.row(row);
            self.outcome.changes |= changes;
        }
        let own = &mut self.host.own;
        own.heard = Some(self.at);
        own.newest_event = update.newest_event;
        if self.finish(&update.kind) {
            self.host.own.known = Some((update.epoch, update.seq));
        }
        self.outcome
    }

    fn begin(&mut self, kind: &Kind) {
        match kind {
            Kind::Snapshot { first: true, .. } => self.host.snapshot = Some(HashSet::new()),
            Kind::Snapshot { first: false, .. } => {}
            Kind::Delta { .. } if self.host.snapshot.is_some() => {}
            Kind::Delta { .. } | Kind::Unchanged => {
                self.host.snapshot = None;
                self.come_alive();
            }
        }
    }

    /// Whether everything up to the update's number is known now.
    fn finish(&mut self, kind: &Kind) -> bool {
        if !matches!(kind, Kind::Snapshot { next: None, .. }) {
            return self.host.snapshot.is_none();
        }
        let Some(seen) = self.host.snapshot.take() else {
            return false;
        };
        for id in self.host.machines.others(&seen) {
            let changes = self.gone(id);
            self.outcome.changes |= changes;
        }
        self.come_alive();
        true
    }

    fn come_alive(&mut self) {
        self.outcome.changes |= Changes::ROWS.when(!self.host.own.fresh.is_live());
        self.host.mark_live();
    }

    fn row(&mut self, row: Row) -> Changes {
        match row {
            Row::Host(row) => {
                let changed = self.host.own.row.as_ref() != Some(&*row);
                self.host.own.describe(*row);
                Changes::ROWS.when(changed)
            }
            Row::HostLoad(load) => {
                self.host.own.measure(*load, self.at);
                Changes::LOAD
            }
            Row::Vm(row) => self.machine(row),
            Row::Gone(id) => self.gone(id),
            Row::VmLoad(load) => self.host.machines.measure(load),
        }
    }

    fn machine(&mut self, row: VmRow) -> Changes {
        let host = &mut *self.host;
        if host.machines.len() >= MACHINES_LIMIT && host.machines.get(row.id).is_none() {
            self.outcome.overfull |= !std::mem::replace(&mut host.overfull, true);
            return Changes::NONE;
        }
        if let Some(seen) = &mut host.snapshot {
            seen.insert(row.id);
        }
        if self.claims.add(row.id, &host.own.id) {
            self.outcome.doubled.push(row.id);
        }
        host.machines.put(&host.own.id, row, self.at)
    }

    fn gone(&mut self, id: VmId) -> Changes {
        let host = &mut *self.host;
        if let Some(seen) = &mut host.snapshot {
            seen.remove(&id);
        }
        if !host.machines.remove(id) {
            return Changes::NONE;
        }
        self.claims.remove(id, &host.own.id);
        Changes::STRUCTURE
    }
}
