//! Facts about the host itself.

/// What changes rarely.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// Host name.
    pub hostname: String,
    /// libvirt's driver name, such as `QEMU` or `TEST`.
    pub driver: String,
    /// Version of the hypervisor, packed as libvirt does: major × 1,000,000 + minor × 1,000 + release.
    pub driver_version: u64,
    /// Version of libvirt, packed the same way.
    pub libvirt_version: u64,
    /// Processor model.
    pub model: String,
    /// Memory, KiB.
    pub memory_kib: u64,
    /// Active processors.
    pub cpus: u32,
    /// Frequency, MHz.
    pub mhz: u32,
    /// NUMA nodes.
    pub numa_nodes: u32,
    /// Sockets per NUMA node.
    pub sockets: u32,
    /// Cores per socket.
    pub cores: u32,
    /// Threads per core.
    pub threads: u32,
    /// Whether hardware virtualisation can be used.
    pub hardware_virtualisation: bool,
    /// Kernel name, release, machine and operating system, where known.
    pub kernel: Option<Kernel>,
}

/// What `uname` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kernel {
    /// Kernel name, such as `Linux`.
    pub name: String,
    /// Kernel release.
    pub release: String,
    /// Machine architecture.
    pub machine: String,
    /// Operating system.
    pub system: String,
}

/// The host's counters at one moment. `None` and empty lists where the driver cannot tell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HostSample {
    /// Processor time spent busy since the host's start, all processors, nanoseconds.
    pub cpu_busy_ns: Option<u64>,
    /// Processor time in all, nanoseconds.
    pub cpu_total_ns: Option<u64>,
    /// Memory, KiB.
    pub memory_total_kib: Option<u64>,
    /// Memory free, with buffers and caches, KiB.
    pub memory_free_kib: Option<u64>,
    /// Swap, KiB.
    pub swap_total_kib: Option<u64>,
    /// Swap in use, KiB.
    pub swap_used_kib: Option<u64>,
    /// Memory saved by sharing equal pages (KSM), KiB.
    pub shared_kib: Option<u64>,
    /// Mean number of runnable tasks over 1, 5 and 15 minutes.
    pub load: Option<[f64; 3]>,
    /// Seconds since the host's start.
    pub uptime_s: Option<u64>,
    /// Bytes read from all disks since the host's start.
    pub disk_read: Option<u64>,
    /// Bytes written to all disks.
    pub disk_written: Option<u64>,
    /// Mounted file systems that hold data.
    pub file_systems: Vec<FileSystem>,
    /// Interfaces but the loopback.
    pub interfaces: Vec<Interface>,
}

/// A mounted file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSystem {
    /// Device.
    pub device: String,
    /// Where it is mounted.
    pub mount: String,
    /// Size, bytes.
    pub size: u64,
    /// In use, bytes.
    pub used: u64,
    /// Free, with the reserve of the superuser, bytes.
    pub available: u64,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Bytes received since it came up.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
}
