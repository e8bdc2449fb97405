//! What was asked of the driver.

use archipel_protocol::VmId;

use crate::{Apply, Power, View};

/// One call of the [`Driver`](crate::Driver).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// `node`.
    Node,
    /// `domains`.
    Domains,
    /// `domain`.
    Domain(VmId),
    /// `power`.
    Power(VmId, Power),
    /// `set_autostart`.
    SetAutostart(VmId, bool),
    /// `definition`.
    Definition(VmId),
    /// `capabilities`.
    Capabilities,
    /// `statistics`.
    Statistics,
    /// `host`.
    Host,
    /// `define`.
    Define,
    /// `undefine`.
    Undefine(VmId),
    /// `secure_definition`.
    SecureDefinition(VmId, View),
    /// `drop_saved`.
    DropSaved(VmId),
    /// `set_memory`, KiB.
    SetMemory(VmId, u64, Apply),
    /// `set_vcpus`.
    SetVcpus(VmId, u32, Apply),
    /// `pin`, of this processor.
    Pin(VmId, u32, Apply),
    /// `rename`.
    Rename(VmId),
    /// `describe`.
    Describe(VmId),
    /// `delete_volume`.
    DeleteVolume,
    /// `copy_volume`.
    CopyVolume,
    /// `screenshot`.
    Screenshot(VmId),
    /// `uri`.
    Uri,
    /// `traffic`.
    Traffic(VmId),
}

impl Call {
    /// Whether it changes anything.
    pub fn changes(&self) -> bool {
        !matches!(
            self,
            Self::Node
                | Self::Domains
                | Self::Domain(_)
                | Self::Definition(_)
                | Self::SecureDefinition(..)
                | Self::Capabilities
                | Self::Statistics
                | Self::Host
                | Self::Traffic(_)
                | Self::Screenshot(_)
                | Self::Uri
        )
    }
}
