#![allow(clippy::unwrap_used)]

use archipel_config::write_private;
use archipel_fleet::{Event, Stamped};
use archipel_protocol::feed::{Kind, Row, Update};

use super::*;

fn account() -> BareJid {
    BareJid::new("olga@dc.example").unwrap()
}

fn id() -> HypervisorId {
    "hv01@dc.example".parse().unwrap()
}

fn machine() -> VmRow {
    VmRow {
        organisation: Some(Box::new(Organisation {
            name: "Lab".into(),
            owner: "olga@dc.example".into(),
            ..Organisation::default()
        })),
        id: "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01".parse().unwrap(),
        name: "web01".into(),
        state: VmState::Paused,
        vcpus: 2,
        memory_kib: 4 << 20,
        flags: VmFlags {
            managed: true,
            autostart: false,
            transient: true,
            session: false,
            protected: true,
            saved: false,
        },
        tags: vec!["prod".into()],
    }
}

fn fleet() -> Fleet {
    let mut fleet = Fleet::default();
    let rows = vec![
        Row::Host(Box::new(HostRow {
            rights: Rights::Only(vec!["info".into()]),
            scoped: vec![ScopedRights {
                scope: "tag = prod".into(),
                rights: Rights::Only(vec!["create".into()]),
            }],
            ..HostRow::default()
        })),
        Row::Vm(machine()),
    ];
    let update = Update {
        watch: "w".parse().unwrap(),
        epoch: "e".parse().unwrap(),
        seq: Seq(7),
        kind: Kind::Snapshot {
            first: true,
            next: None,
        },
        newest_event: 0,
        rows,
    };
    let hypervisor = id();
    let contact = Contact {
        name: "frankfurt".into(),
        ..Contact::bare(id())
    };
    for event in [
        Event::Contact(contact),
        Event::Trusted(id(), true),
        Event::Feed { hypervisor, update },
    ] {
        let at = Moment(1_000);
        fleet.apply(Stamped { at, event });
    }
    fleet
}

fn written() -> Vec<u8> {
    let fleet = fleet();
    let jid = FullJid::new("hv01@dc.example/node").unwrap();
    let snapshot = Snapshot {
        fleet: &fleet,
        account: &account(),
        now: Moment(9_000),
        jids: &|_| Some(jid.clone()),
    };
    snapshot.content().unwrap()
}

fn loaded(content: &[u8], now: u64) -> Vec<Remembered> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.json");
    write_private(&path, content).unwrap();
    load(&path, &account(), Moment(now)).collect()
}

#[test]
fn what_was_known_comes_back() {
    let remembered = loaded(&written(), 20_000).remove(0);
    assert_eq!(remembered.rows.vms, [machine()]);
    assert_eq!(remembered.rows.heard, Moment(9_000));
    assert_eq!(remembered.rows.contact.id, id());
    assert_eq!(remembered.rows.contact.name, "frankfurt");
    assert_eq!(remembered.known, Some(("e".parse().unwrap(), Seq(7))));
    assert_eq!(remembered.jid.unwrap().to_string(), "hv01@dc.example/node");
    let host = remembered.rows.host.unwrap();
    assert!(host.rights.allow("info") && !host.rights.allow("create"));
}

#[test]
fn a_moment_of_the_future_is_now() {
    assert_eq!(loaded(&written(), 500)[0].rows.heard, Moment(500));
}

#[test]
fn another_version_account_or_shape_counts_as_empty() {
    let text = String::from_utf8(written()).unwrap();
    for other in [
        text.replace("\"version\":4", "\"version\":3"),
        text.replace("olga@", "oleg@"),
        text.replace("\"vms\"", "\"machines\""),
        text[..text.len() / 2].to_owned(),
        String::new(),
    ] {
        assert!(loaded(other.as_bytes(), 20_000).is_empty(), "{other}");
    }
    let mut absent = load("/nowhere/fleet.json".as_ref(), &account(), Moment(0));
    assert!(absent.next().is_none());
}

#[test]
fn what_follows_damage_counts_as_empty() {
    let mut damaged = written();
    damaged.extend_from_slice(b"\n{\"id\":\n");
    let second = written();
    let host = second.split(|byte| *byte == b'\n').nth(1).unwrap();
    damaged.extend_from_slice(host);
    assert_eq!(loaded(&damaged, 20_000).len(), 1);
}

#[test]
fn a_machine_that_cannot_be_read_makes_the_number_unknown() {
    let text = String::from_utf8(written()).unwrap();
    let odd = text.replace("7d0c0d4e-", "nonsense-");
    let remembered = loaded(odd.as_bytes(), 20_000).remove(0);
    assert_eq!((remembered.rows.vms.len(), remembered.known), (0, None));
}
