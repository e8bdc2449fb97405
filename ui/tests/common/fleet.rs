//! Fleets as a chain of events.

use archipel_fleet::{
    Contact, Event, Fleet, Link, Moment, Range, Reach, Stamped, VmRef, WatchState,
};
use archipel_protocol::{
    BareJid, FullJid, HypervisorId, Seq, VmId, VmState, events,
    feed::{
        FileSystem, HostLoad, HostRow, Interface, Kind, Rights, Row, Update, VmFlags, VmLoad, VmRow,
    },
    history::{Metric, Series},
};

/// A fleet in the making.
pub struct FleetBuilder {
    fleet: Fleet,
    at: Moment,
}

/// A machine to be.
#[derive(Clone)]
pub struct VmSpec {
    pub name: String,
    pub state: VmState,
    pub vcpus: u32,
    pub memory_mib: u64,
    pub tags: Vec<String>,
    pub cpu: u32,
    pub managed: bool,
}

impl VmSpec {
    pub fn new(name: &str, state: VmState) -> Self {
        let cpu = if state == VmState::Running { 120 } else { 0 };
        Self {
            name: name.into(),
            state,
            vcpus: 2,
            memory_mib: 4_096,
            tags: Vec::new(),
            cpu,
            managed: true,
        }
    }
}

/// A hypervisor to be.
#[derive(Clone)]
pub struct HostBuilder {
    pub name: String,
    pub group: Option<String>,
    pub vms: Vec<VmSpec>,
    pub cpu: u32,
    pub number: u8,
}

/// The id of the machine `vm` of host number `host`.
pub fn vm_id(host: u8, vm: usize) -> VmId {
    let mut bytes = [0_u8; 16];
    bytes[0] = host;
    bytes[8..].copy_from_slice(&u64::try_from(vm).unwrap().to_be_bytes());
    VmId::from_bytes(bytes)
}

/// The same with its hypervisor `hvNN`.
pub fn vm_ref(host: u8, vm: usize) -> VmRef {
    VmRef {
        hypervisor: host_id(&format!("hv{host:02}")),
        vm: vm_id(host, vm),
    }
}

pub fn host_id(name: &str) -> HypervisorId {
    format!("{name}@dc.example").parse().unwrap()
}

impl HostBuilder {
    pub fn new(number: u8, group: Option<&str>) -> Self {
        Self {
            name: format!("hv{number:02}"),
            group: group.map(Into::into),
            vms: Vec::new(),
            cpu: 430,
            number,
        }
    }

    pub fn vm(mut self, spec: VmSpec) -> Self {
        self.vms.push(spec);
        self
    }

    pub fn id(&self) -> HypervisorId {
        host_id(&self.name)
    }

    fn rows(&self) -> Vec<Row> {
        let host = HostRow {
            name: self.name.clone(),
            driver: "QEMU".into(),
            driver_version: 8_002_000,
            libvirt_version: 9_000_000,
            agent_version: "0.1.0".into(),
            cpus: 16,
            mhz: 2_400,
            model: "x86_64".into(),
            memory_kib: 64 << 20,
            libvirt_lost: None,
            rights: Rights::All,
            ..HostRow::default()
        };
        let vms = self.vms.iter().enumerate().map(|(at, spec)| {
            Row::Vm(VmRow {
                organisation: None,
                id: vm_id(self.number, at),
                name: spec.name.clone(),
                state: spec.state,
                vcpus: spec.vcpus,
                memory_kib: spec.memory_mib * 1_024,
                flags: VmFlags {
                    managed: spec.managed,
                    autostart: at % 2 == 0,
                    ..VmFlags::default()
                },
                tags: spec.tags.clone(),
            })
        });
        std::iter::once(Row::Host(Box::new(host)))
            .chain(vms)
            .collect()
    }

    fn loads(&self, step: u32) -> Vec<Row> {
        let wave = [0, 60, 140, 90, 30, 180, 220, 70][usize::try_from(step % 8).unwrap()];
        let load = HostLoad {
            cpu_permille: Some((self.cpu + wave).saturating_sub(70).min(1_000)),
            memory_kib: Some((39 << 20) + u64::from(wave) * 4_096),
            swap_kib: Some(1 << 20),
            swap_total_kib: Some(8 << 20),
            load: Some([173, 98, 41]),
            uptime_s: Some(3_362_400),
            disk: Some((1_200_000 + u64::from(wave) * 20_000, 340_000)),
            net: Some((12_400_000, 3_100_000)),
            file_systems: vec![
                FileSystem {
                    mount: "/".into(),
                    size: 12_777_943_040,
                    used: 2_791_728_742,
                },
                FileSystem {
                    mount: "/var/lib/libvirt".into(),
                    size: 2_000_000_000_000,
                    used: 1_830_000_000_000,
                },
            ],
            interfaces: vec![
                Interface {
                    name: "eth0".into(),
                    received: 12_400_000,
                    sent: 3_100_000,
                },
                Interface {
                    name: "br0".into(),
                    received: 800_000,
                    sent: 120_000,
                },
            ],
        };
        let machine = |(at, spec): (usize, &VmSpec)| {
            let busy = spec.cpu + wave * u32::try_from(at % 3).unwrap();
            (spec.state == VmState::Running).then(|| {
                Row::VmLoad(VmLoad {
                    id: vm_id(self.number, at),
                    cpu_permille: Some(busy),
                    memory_kib: Some(spec.memory_mib * 700),
                    disk: Some((u64::from(busy) * 4_000, u64::from(busy) * 900)),
                    net: Some((u64::from(busy) * 10_000, u64::from(busy) * 2_500)),
                })
            })
        };
        let machines = self.vms.iter().enumerate().filter_map(machine);
        std::iter::once(Row::HostLoad(Box::new(load)))
            .chain(machines)
            .collect()
    }
}

fn update(kind: Kind, rows: Vec<Row>) -> Update {
    Update {
        watch: "w".parse().unwrap(),
        epoch: "e".parse().unwrap(),
        seq: archipel_protocol::Seq(1),
        kind,
        newest_event: 3,
        rows,
    }
}

impl FleetBuilder {
    pub fn new() -> Self {
        Self {
            fleet: Fleet::default(),
            at: Moment(9_900_000),
        }
    }

    /// The link is there.
    pub fn online() -> Self {
        let jid = FullJid::new("olga@dc.example/desk").unwrap();
        Self::new().then(Event::Link(Link::Online { jid }))
    }

    pub fn at(mut self, at: Moment) -> Self {
        self.at = at;
        self
    }

    pub fn then(mut self, event: Event) -> Self {
        self.fleet.apply(Stamped { at: self.at, event });
        self
    }

    pub fn contact(self, name: &str) -> Self {
        self.then(Event::Contact(Contact::bare(host_id(name))))
    }

    /// A trusted hypervisor of which nothing was heard yet.
    pub fn trusted(self, host: &HostBuilder) -> Self {
        let contact = Contact {
            id: host.id(),
            name: host.name.clone(),
            groups: host.group.iter().cloned().collect(),
            visible: true,
            asked: false,
        };
        self.then(Event::Contact(contact))
            .then(Event::Trusted(host.id(), true))
    }

    /// It came online and its feed was asked for.
    pub fn asked(self, host: &HostBuilder) -> Self {
        let jid = FullJid::new(&format!("{}/agent", host.id())).unwrap();
        let since = self.at;
        self.trusted(host)
            .then(Event::Reach {
                hypervisor: host.id(),
                reach: Reach::Online { jid },
            })
            .then(Event::Watching {
                hypervisor: host.id(),
                watch: WatchState::Asking { since },
            })
    }

    /// A live hypervisor with all its machines.
    pub fn host(self, host: &HostBuilder) -> Self {
        let snapshot = update(
            Kind::Snapshot {
                first: true,
                next: None,
            },
            host.rows(),
        );
        let mut builder = self
            .asked(host)
            .then(Event::Watching {
                hypervisor: host.id(),
                watch: WatchState::Live,
            })
            .then(Event::Feed {
                hypervisor: host.id(),
                update: snapshot,
            });
        for step in 0..12 {
            let delta = update(
                Kind::Delta {
                    from: archipel_protocol::Seq(1),
                },
                host.loads(step + u32::from(host.number)),
            );
            builder = builder.then(Event::Feed {
                hypervisor: host.id(),
                update: delta,
            });
        }
        builder
    }

    /// An hour of history of a hypervisor.
    pub fn history(mut self, host: &HostBuilder) -> Self {
        for metric in Metric::ALL {
            let points = (0..120_u32)
                .map(|at| Some(history_point(metric, at)))
                .collect();
            let start = "2026-11-20T13:03:20Z".parse().unwrap();
            let series = Series {
                metric,
                start,
                step_s: 30,
                points,
            };
            self = self.then(Event::History {
                hypervisor: host.id(),
                range: Range::Hour,
                series,
            });
        }
        self
    }

    pub fn offline(self, host: &HostBuilder, reason: &str) -> Self {
        self.then(Event::Reach {
            hypervisor: host.id(),
            reach: Reach::Offline {
                reason: reason.into(),
            },
        })
    }

    pub fn log(mut self, host: &HostBuilder) -> Self {
        let entries = [
            ("started", "web01", ""),
            ("command", "web02", "shutdown: done"),
            ("stopped", "web02", ""),
        ];
        for (number, (what, name, text)) in (1_u64..).zip(entries) {
            let event = events::Event {
                number,
                at: format!("2026-11-20T14:0{number}:00Z").parse().unwrap(),
                vm: None,
                name: name.into(),
                what: what.into(),
                by: (what == "command").then(|| BareJid::new("olga@dc.example").unwrap()),
                text: text.into(),
                severity: events::Severity::Info,
                verb: None,
                result: None,
            };
            self = self.then(Event::Log {
                hypervisor: host.id(),
                event,
            });
        }
        self
    }

    pub fn done(self) -> Fleet {
        self.fleet
    }
}

/// A fleet of one hypervisor with `count` machines that run.
pub fn running(count: usize) -> Fleet {
    let spec = |at| VmSpec::new(&format!("vm{at:05}"), VmState::Running);
    let host = HostBuilder {
        vms: (0..count).map(spec).collect(),
        ..HostBuilder::new(1, None)
    };
    FleetBuilder::online().host(&host).done()
}

/// News of host number 1.
pub fn delta(rows: Vec<Row>) -> Event {
    let update = Update {
        watch: "w".parse().unwrap(),
        epoch: "e".parse().unwrap(),
        seq: Seq(2),
        kind: Kind::Delta { from: Seq(1) },
        newest_event: 3,
        rows,
    };
    Event::Feed {
        hypervisor: vm_ref(1, 0).hypervisor,
        update,
    }
}

/// Two sines would need floats; two triangles look as good.
fn history_point(metric: Metric, at: u32) -> u64 {
    let triangle = |period: u32, top: u32| {
        let place = at % period;
        u64::from(place.min(period - place) * top / (period / 2))
    };
    match metric {
        Metric::Cpu => 180 + triangle(40, 420) + triangle(7, 90),
        Metric::Memory => (30 << 20) + triangle(90, 12) * (1 << 20),
        Metric::Load => 60 + triangle(50, 180) + triangle(9, 40),
        Metric::DiskRead => triangle(30, 3_000_000) + triangle(5, 400_000),
        Metric::DiskWrite => triangle(20, 900_000),
        Metric::NetReceived => 4_000_000 + triangle(45, 9_000_000),
        Metric::NetSent => 1_000_000 + triangle(33, 2_500_000),
    }
}

/// The fleet of the pictures: two racks, four hypervisors, one of them gone for a quarter of an hour.
pub fn sample() -> Fleet {
    use VmState::{Crashed, Off, Paused, Running, ShuttingDown, Suspended};
    let tagged = |name: &str, state, tags: &[&str]| VmSpec {
        tags: tags.iter().map(ToString::to_string).collect(),
        ..VmSpec::new(name, state)
    };
    let hv01 = HostBuilder::new(1, Some("rack-a"))
        .vm(tagged("web01", Running, &["web", "prod"]))
        .vm(tagged("web02", Running, &["web", "prod"]))
        .vm(tagged("web03", Paused, &["web"]))
        .vm(VmSpec {
            vcpus: 8,
            memory_mib: 32_768,
            cpu: 5_200,
            ..tagged("db01", Running, &["db", "prod"])
        })
        .vm(VmSpec {
            vcpus: 8,
            memory_mib: 32_768,
            ..tagged("db02", Off, &["db"])
        })
        .vm(tagged("mail01", Running, &["infra/mail"]))
        .vm(VmSpec {
            managed: false,
            ..tagged("build-runner-with-a-long-name", ShuttingDown, &[])
        })
        .vm(tagged("legacy-nt4", Crashed, &[]))
        .vm(tagged("laptop-image", Suspended, &[]));
    let mut hv02 = HostBuilder {
        cpu: 110,
        ..HostBuilder::new(2, Some("rack-a"))
    };
    let mut hv03 = HostBuilder {
        cpu: 910,
        ..HostBuilder::new(3, Some("rack-b"))
    };
    for number in 1..=9 {
        let state = if number % 4 == 0 { Off } else { Running };
        hv02 = hv02.vm(tagged(&format!("app{number:02}"), state, &["app"]));
        hv03 = hv03.vm(tagged(&format!("ci-{number}"), Running, &["ci"]));
    }
    let hv04 = HostBuilder::new(4, Some("rack-b"))
        .vm(tagged("backup01", Running, &["infra/backup"]))
        .vm(tagged("dns02", Off, &[]));
    FleetBuilder::online()
        .at(Moment(9_100_000))
        .host(&hv04)
        .offline(&hv04, "disconnected: connection reset")
        .at(Moment(9_990_000))
        .host(&hv01)
        .history(&hv01)
        .log(&hv01)
        .host(&hv02)
        .host(&hv03)
        .done()
}
