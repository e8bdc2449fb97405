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
