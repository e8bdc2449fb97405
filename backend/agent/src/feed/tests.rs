#![allow(clippy::unwrap_used)]
use std::{collections::BTreeSet, time::Duration};

use archipel_hypervisor::{HostSample, Node, Statistics, simulated::machines};
use archipel_protocol::{
    Seq,
    failure::FailureKind,
    feed::{Detail, Kind, LEASE_S, LIMIT, Row},
};

use super::*;
use crate::{
    access::{Access, Policy},
    clock::Clock,
    eventlog::{EventLog, Fact},
    health::{Figures, Health},
    logging::LogTail,
    machines::Machines,
    state::Identity,
};

fn state(count: u32) -> State {
    let mut all = Machines::default();
    all.list(machines(count), &BTreeSet::new());
    State {
        originals: Vec::new(),
        folders: Vec::new(),
        identity: Identity {
            account: "hv@dc.example".parse().unwrap(),
            full: "hv@dc.example/x".parse().unwrap(),
            node: "hv".into(),
        },
        node: Node::default(),
        outage: None,
        machines: all,
        health: Health::default(),
        events: EventLog::default(),
        access: Access::new(["olga@dc.example".parse().unwrap()], Policy::default()),
        clock: Clock::system(),
        log: LogTail::default(),
        tags: Vec::new(),
        audit: archipel_protocol::audit::Head::default(),
    }
}

fn feed() -> Feed {
    Feed::new("e".parse().unwrap())
}

fn who(number: u32) -> FullJid {
    format!("olga@dc.example/{number}").parse().unwrap()
}

fn watch(id: &str, known: Option<u64>) -> Watch {
    Watch {
        id: id.parse().unwrap(),
        known: known.map(|seq| ("e".parse().unwrap(), Seq(seq))),
        detail: Detail::Metrics,
        every_s: 1,
    }
}

/// All that is due at `now`.
fn flush(feed: &mut Feed, state: &State, now: Instant) -> Vec<Update> {
    let mut sent = Vec::new();
    feed.flush(state, now, |_, update| {
        sent.push(update);
        true
    });
    sent
}

fn ids(rows: &[Row]) -> Vec<VmId> {
    let id = |row: &Row| match row {
        Row::Vm(row) => Some(row.id),
        Row::Gone(id) => Some(*id),
        _ => None,
    };
    rows.iter().filter_map(id).collect()
}

#[test]
fn a_snapshot_comes_in_parts_and_deltas_wait_for_its_end() {
    let (mut feed, mut state, now) = (feed(), state(1_000), Instant::now());
    let mut update = feed.watch(&state, who(1), &watch("w", None), now).unwrap();
    let mut all = ids(&update.rows);
    assert!(matches!(update.rows[0], Row::Host(_)));
    feed.vm_changed(all[0]);
    while let Kind::Snapshot {
        next: Some(after), ..
    } = update.kind
    {
        assert_eq!(flush(&mut feed, &state, now), []);
        let page = Page {
            id: "w".parse().unwrap(),
            after,
        };
        update = feed.page(&state, &who(1), &page).unwrap();
        assert!(String::from(&update.to_element()).len() <= LIMIT);
        assert_eq!(update.seq, Seq(0));
        all.extend(ids(&update.rows));
    }
    let expected: Vec<VmId> = machines(1_000).iter().map(|domain| domain.id).collect();
    assert_eq!(all, expected);
    state.machines.missing(all[0]);
    let delta = flush(&mut feed, &state, now);
    assert_eq!(delta[0].rows, [Row::Gone(all[0])]);
    assert_eq!(
        (&delta[0].kind, delta[0].seq),
        (&Kind::Delta { from: Seq(0) }, Seq(1))
    );
}

#[test]
fn who_knows_everything_is_told_so_and_who_knows_less_the_rest() {
    let (mut feed, state, now) = (feed(), state(3), Instant::now());
    let all = ids(&feed
        .watch(&state, who(1), &watch("w", None), now)
        .unwrap()
        .rows);
    for id in &all {
        feed.vm_changed(*id);
    }
    let update = feed
        .watch(&state, who(2), &watch("w", Some(1)), now)
        .unwrap();
    assert_eq!((ids(&update.rows), update.seq), (all[1..].to_vec(), Seq(3)));
    let update = feed
        .watch(&state, who(2), &watch("w", Some(3)), now)
        .unwrap();
    assert_eq!(update.kind, Kind::Unchanged);
    let update = feed
        .watch(&state, who(2), &watch("w", Some(4)), now)
        .unwrap();
    assert!(matches!(
        update.kind,
        Kind::Snapshot {
            first: true,
            next: None
        }
    ));
}

#[test]
fn changes_are_told_together_and_not_too_often() {
    let (mut feed, state, now) = (feed(), state(3), Instant::now());
    let all = ids(&feed
        .watch(&state, who(1), &watch("w", None), now)
        .unwrap()
        .rows);
    for id in [all[0], all[1], all[0]] {
        feed.vm_changed(id);
    }
    let sent = flush(&mut feed, &state, now);
    assert_eq!(sent.len(), 1);
    assert_eq!(ids(&sent[0].rows), [all[1], all[0]]);
    feed.vm_changed(all[2]);
    assert_eq!(flush(&mut feed, &state, now), []);
    let wake = feed.wake(&state).unwrap();
    assert!(wake > now);
    let later = flush(&mut feed, &state, wake);
    assert_eq!(later[0].kind, Kind::Delta { from: Seq(3) });
    assert_eq!(flush(&mut feed, &state, wake + Duration::from_secs(2)), []);
}

#[test]
fn what_did_not_go_out_is_told_later_as_it_is_then() {
    let (mut feed, mut state, now) = (feed(), state(2), Instant::now());
    let all = ids(&feed
        .watch(&state, who(1), &watch("w", None), now)
        .unwrap()
        .rows);
    feed.vm_changed(all[0]);
    feed.flush(&state, now, |_, _| false);
    state.machines.missing(all[0]);
    feed.vm_changed(all[0]);
    let wake = feed.wake(&state).unwrap();
    let sent = flush(&mut feed, &state, wake);
    assert_eq!(sent[0].rows, [Row::Gone(all[0])]);
    assert_eq!(sent[0].kind, Kind::Delta { from: Seq(0) });
}

#[test]
fn a_new_event_is_announced_without_rows() {
    let (mut feed, mut state, now) = (feed(), state(1), Instant::now());
    feed.watch(&state, who(1), &watch("w", None), now).unwrap();
    state
        .events
        .note(jiff::Timestamp::UNIX_EPOCH, 0, Fact::default());
    state.events.take_waiting(jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(flush(&mut feed, &state, now + Duration::from_secs(5)), []);
    state.events.wrote(true);
    let wake = feed.wake(&state).unwrap();
    let sent = flush(&mut feed, &state, wake);
    assert_eq!((sent.len(), sent[0].newest_event), (1, 1));
    assert!(sent[0].rows.is_empty());
}

#[test]
fn watches_are_bounded_and_end() {
    let (mut feed, state, now) = (feed(), state(1), Instant::now());
    for number in 0..8 {
        let id = format!("w{number}");
        feed.watch(&state, who(number), &watch(&id, None), now)
            .unwrap();
    }
    let ninth = feed.watch(&state, who(9), &watch("w9", None), now);
    assert_eq!(ninth.unwrap_err().kind, FailureKind::Limit);
    assert!(
        feed.watch(&state, who(3), &watch("w3", Some(0)), now)
            .is_ok()
    );
    feed.gone(&who(1));
    assert!(feed.watch(&state, who(9), &watch("w9", None), now).is_ok());
    feed.unwatch(&who(9), &"w9".parse().unwrap());
    feed.keep_only(|who| *who != self::who(2));
    let after = now + Duration::from_secs(LEASE_S.into());
    feed.vm_changed(machines(1)[0].id);
    assert_eq!(
        flush(&mut feed, &state, after - Duration::from_secs(1)).len(),
        6
    );
    feed.vm_changed(machines(1)[0].id);
    assert_eq!(flush(&mut feed, &state, after), []);
    assert_eq!(feed.wake(&state), None);
}

#[test]
fn who_looks_closer_is_told_what_was_left_out() {
    let (mut feed, mut state, now) = (feed(), state(1), Instant::now());
    let id = machines(1)[0].id;
    state.health.take(figures(id, now));
    let from_afar = Watch {
        detail: Detail::State,
        ..watch("w", None)
    };
    let first = feed.watch(&state, who(1), &from_afar, now).unwrap();
    assert!(!first.rows.iter().any(|row| matches!(row, Row::VmLoad(_))));
    assert_eq!(flush(&mut feed, &state, now + Duration::from_secs(10)), []);
    let seq = first.seq.0;
    let closer = feed.watch(&state, who(1), &watch("w", Some(seq)), now);
    assert_eq!(closer.unwrap().kind, Kind::Unchanged);
    let sent = flush(&mut feed, &state, now + Duration::from_secs(10));
    assert!(sent[0].rows.iter().any(|row| matches!(row, Row::VmLoad(_))));
}

fn figures(id: VmId, at: Instant) -> Figures {
    Figures {
        at,
        wall: jiff::Timestamp::UNIX_EPOCH,
        host: HostSample::default(),
        machines: vec![Statistics {
            id,
            cpu_ns: Some(1),
            resident_kib: Some(1),
            disk_read: None,
            disk_written: None,
            net_received: None,
            net_sent: None,
        }],
    }
}

#[test]
fn a_page_of_no_watch_is_refused() {
    let (mut feed, state) = (feed(), state(1));
    let page = Page {
        id: "w".parse().unwrap(),
        after: machines(1)[0].id,
    };
    let refused = feed.page(&state, &who(1), &page).unwrap_err();
    assert_eq!(refused.kind, FailureKind::NotFound);
}
