//! Counters into rates.

use std::collections::BTreeMap;

use archipel_hypervisor::{HostSample, Statistics};
use archipel_protocol::{
    VmId,
    feed::{FileSystem, HostLoad, Interface, VmLoad},
};
use jiff::Timestamp;
use tokio::time::Instant;

/// All counters at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    /// When, on the clock that never jumps.
    pub(crate) at: Instant,
    /// When, for people.
    pub(crate) wall: Timestamp,
    /// The host's.
    pub(crate) host: HostSample,
    /// The active machines'.
    pub(crate) machines: Vec<Statistics>,
}

/// Loads between two moments.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loads {
    pub(crate) host: HostLoad,
    pub(crate) machines: BTreeMap<VmId, VmLoad>,
}

/// The counters of the sample before.
#[derive(Debug, Default)]
pub(super) struct Rates(Option<Before>);

#[derive(Debug)]
struct Before {
    at: Instant,
    host: HostSample,
    machines: BTreeMap<VmId, Statistics>,
}

/// Thousandths of a second: precise enough, and whole.
struct Elapsed(u64);

impl Elapsed {
    /// Units per second; nothing where a counter began anew or no time passed.
    fn rate(&self, before: Option<u64>, now: Option<u64>) -> Option<u64> {
        let grown = now?.checked_sub(before?)?;
        per(grown.checked_mul(1_000)?, self.0)
    }

    /// A pair is known only together.
    fn rates(&self, before: [Option<u64>; 2], now: [Option<u64>; 2]) -> Option<(u64, u64)> {
        let first = self.rate(before[0], now[0]);
        first.zip(self.rate(before[1], now[1]))
    }
}

fn per(amount: u64, whole: u64) -> Option<u64> {
    amount.checked_div(whole)
}

impl Rates {
    /// The loads since the sample before.
    pub(super) fn next(&mut self, now: &Figures) -> Loads {
        let before = self.0.as_ref();
        let millis = before.map_or(0, |before| now.at.duration_since(before.at).as_millis());
        let elapsed = Elapsed(u64::try_from(millis).unwrap_or(u64::MAX));
        let loads = Loads {
            host: host(before.map(|before| &before.host), &now.host, &elapsed),
            machines: machines(before.map(|before| &before.machines), now, &elapsed),
        };
        self.0 = Some(Before {
            at: now.at,
            host: now.host.clone(),
            machines: now
                .machines
                .iter()
                .map(|machine| (machine.id, *machine))
                .collect(),
        });
        loads
    }
}

fn host(before: Option<&HostSample>, now: &HostSample, elapsed: &Elapsed) -> HostLoad {
    let interfaces = interfaces(before, now, elapsed);
    let disks = |sample: &HostSample| [sample.disk_read, sample.disk_written];
    HostLoad {
        cpu_permille: before.and_then(|before| busy_permille(before, now)),
        memory_kib: now
            .memory_total_kib
            .zip(now.memory_free_kib)
            .map(|(total, free)| total.saturating_sub(free)),
        swap_kib: now.swap_used_kib,
        swap_total_kib: now.swap_total_kib,
        load: now.load.map(|load| load.map(hundredths)),
        uptime_s: now.uptime_s,
        disk: before.and_then(|before| elapsed.rates(disks(before), disks(now))),
        net: before.map(|_| sum(&interfaces)),
        file_systems: now.file_systems.iter().map(file_system).collect(),
        interfaces,
    }
}

fn busy_permille(before: &HostSample, now: &HostSample) -> Option<u32> {
    let busy = now.cpu_busy_ns?.checked_sub(before.cpu_busy_ns?)?;
    let total = now.cpu_total_ns?.checked_sub(before.cpu_total_ns?)?;
    let share = per(busy.checked_mul(1_000)?, total)?;
    u32::try_from(share.min(1_000)).ok()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates, and a load is small.
fn hundredths(load: f64) -> u32 {
    (load * 100.0).round() as u32
}

fn file_system(file_system: &archipel_hypervisor::FileSystem) -> FileSystem {
    FileSystem {
        mount: file_system.mount.clone(),
        size: file_system.size,
        used: file_system.used,
    }
}

fn interfaces(before: Option<&HostSample>, now: &HostSample, elapsed: &Elapsed) -> Vec<Interface> {
    let earlier = |name: &str| {
        let all = before.into_iter().flat_map(|before| &before.interfaces);
        all.into_iter().find(|interface| interface.name == name)
    };
    let rate = |interface: &archipel_hypervisor::Interface| {
        let before = earlier(&interface.name)?;
        Some(Interface {
            name: interface.name.clone(),
            received: elapsed.rate(Some(before.received), Some(interface.received))?,
            sent: elapsed.rate(Some(before.sent), Some(interface.sent))?,
        })
    };
    now.interfaces.iter().filter_map(rate).collect()
}

fn sum(interfaces: &[Interface]) -> (u64, u64) {
    interfaces
        .iter()
        .fold((0, 0), |(received, sent), interface| {
            (
                received.saturating_add(interface.received),
                sent.saturating_add(interface.sent),
            )
        })
}

fn machines(
    before: Option<&BTreeMap<VmId, Statistics>>,
    now: &Figures,
    elapsed: &Elapsed,
) -> BTreeMap<VmId, VmLoad> {
    let load = |now: &Statistics| {
        let before = before.and_then(|before| before.get(&now.id));
        (now.id, machine(before, now, elapsed))
    };
    now.machines.iter().map(load).collect()
}

fn machine(before: Option<&Statistics>, now: &Statistics, elapsed: &Elapsed) -> VmLoad {
    let disk = |counters: &Statistics| [counters.disk_read, counters.disk_written];
    let net = |counters: &Statistics| [counters.net_received, counters.net_sent];
    let cpu = before.and_then(|before| elapsed.rate(before.cpu_ns, now.cpu_ns));
    VmLoad {
        id: now.id,
        // Nanoseconds per second, of which a million are a thousandth of a processor.
        cpu_permille: cpu.and_then(|rate| u32::try_from(rate / 1_000_000).ok()),
        memory_kib: now.resident_kib,
        disk: before.and_then(|before| elapsed.rates(disk(before), disk(now))),
        net: before.and_then(|before| elapsed.rates(net(before), net(now))),
    }
}
