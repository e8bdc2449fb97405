//! What a watcher is told: the parts of a snapshot, what changed, figures.

use archipel_protocol::{
    BareJid, FullJid, Seq, VmId,
    feed::{HostLoad, Kind, Row, Update, VmLoad, Watch, fill},
};
use tokio::time::Instant;

use super::{
    numbers::{Item, Numbers},
    watches::{PACE, Watching},
};
use crate::{machines::Machine, state::State};

/// What can be told at one moment.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) numbers: &'a Numbers,
    pub(super) state: &'a State,
}

impl<'a> View<'a> {
    /// The answer to a watch: nothing, what changed, or the first part of everything.
    pub(super) fn first(self, watching: &mut Watching, watch: &Watch) -> Update {
        let known = watch.known.as_ref();
        let known = known.filter(|(epoch, seq)| self.numbers.covers(epoch, *seq));
        let Some((_, seq)) = known else {
            watching.told = self.numbers.newest();
            watching.told_tick = self.state.health.tick();
            return self.snapshot(watching, None);
        };
        watching.told = *seq;
        watching.paging = false;
        self.changes(watching)
            .unwrap_or_else(|| self.update(watching, Kind::Unchanged, Vec::new()))
    }

    /// The part of everything that comes after the machine `after`.
    pub(super) fn page(self, watching: &mut Watching, after: VmId) -> Update {
        self.snapshot(watching, Some(after))
    }

    /// Tells one watcher what is due: state first, figures when no state is left to tell. `send` says whether an update went out.
    pub(super) fn flush(
        self,
        watching: &mut Watching,
        now: Instant,
        send: &mut impl FnMut(&FullJid, Update) -> bool,
    ) {
        if watching.paging || watching.wake(self.numbers.newest(), self.state) > now {
            return;
        }
        if watching.told < self.numbers.newest() {
            self.flush_state(watching, now, send);
        } else if watching.figures_due(self.state) && watching.figures_at <= now {
            self.flush_figures(watching, now, send);
        } else {
            self.announce(watching, now, send);
        }
    }

    fn flush_state(
        self,
        watching: &mut Watching,
        now: Instant,
        send: &mut impl FnMut(&FullJid, Update) -> bool,
    ) {
        let before = watching.told;
        let update = self.changes(watching);
        if !update.is_some_and(|update| send(&watching.who, update)) {
            watching.told = before;
        }
        watching.state_at = now + PACE;
    }

    fn flush_figures(
        self,
        watching: &mut Watching,
        now: Instant,
        send: &mut impl FnMut(&FullJid, Update) -> bool,
    ) {
        let rows: Vec<Row> = self.figures(watching).collect();
        let mut rows = rows.into_iter().peekable();
        watching.state_at = now + PACE;
        while rows.peek().is_some() {
            let update = self.same(watching, fill(&mut rows));
            if !send(&watching.who, update) {
                // All of them again a moment later: they are state, too.
                watching.figures_at = now + PACE;
                return;
            }
        }
        watching.told_tick = self.state.health.tick();
        watching.figures_at = now + watching.every();
    }

    /// Nothing changed but the number of the newest event. If this does not go out, the next update says it.
    fn announce(
        self,
        watching: &mut Watching,
        now: Instant,
        send: &mut impl FnMut(&FullJid, Update) -> bool,
    ) {
        let update = self.same(watching, Vec::new());
        send(&watching.who, update);
        watching.state_at = now + PACE;
    }

    fn update(self, watching: &mut Watching, kind: Kind, rows: Vec<Row>) -> Update {
        watching.told_event = self.state.events.written();
        Update {
            watch: watching.id().clone(),
            epoch: self.numbers.epoch().clone(),
            seq: watching.told,
            kind,
            newest_event: watching.told_event,
            rows,
        }
    }

    /// An update that does not change the number.
    fn same(self, watching: &mut Watching, rows: Vec<Row>) -> Update {
        let from = self.known(watching);
        self.update(watching, Kind::Delta { from }, rows)
    }

    fn snapshot(self, watching: &mut Watching, after: Option<VmId>) -> Update {
        let mut rows = self.all(watching, after).peekable();
        let mut taken = fill(&mut rows);
        if matches!(rows.peek(), Some(Row::VmLoad(_))) {
            // A machine's figures follow its row, and the next part goes on after whole machines.
            taken.pop();
        }
        let more = rows.peek().is_some();
        drop(rows);
        let next = last_machine(&taken).or(after).filter(|_| more);
        watching.paging = next.is_some();
        let first = after.is_none();
        self.update(watching, Kind::Snapshot { first, next }, taken)
    }

    fn all(self, watching: &Watching, after: Option<VmId>) -> Box<dyn Iterator<Item = Row> + 'a> {
        let metrics = watching.metrics();
        let who = watching.who.to_bare();
        let owner = who.clone();
        let rows = move |(id, machine): (VmId, &Machine)| {
            if !self.state.shows(&owner, id) {
                return [None, None];
            }
            let load = self.state.health.machine(id).filter(|_| metrics);
            [
                Some(Row::Vm(machine.row(id))),
                load.copied().map(Row::VmLoad),
            ]
        };
        if let Some(after) = after {
            let rest = self.state.machines.after(after);
            return Box::new(rest.flat_map(rows).flatten());
        }
        let host = Row::Host(Box::new(self.state.host_row(&who)));
        let load = self.state.health.host_after(0);
        let load = load.map(|load| host_load(load, metrics));
        let machines = self.state.machines.iter().flat_map(rows);
        Box::new([Some(host), load].into_iter().chain(machines).flatten())
    }

    /// What changed after the number that the watcher was told, as much as one stanza holds; `None`: nothing.
    fn changes(self, watching: &mut Watching) -> Option<Update> {
        let from = self.known(watching);
        let who = watching.who.to_bare();
        let news = self.numbers.after(from);
        let mut rows = news
            .map(|(_, item)| match item {
                Item::Host => Row::Host(Box::new(self.state.host_row(&who))),
                Item::Vm(id) => self.vm(id, &who),
            })
            .peekable();
        let taken = fill(&mut rows);
        let last = taken.len().checked_sub(1)?;
        (watching.told, _) = self.numbers.after(from).nth(last)?;
        Some(self.update(watching, Kind::Delta { from }, taken))
    }

    /// What the watcher knows. One that fell too far behind is told of a number that it does not know, and asks again.
    fn known(self, watching: &Watching) -> Seq {
        watching.told.max(self.numbers.horizon())
    }

    /// A machine that the watcher may not see is none.
    fn vm(self, id: VmId, who: &BareJid) -> Row {
        let machine = self.state.machines.get(id);
        let machine = machine.filter(|_| self.state.shows(who, id));
        machine.map_or(Row::Gone(id), |machine| Row::Vm(machine.row(id)))
    }

    /// The figures that this watcher wants and does not know.
    fn figures(self, watching: &Watching) -> impl Iterator<Item = Row> + use<'a> {
        let (told, metrics) = (watching.told_tick, watching.metrics());
        let health = &self.state.health;
        let host = health.host_after(told).map(|load| host_load(load, metrics));
        let who = watching.who.to_bare();
        let shown = move |load: &&VmLoad| metrics && self.state.shows(&who, load.id);
        let machines = health.machines_after(told).filter(shown);
        host.into_iter().chain(machines.copied().map(Row::VmLoad))
    }
}

fn last_machine(rows: &[Row]) -> Option<VmId> {
    rows.iter().rev().find_map(|row| match row {
        Row::Vm(row) => Some(row.id),
        _ => None,
    })
}

/// File systems and interfaces are for those who look closely.
fn host_load(load: &HostLoad, metrics: bool) -> Row {
    let mut load = load.clone();
    if !metrics {
        load.file_systems.clear();
        load.interfaces.clear();
    }
    Row::HostLoad(Box::new(load))
}
