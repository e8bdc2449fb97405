#![allow(clippy::unwrap_used)]
use super::*;
use crate::{state::VmState, vcard::Organisation};

fn vm(number: u8) -> VmRow {
    VmRow {
        organisation: None,
        id: VmId::from_bytes([number; 16]),
        name: "sixteen-letters!".into(),
        state: VmState::Running,
        vcpus: 2,
        memory_kib: 4_194_304,
        flags: VmFlags {
            managed: true,
            ..VmFlags::default()
        },
        tags: vec!["site/munich".into()],
    }
}

fn load(number: u8) -> VmLoad {
    VmLoad {
        id: VmId::from_bytes([number; 16]),
        cpu_permille: Some(431),
        memory_kib: Some(1),
        disk: Some((1, 2)),
        net: None,
    }
}

fn host_load() -> HostLoad {
    HostLoad {
        cpu_permille: Some(432),
        memory_kib: Some(39_321_600),
        load: Some([173, 98, 41]),
        net: Some((12_400_000, 3_100_000)),
        file_systems: vec![FileSystem {
            mount: "/".into(),
            size: 11_900_000_000,
            used: 2_600_000_000,
        }],
        interfaces: vec![Interface {
            name: "eth0".into(),
            received: 1,
            sent: 2,
        }],
        ..HostLoad::default()
    }
}

fn update(kind: Kind, rows: Vec<Row>) -> Update {
    Update {
        watch: "w1".parse().unwrap(),
        epoch: "e1".parse().unwrap(),
        seq: Seq(7),
        kind,
        newest_event: 12,
        rows,
    }
}

#[test]
fn every_row_and_kind_comes_back() {
    let host = HostRow {
        name: "hv01".into(),
        driver: "QEMU".into(),
        driver_version: 8_002_000,
        libvirt_lost: Some("socket closed".into()),
        rights: Rights::Only(vec!["create".into(), "info".into()]),
        scoped: vec![ScopedRights {
            scope: "tag = web".into(),
            rights: Rights::All,
        }],
        policy: 7,
        ..HostRow::default()
    };
    let rows = vec![
        Row::Host(Box::new(host)),
        Row::HostLoad(Box::new(host_load())),
        Row::Vm(vm(1)),
        Row::Gone(VmId::from_bytes([2; 16])),
        Row::VmLoad(load(3)),
    ];
    for kind in [
        Kind::Unchanged,
        Kind::Snapshot {
            first: true,
            next: Some(VmId::from_bytes([9; 16])),
        },
        Kind::Snapshot {
            first: false,
            next: None,
        },
        Kind::Delta { from: Seq(6) },
    ] {
        let update = update(kind, rows.clone());
        assert_eq!(Update::parse(&update.to_element()).unwrap(), update);
    }
}

#[test]
fn requests_come_back() {
    let watch = Watch {
        id: "w1".parse().unwrap(),
        known: Some(("e1".parse().unwrap(), Seq(3))),
        detail: Detail::Metrics,
        every_s: 2,
    };
    assert_eq!(Watch::parse(&watch.to_element()).unwrap(), watch);
    let page = Page {
        id: watch.id.clone(),
        after: VmId::from_bytes([1; 16]),
    };
    assert_eq!(Page::parse(&page.to_element()).unwrap(), page);
    assert_eq!(parse_unwatch(&unwatch(&watch.id)).unwrap(), watch.id);
    let bare = Watch::parse(
        &"<watch xmlns='urn:archipel:fleet:1' id='x' every='0'/>"
            .parse()
            .unwrap(),
    )
    .unwrap();
    assert_eq!((bare.known, bare.every_s), (None, 1));
}

#[test]
fn a_machines_row_is_at_most_130_bytes() {
    let size = wire_size(&Row::Vm(vm(255)).to_element());
    assert!(size <= 130, "{size}");
}

#[test]
fn whose_a_machine_is_comes_back_and_stays_under_the_bound() {
    let field = |length: usize| "\"".repeat(length);
    let of = |text: String| VmRow {
        organisation: Some(Box::new(Organisation {
            name: text.clone(),
            unit: text.clone(),
            locality: text.clone(),
            owner: text.clone(),
            categories: text,
        })),
        tags: vec![field(64); 32],
        ..vm(1)
    };
    let read = |row: VmRow| Row::parse(&Row::Vm(row).to_element()).unwrap().unwrap();
    let whole = of(field(NAME_LIMIT));
    assert_eq!(read(whole.clone()), Row::Vm(whole));
    let cut = field(NAME_LIMIT - 1) + "…";
    assert_eq!(read(of(field(10_000))), Row::Vm(of(cut)));
    let mut rows = (0..9).map(|_| Row::Vm(of(field(10_000)))).peekable();
    while rows.peek().is_some() {
        let part = fill(&mut rows);
        let from = Seq(u64::MAX);
        let text = String::from(&update(Kind::Delta { from }, part).to_element());
        assert!(text.len() <= LIMIT, "{}", text.len());
    }
    let one = "<vm xmlns='urn:archipel:fleet:1' i='7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01' w='a\u{9b}2Jb'/>";
    let Row::Vm(row) = Row::parse(&one.parse().unwrap()).unwrap().unwrap() else {
        unreachable!("a machine's row is one")
    };
    assert_eq!(row.organisation.unwrap().owner, "a2Jb");
}

#[test]
fn a_filled_update_stays_under_the_bound_and_loses_nothing() {
    let mut rows = (0..=255).map(|number| Row::Vm(vm(number))).peekable();
    let mut seen = 0;
    while rows.peek().is_some() {
        let part = fill(&mut rows);
        seen += part.len();
        let size = String::from(
            &update(
                Kind::Delta {
                    from: Seq(u64::MAX),
                },
                part,
            )
            .to_element(),
        )
        .len();
        assert!(size <= LIMIT, "{size}");
    }
    assert_eq!(seen, 256);
}

#[test]
fn a_long_name_is_cut_with_a_mark_and_a_hostile_one_cleaned() {
    let long = VmRow {
        name: "\u{1b}[2J".to_owned() + &"x".repeat(10_000),
        ..vm(1)
    };
    let Row::Vm(read) = Row::parse(&Row::Vm(long).to_element()).unwrap().unwrap() else {
        unreachable!("a machine's row is one")
    };
    assert!(read.name.ends_with('…') && read.name.chars().count() <= NAME_LIMIT);
    assert!(!read.name.contains('\u{1b}'));
}

#[test]
fn rows_of_a_later_version_are_left_out() {
    let mut element = update(Kind::Unchanged, vec![]).to_element();
    element.append_child("<novelty xmlns='urn:archipel:fleet:1'/>".parse().unwrap());
    assert!(Update::parse(&element).unwrap().rows.is_empty());
}

#[test]
fn damaged_rows_are_errors() {
    for bad in [
        "<vm xmlns='urn:archipel:fleet:1' i='x'/>",
        "<gone xmlns='urn:archipel:fleet:1'/>",
        "<load xmlns='urn:archipel:fleet:1' l='1 2'/>",
    ] {
        assert!(Row::parse(&bad.parse().unwrap()).is_err(), "{bad}");
    }
}

proptest::proptest! {
    #[test]
    fn any_name_and_tag_travels_safely(name in ".{0,200}", tag in ".{0,100}") {
        let row = VmRow { name, tags: vec![tag], ..vm(1) };
        let text = String::from(&update(Kind::Unchanged, vec![Row::Vm(row)]).to_element());
        proptest::prop_assert!(Update::parse(&text.parse().unwrap()).is_ok());
    }
}
