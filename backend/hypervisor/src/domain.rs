//! Facts about one machine.

use archipel_protocol::{VmId, VmState};

/// A machine as its hypervisor describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// libvirt's uuid.
    pub id: VmId,
    /// libvirt's name, raw: it may hold anything.
    pub name: String,
    /// What it does now.
    pub state: VmState,
    /// libvirt's run-time number while active.
    pub run_id: Option<u32>,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in use by the guest's configuration, KiB.
    pub memory_kib: u64,
    /// Most memory it may have, KiB.
    pub max_memory_kib: u64,
    /// Whether a definition remains when it stops.
    pub persistent: bool,
    /// Whether it starts with its host.
    pub autostart: bool,
}

/// A change of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Power {
    /// `virDomainCreate`.
    Start,
    /// Asks the guest to stop: `virDomainShutdown`.
    Shutdown,
    /// Stops it at once: `virDomainDestroy`. A machine that is off already is no error.
    Destroy,
    /// Asks the guest to restart: `virDomainReboot`.
    Reboot,
    /// `virDomainSuspend`.
    Suspend,
    /// `virDomainResume`.
    Resume,
}

/// Counters of one active machine; all grow from its start. `None` where the driver cannot tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// Which machine.
    pub id: VmId,
    /// Processor time used, nanoseconds.
    pub cpu_ns: Option<u64>,
    /// Memory that the machine really occupies on the host, KiB.
    pub resident_kib: Option<u64>,
    /// Bytes read from all disks.
    pub disk_read: Option<u64>,
    /// Bytes written to all disks.
    pub disk_written: Option<u64>,
    /// Bytes received on all interfaces.
    pub net_received: Option<u64>,
    /// Bytes sent on all interfaces.
    pub net_sent: Option<u64>,
}
