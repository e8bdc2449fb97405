//! What libvirt tells of a host that is elsewhere.

use archipel_hypervisor::HostSample;
use virt::{connect::Connect, error::Error};

use crate::ffi::node::{self, Figures};

/// Processor time and memory; a driver that counts neither gives the host's size and what is free.
pub(crate) fn sample(connect: &Connect) -> Result<HostSample, Error> {
    let cpu = node::cpu(connect).unwrap_or_default();
    let memory = node::memory(connect).unwrap_or_default();
    let total =
        sum(&memory, &["total"]).map_or_else(|| connect.node_info().map(|info| info.memory), Ok)?;
    let free = sum(&memory, &["free", "buffers", "cached"])
        .or_else(|| connect.free_memory().ok().map(|bytes| bytes / 1024));
    Ok(HostSample {
        cpu_busy_ns: sum(&cpu, &["kernel", "user", "intr"]),
        cpu_total_ns: sum(&cpu, &["kernel", "user", "intr", "idle", "iowait"]),
        memory_total_kib: Some(total),
        memory_free_kib: free,
        ..HostSample::default()
    })
}

/// The sum of those that are told; `None` when none is.
fn sum(figures: &Figures, names: &[&str]) -> Option<u64> {
    let told = names.iter().filter_map(|name| figures.get(*name).copied());
    told.reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::event_loop;

    /// libvirt's test driver counts processor time, and no memory.
    #[test]
    fn a_driver_that_counts_no_memory_still_gives_its_size() {
        event_loop::ensure().unwrap();
        let connect = Connect::open(Some("test:///default")).unwrap();
        let sample = sample(&connect).unwrap();
        assert!(sample.cpu_busy_ns.is_some() && sample.cpu_total_ns > sample.cpu_busy_ns);
        assert_eq!(
            sample.memory_total_kib,
            Some(connect.node_info().unwrap().memory)
        );
    }

    #[test]
    fn a_real_host_counts_both() {
        let programs = ["libvirtd", "virsh", "qemu-system-x86_64"];
        if let Some(reason) = archipel_lab::missing(&programs) {
            return archipel_lab::skip("a real host's counters", &reason);
        }
        event_loop::ensure().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let daemon = archipel_lab::Libvirtd::start(archipel_lab::Driver::Qemu);
        let daemon = runtime.block_on(daemon).unwrap();
        let told = sample(&Connect::open(Some(&daemon.uri())).unwrap()).unwrap();
        let seen = crate::host::local::sample();
        assert_eq!(told.memory_total_kib, seen.memory_total_kib);
        assert!(told.memory_free_kib > Some(0) && told.memory_free_kib < told.memory_total_kib);
        assert!(told.cpu_busy_ns > Some(0) && told.cpu_total_ns > told.cpu_busy_ns);
    }

    #[test]
    fn what_is_not_told_is_not_nothing() {
        let told = Figures::from([("kernel".to_owned(), 3), ("user".to_owned(), 4)]);
        assert_eq!(sum(&told, &["kernel", "user", "intr"]), Some(7));
        assert_eq!(sum(&told, &["idle"]), None);
    }
}
