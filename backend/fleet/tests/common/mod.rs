//! Events as an agent's feed would bring them, written down as code.

#![allow(dead_code, clippy::unwrap_used)]

use archipel_fleet::{Changes, Event, Fleet, Link, Moment, Reach, Stamped, VmRef, WatchState};
use archipel_protocol::{
    Epoch, FullJid, HypervisorId, Seq, VmId, VmState,
    feed::{HostRow, Kind, Rights, Row, Update, VmFlags, VmRow},
};

pub(crate) fn host(number: u32) -> HypervisorId {
    format!("hv{number:02}@dc.example").parse().unwrap()
}

pub(crate) fn vm_id(number: u32) -> VmId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    VmId::from_bytes(bytes)
}

pub(crate) fn at(hypervisor: u32, vm: u32) -> VmRef {
    VmRef {
        hypervisor: host(hypervisor),
        vm: vm_id(vm),
    }
}

pub(crate) fn machine(number: u32, state: VmState) -> VmRow {
    VmRow {
        organisation: None,
        id: vm_id(number),
        name: format!("web{number:02}"),
        state,
        vcpus: 2,
        memory_kib: 4 << 20,
        flags: VmFlags {
            managed: true,
            ..VmFlags::default()
        },
        tags: vec!["web".into()],
    }
}

pub(crate) fn properties(rights: Rights) -> Row {
    Row::Host(Box::new(HostRow {
        name: "whatever the agent says".into(),
        rights,
        ..HostRow::default()
    }))
}

pub(crate) fn update(kind: Kind, rows: Vec<Row>) -> Update {
    Update {
        watch: "w1".parse().unwrap(),
        epoch: "e1".parse::<Epoch>().unwrap(),
        seq: Seq(1),
        kind,
        newest_event: 0,
        rows,
    }
}

pub(crate) fn whole(rows: Vec<Row>) -> Update {
    let kind = Kind::Snapshot {
        first: true,
        next: None,
    };
    update(kind, rows)
}

pub(crate) fn delta(rows: Vec<Row>) -> Update {
    update(Kind::Delta { from: Seq(1) }, rows)
}

pub(crate) fn reach_online(hypervisor: u32) -> Event {
    let jid = FullJid::new(&format!("hv{hypervisor:02}@dc.example/node")).unwrap();
    Event::Reach {
        hypervisor: host(hypervisor),
        reach: Reach::Online { jid },
    }
}

pub(crate) fn reach_offline(hypervisor: u32) -> Event {
    Event::Reach {
        hypervisor: host(hypervisor),
        reach: Reach::Offline {
            reason: "the agent went away".into(),
        },
    }
}

pub(crate) fn online() -> Event {
    Event::Link(Link::Online {
        jid: FullJid::new("olga@dc.example/desk").unwrap(),
    })
}

/// A fleet under test with a clock that moves by a second with every event.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) fleet: Fleet,
    pub(crate) now: u64,
}

impl World {
    /// The link is up, `hosts` hypervisors are trusted, there, and live with the machines given, each a number and a state.
    pub(crate) fn live(hosts: u32, machines: &[(u32, VmState)]) -> Self {
        let mut world = Self::default();
        world.happens(online());
        for number in 1..=hosts {
            world.happens(Event::Trusted(host(number), true));
            world.happens(reach_online(number));
        }
        let rows = machines
            .iter()
            .map(|(id, state)| Row::Vm(machine(*id, *state)));
        let rows = std::iter::once(properties(Rights::All))
            .chain(rows)
            .collect();
        world.feed(1, whole(rows));
        world.watching(1, WatchState::Live);
        world
    }

    pub(crate) fn happens(&mut self, event: Event) -> Changes {
        self.now += 1_000;
        let at = Moment(self.now);
        self.fleet.apply(Stamped { at, event })
    }

    pub(crate) fn feed(&mut self, hypervisor: u32, update: Update) -> Changes {
        let hypervisor = host(hypervisor);
        self.happens(Event::Feed { hypervisor, update })
    }

    pub(crate) fn watching(&mut self, hypervisor: u32, watch: WatchState) -> Changes {
        let hypervisor = host(hypervisor);
        self.happens(Event::Watching { hypervisor, watch })
    }

    pub(crate) fn names(&self, hypervisor: u32) -> Vec<String> {
        let id = host(hypervisor);
        self.fleet
            .vms_of(&id)
            .map(|vm| vm.name.to_string())
            .collect()
    }

    /// The totals, counted anew.
    pub(crate) fn recount(&self) -> archipel_fleet::Counts {
        let mut counts = archipel_fleet::Counts {
            duplicates: u32::try_from(self.fleet.duplicates().count()).unwrap(),
            ..Default::default()
        };
        for hypervisor in self.fleet.hypervisors() {
            counts.hypervisors += 1;
            counts.hypervisors_online += u32::from(hypervisor.reach.is_online());
        }
        for vm in self.fleet.vms() {
            counts.machines += 1;
            counts.stale += u32::from(!vm.fresh.is_live());
            counts.by_state[vm.state as usize] += 1;
        }
        counts
    }
}
