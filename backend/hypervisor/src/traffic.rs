//! What goes through a machine's interfaces.

use std::net::IpAddr;

/// One interface of a running machine. Counters grow from its start; `None` where the hypervisor cannot tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traffic {
    /// libvirt's alias, such as `net0`; else the device on the host.
    pub name: String,
    /// The hardware address, as the definition says.
    pub mac: Option<String>,
    /// Addresses that the host's own networks leased to it, or that the guest's agent tells.
    pub addresses: Vec<IpAddr>,
    /// Received.
    pub received: Counters,
    /// Sent.
    pub sent: Counters,
}

/// Counters of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Bytes.
    pub bytes: Option<u64>,
    /// Packets.
    pub packets: Option<u64>,
    /// Errors.
    pub errors: Option<u64>,
    /// Packets that were dropped.
    pub dropped: Option<u64>,
}
