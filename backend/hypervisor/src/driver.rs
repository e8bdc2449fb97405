//! The one interface between the agent and whatever runs its machines.

use archipel_protocol::VmId;
use tokio::sync::mpsc;

use crate::{Domain, DriverError, DriverEvent, HostSample, Node, Power, Statistics};

/// A hypervisor. Every call may block for seconds and is safe from any thread.
///
/// A driver re-connects by itself: while its hypervisor is out of reach calls fail with
/// [`ErrorKind::Lost`](crate::ErrorKind::Lost), and subscribers hear [`DriverEvent::Lost`] and [`DriverEvent::Restored`].
pub trait Driver: std::fmt::Debug + Send + Sync + 'static {
    /// What the host is. Read again after [`DriverEvent::Restored`].
    fn node(&self) -> Result<Node, DriverError>;

    /// All machines, active or defined, in one bulk call (`virConnectListAllDomains`).
    fn domains(&self) -> Result<Vec<Domain>, DriverError>;

    /// One machine.
    fn domain(&self, id: VmId) -> Result<Domain, DriverError>;

    /// Changes a machine's state. Returns when the hypervisor has accepted; the new state comes as an event.
    fn power(&self, id: VmId, power: Power) -> Result<(), DriverError>;

    /// Whether the machine starts with its host.
    fn set_autostart(&self, id: VmId, on: bool) -> Result<(), DriverError>;

    /// The machine's definition without secrets (`virDomainGetXMLDesc` without `VIR_DOMAIN_XML_SECURE`).
    fn definition(&self, id: VmId) -> Result<String, DriverError>;

    /// The host's capabilities document (`virConnectGetCapabilities`).
    fn capabilities(&self) -> Result<String, DriverError>;

    /// Counters of all active machines in one bulk call (`virConnectGetAllDomainStats`); never one call per machine.
    fn statistics(&self) -> Result<Vec<Statistics>, DriverError>;

    /// The host's own counters now.
    fn host(&self) -> Result<HostSample, DriverError>;

    /// News from now on. The channel is bounded; a subscriber that falls behind gets [`DriverEvent::Missed`] and lists again.
    fn subscribe(&self) -> mpsc::Receiver<DriverEvent>;
}
