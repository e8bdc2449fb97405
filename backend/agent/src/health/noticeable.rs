//! Which changes of load are worth a stanza. An idle host must cost next to nothing.

use archipel_protocol::feed::{HostLoad, VmLoad};

/// Thousandths of processing power.
const CPU: u64 = 20;
/// Hundredths of the load figure.
const LOAD: u64 = 20;
/// KiB of memory below which nothing is noticed.
const MEMORY: u64 = 4 * 1024;
/// Bytes per second below which nothing is noticed.
const RATE: u64 = 8 * 1024;

/// Whether `new` differs noticeably from what was told. Uptime does not count: whoever knows it once can count on.
pub(super) fn host(told: &HostLoad, new: &HostLoad) -> bool {
    let minute = |load: &HostLoad| load.load.map(|[one, ..]| u64::from(one));
    far(wide(told.cpu_permille), wide(new.cpu_permille), CPU, 0)
        || far(told.memory_kib, new.memory_kib, MEMORY, 2)
        || far(told.swap_kib, new.swap_kib, MEMORY, 2)
        || far(minute(told), minute(new), LOAD, 10)
        || pair(told.disk, new.disk)
        || pair(told.net, new.net)
        || told.swap_total_kib != new.swap_total_kib
        || file_systems(told, new)
}

/// Whether `new` differs noticeably from what was told.
pub(super) fn vm(told: &VmLoad, new: &VmLoad) -> bool {
    far(wide(told.cpu_permille), wide(new.cpu_permille), CPU, 0)
        || far(told.memory_kib, new.memory_kib, MEMORY, 2)
        || pair(told.disk, new.disk)
        || pair(told.net, new.net)
}

fn wide(value: Option<u32>) -> Option<u64> {
    value.map(u64::from)
}

/// Known where it was not, or apart by at least `least` and by `percent` of what was told.
fn far(told: Option<u64>, new: Option<u64>, least: u64, percent: u64) -> bool {
    match (told, new) {
        (Some(told), Some(new)) => {
            let apart = told.abs_diff(new);
            apart >= least && apart >= told / 100 * percent
        }
        (None, None) => false,
        _ => true,
    }
}

fn pair(told: Option<(u64, u64)>, new: Option<(u64, u64)>) -> bool {
    let one = |side: fn((u64, u64)) -> u64| far(told.map(side), new.map(side), RATE, 20);
    one(|(first, _)| first) || one(|(_, second)| second)
}

/// Another set of file systems, or one that filled or emptied by a hundredth.
fn file_systems(told: &HostLoad, new: &HostLoad) -> bool {
    let same = told.file_systems.len() == new.file_systems.len();
    let mut pairs = told.file_systems.iter().zip(&new.file_systems);
    !same
        || pairs.any(|(told, new)| {
            told.mount != new.mount
                || told.size != new.size
                || told.used.abs_diff(new.used) > new.size / 100
        })
}
