//! The simulated host itself.

use std::time::Duration;

use super::world::World;
use crate::{FileSystem, HostSample, Interface, Kernel, Node};

/// What the host's own system occupies, KiB.
const SYSTEM_KIB: u64 = 1 << 20;
/// The size of its only file system, bytes.
const DISK_BYTES: u64 = 1 << 40;

/// A host of two sockets with 16 processors and 64 GiB.
pub(super) fn node() -> Node {
    Node {
        hostname: "simulated".to_owned(),
        driver: "TEST".to_owned(),
        driver_version: 2,
        libvirt_version: 9_000_000,
        model: "x86_64".to_owned(),
        memory_kib: 64 << 20,
        cpus: 16,
        mhz: 2_600,
        numa_nodes: 1,
        sockets: 2,
        cores: 4,
        threads: 2,
        hardware_virtualisation: true,
        kernel: Some(Kernel {
            name: "Linux".to_owned(),
            release: "6.1.0".to_owned(),
            machine: "x86_64".to_owned(),
            system: "GNU/Linux".to_owned(),
        }),
    }
}

/// The least that a reader of capabilities looks for.
pub(super) fn capabilities(node: &Node) -> String {
    format!(
        "<capabilities>\n  <host>\n    <cpu>\n      <arch>x86_64</arch>\n      \
         <topology sockets='{}' dies='1' cores='{}' threads='{}'/>\n    </cpu>\n  </host>\n  \
         <guest>\n    <os_type>hvm</os_type>\n    <arch name='x86_64'>\n      <domain type='test'/>\n    </arch>\n  \
         </guest>\n</capabilities>\n",
        node.sockets, node.cores, node.threads
    )
}

/// The host's counters: the sum of its machines', on top of a small system.
pub(super) fn sample(node: &Node, world: &World, now: Duration) -> HostSample {
    let used = world.used(now);
    let total_ns = nanoseconds(now).saturating_mul(u64::from(node.cpus));
    let active = || {
        world
            .machines
            .values()
            .filter(|machine| machine.domain.state.is_active())
    };
    let resident: u64 = active().map(|machine| machine.resident_kib(now)).sum();
    let load = |seconds| {
        active()
            .map(|machine| machine.mean_load(now, Duration::from_secs(seconds)))
            .sum()
    };
    HostSample {
        cpu_busy_ns: Some(used.cpu_ns.min(total_ns)),
        cpu_total_ns: Some(total_ns),
        memory_total_kib: Some(node.memory_kib),
        memory_free_kib: Some(node.memory_kib.saturating_sub(SYSTEM_KIB + resident)),
        swap_total_kib: Some(0),
        swap_used_kib: Some(0),
        shared_kib: Some(0),
        load: Some([load(60), load(300), load(900)]),
        uptime_s: Some(now.as_secs()),
        disk_read: Some(used.disk_read),
        disk_written: Some(used.disk_written),
        file_systems: vec![root_file_system(used.disk_written)],
        interfaces: vec![Interface {
            name: "eth0".to_owned(),
            received: used.net_received,
            sent: used.net_sent,
        }],
    }
}

/// Fills slowly with what machines write, up to nine tenths.
fn root_file_system(written: u64) -> FileSystem {
    let used = (DISK_BYTES / 4 + written / 64).min(DISK_BYTES / 10 * 9);
    FileSystem {
        device: "/dev/sda1".to_owned(),
        mount: "/".to_owned(),
        size: DISK_BYTES,
        used,
        available: DISK_BYTES - used,
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
