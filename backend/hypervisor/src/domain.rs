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
    /// Whether its memory lies in a file from which the next start goes on (`virDomainHasManagedSaveImage`).
    pub saved: bool,
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
    /// The reset button: the guest is not asked (`virDomainReset`).
    Reset,
    /// Stops it with its memory kept in a file; the next start goes on from there (`virDomainManagedSave`).
    Save,
}

/// Which of a machine's two definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// The one it runs by; where it is off, the other.
    Live,
    /// The one from which it starts next (`VIR_DOMAIN_XML_INACTIVE`).
    Next,
}

/// When a change counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Apply {
    /// At once, until the machine stops (`VIR_DOMAIN_AFFECT_LIVE`).
    Live,
    /// From the next start on (`VIR_DOMAIN_AFFECT_CONFIG`).
    Next,
    /// Both.
    Both,
}

impl Apply {
    /// Whether it counts at once.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live | Self::Both)
    }

    /// Whether it counts from the next start on.
    pub const fn is_next(self) -> bool {
        matches!(self, Self::Next | Self::Both)
    }
}

/// On which of the host's processors one of a machine's may run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pin {
    /// The machine's processor, from 0.
    pub vcpu: u32,
    /// The host's, from 0; at least one.
    pub cpus: Vec<u32>,
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
