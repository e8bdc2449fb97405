//! This host, from `/proc` and `/sys`. What cannot be read is unknown, never an error: a container may hide any of it.

use std::{fs, path::Path};

use archipel_hypervisor::HostSample;

use super::{files, mounts};

/// All counters now.
pub(crate) fn sample() -> HostSample {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = files::cpu(&read("/proc/stat"));
    let ns_per_tick = 1_000_000_000 / rustix::param::clock_ticks_per_second().max(1);
    let memory = files::memory(&read("/proc/meminfo"));
    let disks = files::disks(&read("/proc/diskstats"), is_real_disk);
    HostSample {
        cpu_busy_ns: cpu.map(|ticks| ticks.busy.saturating_mul(ns_per_tick)),
        cpu_total_ns: cpu.map(|ticks| ticks.total.saturating_mul(ns_per_tick)),
        memory_total_kib: memory.total,
        memory_free_kib: memory.free,
        swap_total_kib: memory.swap_total,
        swap_used_kib: memory.swap_used,
        shared_kib: shared_kib(&read("/sys/kernel/mm/ksm/pages_sharing")),
        load: files::load(&read("/proc/loadavg")),
        uptime_s: files::uptime(&read("/proc/uptime")),
        disk_read: disks.map(|bytes| bytes.read),
        disk_written: disks.map(|bytes| bytes.written),
        file_systems: mounts::file_systems(&read("/proc/self/mounts")),
        interfaces: files::interfaces(&read("/proc/net/dev")),
    }
}

/// Whether the processors say that they can virtualise (Intel: `vmx`, AMD: `svm`).
pub(crate) fn has_virtualisation() -> bool {
    fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| files::has_virtualisation(&text))
}

/// Partitions, loops, mapped and striped devices would count the same bytes twice; only a real disk has a device behind it.
fn is_real_disk(name: &str) -> bool {
    !name.contains(['/', '.']) && Path::new("/sys/block").join(name).join("device").exists()
}

fn shared_kib(pages: &str) -> Option<u64> {
    let page = u64::try_from(rustix::param::page_size()).ok()?;
    Some(pages.trim().parse::<u64>().ok()?.saturating_mul(page) / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_host_has_memory_and_time() {
        let sample = sample();
        assert!(
            sample.memory_total_kib > sample.memory_free_kib && sample.memory_free_kib.is_some()
        );
        assert!(sample.cpu_total_ns >= sample.cpu_busy_ns && sample.cpu_busy_ns.is_some());
        assert!(sample.uptime_s.is_some() && sample.load.is_some());
        assert!(
            sample
                .interfaces
                .iter()
                .all(|interface| interface.name != "lo")
        );
    }

    #[test]
    fn merged_pages_are_counted_in_kib() {
        let page = u64::try_from(rustix::param::page_size()).unwrap_or_default();
        assert_eq!(shared_kib("10\n"), Some(10 * page / 1024));
        assert_eq!(shared_kib(""), None);
    }
}
