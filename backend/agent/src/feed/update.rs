//! What a watcher is told: the parts of a snapshot, what changed, figures.

use archipel_protocol::{
    FullJid, VmId,
    feed::{HostLoad, Kind, Row, Update, Watch, fill},
};
use tokio::time::Instant;

use super::{
    numbers::{Item, Numbers},
    watches::{After, PACE, Watching},
};
use crate::state::State;

/// The answer to a watch: nothing, what changed, or the first part of everything.
pub(super) fn first(
    numbers: &Numbers,
    state: &State,
    watching: &mut Watching,
    watch: &Watch,
) -> Update {
    let known = watch.known.as_ref();
    match known.filter(|(epoch, seq)| numbers.covers(epoch, *seq)) {
        Some((_, seq)) => {
            watching.told = *seq;
            watching.paging = false;
            changes(numbers, state, watching).unwrap_or_else(|| {
                let rows = Vec::new();
                update(
                    numbers,
                    state,
                    watching,
                    Part {
                        kind: Kind::Unchanged,
                        rows,
                    },
                )
            })
        }
        None => {
            watching.told = numbers.newest();
            watching.told_tick = state.health.tick();
            snapshot(numbers, state, watching, None)
        }
    }
}

/// A further part of everything.
pub(super) fn page(
    numbers: &Numbers,
    state: &State,
    watching: &mut Watching,
    after: VmId,
) -> Update {
    snapshot(numbers, state, watching, Some(after))
}

/// Rows that belong together.
struct Part {
    kind: Kind,
    rows: Vec<Row>,
}

fn update(numbers: &Numbers, state: &State, watching: &mut Watching, part: Part) -> Update {
    watching.told_event = state.events.written();
    Update {
        watch: watching.id().clone(),
        epoch: numbers.epoch().clone(),
        seq: watching.told,
        kind: part.kind,
        newest_event: watching.told_event,
        rows: part.rows,
    }
}

fn snapshot(numbers: &Numbers, state: &State, watching: &mut Watching, after: After) -> Update {
    let mut rows = all_rows(state, watching, after).peekable();
    let mut taken = fill(&mut rows);
    if matches!(rows.peek(), Some(Row::VmLoad(_))) {
        // A machine's figures follow its row, and the next part goes on after whole machines.
        taken.pop();
    }
    let more = rows.peek().is_some();
    drop(rows);
    let next = last_machine(&taken).or(after).filter(|_| more);
    watching.paging = next.is_some();
    let kind = Kind::Snapshot {
        first: after.is_none(),
        next,
    };
    update(numbers, state, watching, Part { kind, rows: taken })
}

fn last_machine(rows: &[Row]) -> Option<VmId> {
    rows.iter().rev().find_map(|row| match row {
        Row::Vm(row) => Some(row.id),
        _ => None,
    })
}

fn all_rows<'a>(
    state: &'a State,
    watching: &'a Watching,
    after: After,
) -> Box<dyn Iterator<Item = Row> + 'a> {
    let machine_rows = move |(id, machine): (VmId, &crate::machines::Machine)| {
        let load = state
            .health
            .machine(id)
            .filter(|_| watching.metrics())
            .copied();
        [Some(Row::Vm(machine.row(id))), load.map(Row::VmLoad)]
    };
    match after {
        Some(after) => Box::new(state.machines.after(after).flat_map(machine_rows).flatten()),
        None => {
            let load = state.health.host_after(0);
            let load = load.map(|load| host_load(load, watching.metrics()));
            let host = [
                Some(Row::Host(Box::new(state.host_row(&watching.who.to_bare())))),
                load,
            ];
            let machines = state.machines.iter().flat_map(machine_rows);
            Box::new(host.into_iter().chain(machines).flatten())
        }
    }
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

/// What changed after the number that the watcher was told, as much as one stanza holds; `None`: nothing.
fn changes(numbers: &Numbers, state: &State, watching: &mut Watching) -> Option<Update> {
    let who = watching.who.to_bare();
    let mut rows = numbers
        .after(watching.told)
        .map(|(_, item)| match item {
            Item::Host => Row::Host(Box::new(state.host_row(&who))),
            Item::Vm(id) => state
                .machines
                .get(id)
                .map_or(Row::Gone(id), |machine| Row::Vm(machine.row(id))),
        })
        .peekable();
    let taken = fill(&mut rows);
    let last = taken.len().checked_sub(1)?;
    let kind = Kind::Delta {
        from: watching.told,
    };
    let (seq, _) = numbers.after(watching.told).nth(last)?;
    watching.told = seq;
    Some(update(numbers, state, watching, Part { kind, rows: taken }))
}

/// Tells one watcher what is due: state first, figures when no state is left to tell.
pub(super) fn flush(
    numbers: &Numbers,
    state: &State,
    watching: &mut Watching,
    now: Instant,
    send: &mut impl FnMut(&FullJid, Update) -> bool,
) {
    if watching.wake(numbers.newest(), state) > now || watching.paging {
        return;
    }
    if watching.told < numbers.newest() {
        flush_state(numbers, state, watching, now, send);
    } else if watching.figures_due(state) && watching.figures_at <= now {
        flush_figures(numbers, state, watching, now, send);
    } else {
        announce(numbers, state, watching, now, send);
    }
}

fn flush_state(
    numbers: &Numbers,
    state: &State,
    watching: &mut Watching,
    now: Instant,
    send: &mut impl FnMut(&FullJid, Update) -> bool,
) {
    let before = watching.told;
    let Some(update) = changes(numbers, state, watching) else {
        return;
    };
    if !send(&watching.who, update) {
        watching.told = before;
    }
    watching.sent(now, state.events.written());
}

fn flush_figures(
    numbers: &Numbers,
    state: &State,
    watching: &mut Watching,
    now: Instant,
    send: &mut impl FnMut(&FullJid, Update) -> bool,
) {
    let health = &state.health;
    let host = health
        .host_after(watching.told_tick)
        .map(|load| host_load(load, watching.metrics()));
    let machines = health
        .machines_after(watching.told_tick)
        .filter(|_| watching.metrics())
        .copied()
        .map(Row::VmLoad);
    let mut rows = host
        .into_iter()
        .chain(machines)
        .collect::<Vec<_>>()
        .into_iter()
        .peekable();
    while rows.peek().is_some() {
        let kind = Kind::Delta {
            from: watching.told,
        };
        let rows = fill(&mut rows);
        let part = update(numbers, state, watching, Part { kind, rows });
        if !send(&watching.who, part) {
            // All of them again a moment later: they are state, too.
            watching.figures_at = now + PACE;
            return;
        }
    }
    watching.told_tick = health.tick();
    watching.figures_at = now + watching.every();
    watching.sent(now, state.events.written());
}

/// Nothing changed but the number of the newest event.
fn announce(
    numbers: &Numbers,
    state: &State,
    watching: &mut Watching,
    now: Instant,
    send: &mut impl FnMut(&FullJid, Update) -> bool,
) {
    let kind = Kind::Delta {
        from: watching.told,
    };
    let rows = Vec::new();
    let update = update(numbers, state, watching, Part { kind, rows });
    send(&watching.who, update);
    watching.sent(now, state.events.written());
}
