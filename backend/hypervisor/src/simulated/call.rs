//! What was asked of the driver.

use archipel_protocol::VmId;

use crate::Power;

/// One call of the [`Driver`](crate::Driver), or of the simulated driver's own `define` and `undefine`.
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
}

impl Call {
    /// Whether it changes anything.
    pub fn changes(&self) -> bool {
        matches!(
            self,
            Self::Power(..) | Self::SetAutostart(..) | Self::Define | Self::Undefine(_)
        )
    }
}
