//! What happens on a host.

use archipel_protocol::{VmId, VmState};

use crate::Power;

/// Something that happens without the driver having been asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Somebody uses another tool; libvirt's laws hold.
    Power(VmId, Power),
    /// The machine is in this state now, whatever it was in: a guest crashes, sleeps, stops by itself.
    Become(VmId, VmState),
    /// Starts with the host, or not. libvirt has no event for it.
    Autostart(VmId, bool),
    /// A new definition.
    Define(String),
    /// The definition goes; an active machine stays until it stops.
    Undefine(VmId),
}
