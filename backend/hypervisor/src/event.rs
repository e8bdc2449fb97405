//! What a driver tells without being asked.

use archipel_protocol::VmId;

/// News from a hypervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriverEvent {
    /// Something happened to a machine; read it again for the facts.
    Machine {
        /// Which machine.
        id: VmId,
        /// What happened.
        what: Lifecycle,
    },
    /// More happened than the subscriber's queue holds: list all machines again.
    Missed,
    /// The hypervisor is out of reach; the driver goes on trying.
    Lost {
        /// Why, for people.
        reason: String,
    },
    /// It is back: everything may have changed.
    Restored,
}

/// libvirt's lifecycle events (`virDomainEventType`), by meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lifecycle {
    /// Defined or redefined.
    Defined,
    /// Its definition is gone.
    Undefined,
    /// Started.
    Started,
    /// Paused.
    Suspended,
    /// Goes on after a pause.
    Resumed,
    /// Stopped, for whatever reason.
    Stopped,
    /// The guest finished its own shutdown; [`Lifecycle::Stopped`] follows.
    ShutDown,
    /// Put to sleep by its guest.
    PmSuspended,
    /// The guest crashed.
    Crashed,
}
