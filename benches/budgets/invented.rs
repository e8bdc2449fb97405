//! A fleet of any size that nobody runs: the model alone, filled through its events as the engine fills it.

use archipel_fleet::{Contact, Event, Fleet, Link, Moment, Reach, Stamped, WatchState};
use archipel_protocol::{
    FullJid, HypervisorId, Seq, VmId, VmState,
    feed::{HostLoad, HostRow, Kind, Rights, Row, Update, VmFlags, VmLoad, VmRow},
};

const ROLES: [&str; 8] = ["web", "db", "app", "cache", "mail", "build", "proxy", "git"];
const SITES: [&str; 5] = ["munich", "paris", "oslo", "lisbon", "turin"];

/// How large.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) hosts: usize,
    /// On each.
    pub(crate) machines: usize,
}

impl Size {
    /// 40,000 machines on 2,500 hypervisors.
    pub(crate) const FULL: Self = Self {
        hosts: 2_500,
        machines: 16,
    };
}

/// Everybody online, everything live.
pub(crate) fn fleet(size: Size) -> Fleet {
    let mut fleet = Fleet::default();
    let jid = FullJid::new("admin@dc.example/desk").expect("an address");
    apply(&mut fleet, Event::Link(Link::Online { jid }));
    for host in 0..size.hosts {
        for event in host_events(host, size.machines) {
            apply(&mut fleet, event);
        }
    }
    fleet
}

/// Applies one event.
pub(crate) fn apply(fleet: &mut Fleet, event: Event) -> archipel_fleet::Changes {
    fleet.apply(Stamped {
        at: Moment(1_000),
        event,
    })
}

/// The account of a hypervisor, counted from 0.
pub(crate) fn hypervisor(host: usize) -> HypervisorId {
    format!("hv{host:04}@dc.example")
        .parse()
        .expect("an address")
}

/// A roster group of 25 hypervisors, counted from 0.
pub(crate) fn group(number: usize) -> String {
    format!("rack-{number:03}")
}

/// The hypervisor tells that one machine is in another state, and its figures.
pub(crate) fn news(host: usize, index: usize, round: u64) -> Event {
    let mut row = row(host, index);
    row.state = if round.is_multiple_of(2) {
        VmState::Paused
    } else {
        VmState::Running
    };
    let load = load(host, index, round);
    Event::Feed {
        hypervisor: hypervisor(host),
        update: update(
            Kind::Delta {
                from: Seq(round + 1),
            },
            vec![Row::Vm(row), Row::VmLoad(load)],
        ),
    }
}

fn host_events(host: usize, machines: usize) -> Vec<Event> {
    let id = hypervisor(host);
    let jid = FullJid::new(&format!("{id}/node")).expect("an address");
    let contact = Contact {
        groups: vec![group(host / 25)],
        ..Contact::bare(id.clone())
    };
    vec![
        Event::Contact(contact),
        Event::Trusted(id.clone(), true),
        Event::Reach {
            hypervisor: id.clone(),
            reach: Reach::Online { jid },
        },
        Event::Feed {
            hypervisor: id.clone(),
            update: snapshot(host, machines),
        },
        Event::Watching {
            hypervisor: id,
            watch: WatchState::Live,
        },
    ]
}

/// The whole state of a hypervisor.
pub(crate) fn snapshot(host: usize, machines: usize) -> Update {
    let head = [
        Row::Host(Box::new(host_row(host))),
        Row::HostLoad(Box::new(HostLoad {
            cpu_permille: Some(u32::try_from(host * 7 % 1_000).unwrap_or(0)),
            memory_kib: Some(40_000_000),
            ..HostLoad::default()
        })),
    ];
    let rows = (0..machines).map(|index| Row::Vm(row(host, index)));
    let loads = (0..machines).map(|index| Row::VmLoad(load(host, index, 0)));
    let kind = Kind::Snapshot {
        first: true,
        next: None,
    };
    update(kind, head.into_iter().chain(rows).chain(loads).collect())
}

fn update(kind: Kind, rows: Vec<Row>) -> Update {
    Update {
        watch: "w".parse().expect("an id"),
        epoch: "e".parse().expect("an id"),
        seq: Seq(1),
        kind,
        newest_event: 1,
        rows,
    }
}

fn host_row(host: usize) -> HostRow {
    HostRow {
        name: format!("hv{host:04}"),
        driver: "QEMU".into(),
        driver_version: 8_002_000,
        libvirt_version: 9_000_000,
        agent_version: "0.1.0".into(),
        cpus: 32,
        mhz: 2_400,
        model: "x86_64".into(),
        memory_kib: 268_435_456,
        rights: Rights::All,
        ..HostRow::default()
    }
}

/// A machine's row: names as people give them, a tag or two.
pub(crate) fn row(host: usize, index: usize) -> VmRow {
    let number = host * 16 + index;
    let role = ROLES[number % ROLES.len()];
    VmRow {
        organisation: None,
        id: vm_id(host, index),
        name: format!("{role}-{number:05}"),
        state: match number % 8 {
            0 => VmState::Paused,
            1 | 2 => VmState::Off,
            _ => VmState::Running,
        },
        vcpus: 1 << (number % 4),
        memory_kib: 1 << (20 + number % 5),
        flags: VmFlags {
            managed: true,
            ..VmFlags::default()
        },
        tags: vec![role.into(), format!("site/{}", SITES[host % SITES.len()])],
    }
}

fn load(host: usize, index: usize, round: u64) -> VmLoad {
    let dice = (host as u64 * 31 + index as u64 * 17 + round * 13) % 1_000;
    VmLoad {
        id: vm_id(host, index),
        cpu_permille: u32::try_from(dice).ok(),
        memory_kib: Some(1_048_576),
        disk: Some((dice * 100, dice * 10)),
        net: Some((dice, dice)),
    }
}

fn vm_id(host: usize, index: usize) -> VmId {
    let mut bytes = [0xa5; 16];
    bytes[..8].copy_from_slice(&(host as u64).to_be_bytes());
    bytes[8..12].copy_from_slice(&u32::try_from(index).unwrap_or(0).to_be_bytes());
    VmId::from_bytes(bytes)
}
