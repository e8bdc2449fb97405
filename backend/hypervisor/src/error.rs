//! Why a driver's call failed.

/// A failed call. The text is the hypervisor's own; the kind says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DriverError {
    /// The class of the failure.
    pub kind: ErrorKind,
    /// libvirt's error number (`virErrorNumber`) where it gave one.
    pub code: Option<i32>,
    /// What the hypervisor said.
    pub message: String,
}

/// The class of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No such machine.
    NotFound,
    /// The machine's state does not allow it.
    WrongState,
    /// Something else holds the machine.
    Busy,
    /// This hypervisor cannot do it.
    Unsupported,
    /// The hypervisor refuses this user.
    Denied,
    /// The hypervisor is out of reach.
    Lost,
    /// Anything else.
    Failed,
}

impl DriverError {
    /// An error of the driver's own, without a libvirt number.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            message: message.into(),
        }
    }
}
