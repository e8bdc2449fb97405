#![allow(clippy::unwrap_used)]
use archipel_config::Secret;
use archipel_protocol::{VmId, events};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::{
    access::{Grant, Placed, Policy, PolicyChange},
    machines::Remembered,
};

fn now() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn fresh() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("state")).unwrap();
    (folder, store)
}

fn entry(id: &str, body: u8) -> Entry {
    Entry {
        requester: "olga@dc.example".parse().unwrap(),
        id: id.parse().unwrap(),
        body: [body; 32],
        expires: now() + SignedDuration::from_mins(5),
    }
}

fn event(number: u64) -> events::Event {
    events::Event {
        number,
        at: now(),
        vm: Some(VmId::from_bytes([1; 16])),
        name: "web01".into(),
        what: "started".into(),
        by: Some("olga@dc.example".parse().unwrap()),
        text: String::new(),
        severity: events::Severity::Info,
        verb: None,
        result: None,
    }
}

#[tokio::test]
async fn everything_is_for_this_user_alone() {
    let (folder, store) = fresh();
    let jid = "hv@dc.example".parse().unwrap();
    store
        .keep_secret(&jid, &Secret::new("x".into()))
        .await
        .unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let state = folder.path().join("state");
    assert_eq!(mode(&state), 0o700);
    for file in fs::read_dir(&state).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[tokio::test]
async fn secrets_are_confirmed_or_forgotten() {
    let (_folder, store) = fresh();
    let jid = "hv@dc.example".parse().unwrap();
    assert_eq!(store.secret(&jid).await.unwrap(), None);
    store
        .keep_secret(&jid, &Secret::new("open sesame".into()))
        .await
        .unwrap();
    assert!(!store.secret(&jid).await.unwrap().unwrap().confirmed);
    store.confirm_secret(&jid).await.unwrap();
    store.forget_secret(&jid).await.unwrap();
    let kept = store.secret(&jid).await.unwrap().unwrap();
    assert!(kept.confirmed && kept.secret.expose() == "open sesame");
}

#[tokio::test]
async fn an_operation_is_begun_once() {
    let (_folder, store) = fresh();
    let begin = |entry: Entry| store.begin(entry, now());
    assert_eq!(begin(entry("1", 1)).await.unwrap(), Begun::Fresh);
    assert_eq!(begin(entry("1", 1)).await.unwrap(), Begun::Unfinished);
    assert_eq!(begin(entry("1", 2)).await.unwrap(), Begun::OtherBody);
    store
        .finish(entry("1", 1), "<query/>".into())
        .await
        .unwrap();
    let recorded = Begun::Recorded("<query/>".into());
    assert_eq!(begin(entry("1", 1)).await.unwrap(), recorded);
    let other = Entry {
        requester: "bob@dc.example".parse().unwrap(),
        ..entry("1", 2)
    };
    assert_eq!(begin(other).await.unwrap(), Begun::Fresh);
}

#[tokio::test]
async fn an_expired_operation_is_never_begun_and_its_answer_outlives_it_for_a_day() {
    let (_folder, store) = fresh();
    let late = now() + SignedDuration::from_hours(1);
    let begun = store.begin(entry("1", 1), late).await.unwrap();
    assert_eq!(begun, Begun::Expired);
    store.begin(entry("1", 1), now()).await.unwrap();
    store.finish(entry("1", 1), "a".into()).await.unwrap();
    store.trim_journal(late).await.unwrap();
    let known = store.recorded(entry("1", 1), late).await.unwrap();
    assert_eq!(known, Some(Begun::Recorded("a".into())));
    let later = now() + SignedDuration::from_hours(25);
    store.trim_journal(later).await.unwrap();
    let known = store.recorded(entry("1", 1), later).await.unwrap();
    assert_eq!(known, Some(Begun::Expired));
}

#[tokio::test]
async fn events_are_read_by_range_and_numbers_survive_trimming() {
    let (_folder, store) = fresh();
    let written: Vec<_> = (1..=5).map(event).collect();
    let batch = Batch {
        events: written.clone(),
        ..Batch::default()
    };
    store.append_events(batch).await.unwrap();
    let query = |after, limit| {
        let query = events::Query {
            after,
            limit,
            ..events::Query::default()
        };
        store.events(query, None)
    };
    assert_eq!(
        query(Some(3), 60).await.unwrap(),
        (5, written[3..].to_vec())
    );
    assert_eq!(query(None, 2).await.unwrap(), (5, written[3..].to_vec()));
    assert_eq!(query(Some(u64::MAX), 2).await.unwrap(), (5, vec![]));
    let much_later = now() + SignedDuration::from_hours(24 * 31);
    store.trim_events(much_later).await.unwrap();
    assert_eq!(store.newest_event().await.unwrap(), 5);
    assert_eq!(query(Some(0), 60).await.unwrap().1, written[4..]);
}

#[tokio::test]
async fn a_machine_that_was_let_go_stays_so_until_it_is_managed() {
    let (_folder, store) = fresh();
    let vm = VmId::from_bytes([4; 16]);
    store.manage(vm, "a").unwrap();
    assert_eq!(store.managed().await.unwrap(), [remembered(vm, "a", false)]);
    store.release(vm).unwrap();
    store.release(vm).unwrap();
    assert_eq!(store.managed().await.unwrap(), []);
    assert_eq!(store.released().await.unwrap(), [vm]);
    store.manage(vm, "a").unwrap();
    assert_eq!(store.released().await.unwrap(), []);
}

fn remembered(id: VmId, name: &str, protected: bool) -> Remembered {
    let name = name.to_owned();
    Remembered {
        id,
        name,
        protected,
    }
}

#[tokio::test]
async fn what_was_written_is_numbered_and_bounded() {
    let (_folder, store) = fresh();
    let vm = VmId::from_bytes([3; 16]);
    let by = "olga@dc.example".parse().unwrap();
    let write = |text: &str| {
        store.write_definition(Writing {
            vm,
            at: now(),
            by: Some(&by),
            verb: "define",
            text,
        })
    };
    assert_eq!(write("<a/>").unwrap(), Some(1));
    assert_eq!(write("<a/>").unwrap(), None);
    for number in 2..=60 {
        let text = format!("<a>{number}</a>");
        assert_eq!(write(&text).unwrap(), Some(number));
    }
    let all = store.definitions(vm, None, 1_000).unwrap();
    let numbers: Vec<u64> = all.iter().map(|written| written.number).collect();
    assert_eq!(numbers, (11..=60).rev().collect::<Vec<_>>());
    assert_eq!(store.definitions(vm, Some(12), 5).unwrap().len(), 1);
    let newest = store.definition(vm, None).unwrap().unwrap();
    assert_eq!(
        (newest.by, newest.text.as_str()),
        (Some(by.clone()), "<a>60</a>")
    );
    assert_eq!(store.definition(vm, Some(3)).unwrap(), None);
    store.forget_machine(vm, &[]).unwrap();
    assert_eq!(store.definition(vm, None).unwrap(), None);
}

#[tokio::test]
async fn grants_tags_and_machines_come_back() {
    let (folder, store) = fresh();
    let grant = Grant {
        jid: "olga@dc.example".parse().unwrap(),
        permission: "role/night".into(),
        scope: Some("tag = web".into()),
        expires: Some(now()),
    };
    let add = PolicyChange::Add {
        role: "night".into(),
        permission: "create".into(),
    };
    let changes = vec![PolicyChange::Give(grant.clone()), add];
    let kept = store.change_policy(changes.clone()).await.unwrap();
    assert_eq!(store.change_policy(changes).await.unwrap(), kept);
    let tags = vec!["web".to_owned(), "rack/a".to_owned()];
    for tags in [vec!["old".to_owned()], tags.clone()] {
        store.set_tags([(None, tags)]).await.unwrap();
    }
    let vm = VmId::from_bytes([3; 16]);
    store.keep_managed(vec![(vm, "a".into())]).await.unwrap();
    store.keep_managed(vec![(vm, "b".into())]).await.unwrap();
    drop(store);
    let store = Store::open(&folder.path().join("state")).unwrap();
    let policy = store.policy().await.unwrap();
    assert_eq!((policy.version, &policy), (1, &kept));
    assert!(policy.grants.contains(&grant) && policy.roles["night"].contains("create"));
    assert_eq!(store.tags().await.unwrap(), [(None, tags)].into());
    assert_eq!(store.managed().await.unwrap(), [remembered(vm, "b", false)]);
    store.protect(vm, true).unwrap();
    store.keep_managed(vec![(vm, "c".into())]).await.unwrap();
    assert_eq!(store.managed().await.unwrap(), [remembered(vm, "c", true)]);
    store.forget_managed(vec![vm]).await.unwrap();
    assert_eq!(store.managed().await.unwrap(), []);
}

#[tokio::test]
async fn history_is_kept_as_far_as_wanted() {
    let (_folder, store) = fresh();
    let point = |slot| StoredPoint {
        step_s: 5,
        slot,
        figures: "1 -".into(),
    };
    let points = vec![point(1), point(2), point(3)];
    store.keep_history(points, vec![(5, 2)]).await.unwrap();
    assert_eq!(store.history().await.unwrap(), [point(2), point(3)]);
}

#[test]
fn a_newer_file_is_refused_with_its_name_and_left_alone() {
    let folder = TempDir::new().unwrap();
    drop(Store::open(folder.path()).unwrap());
    let file = folder.path().join(FILE);
    let connection = Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    let before = fs::read(&file).unwrap();
    let refused = Store::open(folder.path()).unwrap_err().to_string();
    assert!(
        refused.contains(FILE) && refused.contains("999"),
        "{refused}"
    );
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn a_damaged_store_is_set_aside_whole_and_gives_its_secrets() {
    let (folder, store) = fresh();
    let state = folder.path().join("state");
    let jid = "hv@dc.example".parse().unwrap();
    let secret = Secret::new("open sesame".into());
    store.keep_secret(&jid, &secret).await.unwrap();
    let all = Grant {
        jid: "olga@dc.example".parse().unwrap(),
        permission: "all".into(),
        scope: None,
        expires: None,
    };
    store
        .change_policy(vec![PolicyChange::Give(all)])
        .await
        .unwrap();
    let [base, copy, left] = [1, 2, 3].map(|number| VmId::from_bytes([number; 16]));
    store.manage(base, "web01").unwrap();
    store.protect(base, true).unwrap();
    store.release(left).unwrap();
    let made = Made {
        vm: copy,
        name: "leaf",
        placed: &Placed::default(),
        organisation: None,
        base: Some(base),
    };
    store.make(made).unwrap();
    store
        .append_events(Batch {
            events: (1..=2_000).map(event).collect(),
            ..Batch::default()
        })
        .await
        .unwrap();
    drop(store);
    let file = state.join(FILE);
    let mut content = fs::read(&file).unwrap();
    let end = content.len();
    content[end - 60_000..end - 20_000].fill(0x5a);
    fs::write(&file, &content).unwrap();

    let store = Store::open(&state).unwrap();
    let aside = store.set_aside().unwrap().clone();
    assert_eq!(
        (fs::read(&aside.file).unwrap(), aside.secrets),
        (content, 1)
    );
    assert_eq!(super::aside(&state), [aside.file]);
    assert_eq!(store.secret(&jid).await.unwrap().unwrap().secret, secret);
    assert_eq!(store.policy().await.unwrap(), Policy::default());
    assert_eq!(store.newest_event().await.unwrap(), 0);
    // What keeps machines from harm stays.
    let managed = store.managed().await.unwrap();
    let protected = managed
        .iter()
        .map(|machine| (machine.id, machine.protected));
    assert_eq!(protected.collect::<Vec<_>>(), [(base, true), (copy, false)]);
    assert_eq!(store.released().await.unwrap(), [left]);
    assert_eq!(store.linked().await.unwrap(), [(copy, base)].into());
    drop(store);
    assert_eq!(Store::open(&state).unwrap().set_aside(), None);

    fs::write(
        &file,
        "no database, but long enough to be taken for a damaged one",
    )
    .unwrap();
    let again = Store::open(&state).unwrap();
    assert!(
        again
            .set_aside()
            .unwrap()
            .file
            .ends_with(format!("{FILE}.damaged-2"))
    );
}
