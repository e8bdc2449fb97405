//! The one interface between the agent and whatever runs its machines.

use archipel_protocol::VmId;
use tokio::sync::mpsc;

use crate::{
    Apply, Domain, DriverError, DriverEvent, HostSample, Node, Pin, Power, Screen, Statistics,
    Traffic, View, Volume, VolumeCopy,
};

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

    /// One of the machine's definitions with all its secrets (`virDomainGetXMLDesc` with `VIR_DOMAIN_XML_SECURE`). It must not leave
    /// the host unmasked.
    fn secure_definition(&self, id: VmId, view: View) -> Result<String, DriverError>;

    /// Defines a machine, or gives the one with the same uuid another definition, which a running one takes at its next start. The text
    /// is compared with libvirt's schema where the hypervisor can (`virDomainDefineXMLFlags` with `VIR_DOMAIN_DEFINE_VALIDATE`).
    fn define(&self, xml: &str) -> Result<VmId, DriverError>;

    /// Takes a machine's definition away, with saved memory, firmware variables and what libvirt knows of its snapshots
    /// (`virDomainUndefineFlags`). A running machine goes on and is gone when it stops.
    fn undefine(&self, id: VmId) -> Result<(), DriverError>;

    /// Throws saved memory away: the next start begins anew (`virDomainManagedSaveRemove`).
    fn drop_saved(&self, id: VmId) -> Result<(), DriverError>;

    /// Gives a machine so much memory, KiB (`virDomainSetMemoryFlags`). From the next start on it may also be more than it could have
    /// until now.
    fn set_memory(&self, id: VmId, kib: u64, apply: Apply) -> Result<(), DriverError>;

    /// Gives a machine so many processors (`virDomainSetVcpusFlags`). From the next start on they may also be more than it could have
    /// until now.
    fn set_vcpus(&self, id: VmId, count: u32, apply: Apply) -> Result<(), DriverError>;

    /// Ties one of a machine's processors to some of the host's (`virDomainPinVcpuFlags`).
    fn pin(&self, id: VmId, pin: &Pin, apply: Apply) -> Result<(), DriverError>;

    /// Gives a machine that is off another name (`virDomainRename`).
    fn rename(&self, id: VmId, name: &str) -> Result<(), DriverError>;

    /// Writes a machine's `<description>`, now and for its next start, or takes it away (`virDomainSetMetadata`). The rest of its
    /// definitions stays as it is.
    fn describe(&self, id: VmId, text: Option<&str>) -> Result<(), DriverError>;

    /// Counters and addresses of a running machine's interfaces (`virDomainInterfaceStats`, `virDomainInterfaceAddresses`).
    fn traffic(&self, id: VmId) -> Result<Vec<Traffic>, DriverError>;

    /// Deletes a volume by its path (`virStorageVolLookupByPath`, `virStorageVolDelete`).
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound): no pool knows it; [`ErrorKind::Busy`](crate::ErrorKind::Busy): another volume
    /// builds on it.
    fn delete_volume(&self, path: &str) -> Result<(), DriverError>;

    /// Makes a volume from another in the other's pool (`virStorageVolCreateXMLFrom`, `virStorageVolCreateXML`). May take as long as
    /// the disk is large. [`ErrorKind::NotFound`](crate::ErrorKind::NotFound): no pool knows the other.
    fn copy_volume(&self, copy: &VolumeCopy) -> Result<Volume, DriverError>;

    /// What the first screen of a running machine shows (`virDomainScreenshot`).
    fn screenshot(&self, id: VmId) -> Result<Screen, DriverError>;

    /// The address of the hypervisor as it calls itself (`virConnectGetURI`).
    fn uri(&self) -> Result<String, DriverError>;

    /// The host's capabilities document (`virConnectGetCapabilities`).
    fn capabilities(&self) -> Result<String, DriverError>;

    /// Counters of all active machines in one bulk call (`virConnectGetAllDomainStats`); never one call per machine.
    fn statistics(&self) -> Result<Vec<Statistics>, DriverError>;

    /// The host's own counters now.
    fn host(&self) -> Result<HostSample, DriverError>;

    /// News from now on. The channel is bounded; a subscriber that falls behind gets [`DriverEvent::Missed`] and lists again.
    fn subscribe(&self) -> mpsc::Receiver<DriverEvent>;
}
