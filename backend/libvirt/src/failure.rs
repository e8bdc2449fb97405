//! libvirt's errors as the driver's.

use archipel_domain::XmlError;
use archipel_hypervisor::{DriverError, ErrorKind};
use virt::{error::Error, sys};

/// Why a call failed, before anybody looked whether the connection still lives.
#[derive(Debug)]
pub(crate) enum Failure {
    /// libvirt said so.
    Libvirt(Error),
    /// libvirt said so, and the machine's state is why, whatever number libvirt chose.
    WrongState(Error),
    /// The machine is off.
    Off,
    /// The machine has no definition, it only runs.
    Transient,
    /// Another volume builds on this one.
    BuiltUpon(String),
    /// The pool reads a volume as another format than its machine does.
    OtherFormat { path: String, pool: String },
    /// A document for libvirt could not be made.
    Made(String),
    /// A picture is larger than one may be.
    TooLarge,
    /// libvirt gave a document that is none.
    Document(XmlError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Libvirt(error)
    }
}

impl From<XmlError> for Failure {
    fn from(error: XmlError) -> Self {
        Self::Document(error)
    }
}

impl From<Failure> for DriverError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Libvirt(error) => said(kind(&error), &error),
            Failure::WrongState(error) => said(ErrorKind::WrongState, &error),
            Failure::Off => Self::new(ErrorKind::WrongState, "the machine is off"),
            Failure::Transient => Self::new(
                ErrorKind::WrongState,
                "the machine is transient: it has no definition",
            ),
            Failure::BuiltUpon(other) => {
                Self::new(ErrorKind::Busy, format!("`{other}` builds on it"))
            }
            Failure::OtherFormat { path, pool } => Self::new(
                ErrorKind::Unsupported,
                format!("its pool takes `{path}` for {pool}, which its machine does not"),
            ),
            Failure::Made(why) => Self::new(ErrorKind::Failed, why),
            Failure::TooLarge => Self::new(ErrorKind::Unsupported, "the picture is too large"),
            Failure::Document(error) => Self::new(ErrorKind::Failed, error.to_string()),
        }
    }
}

fn said(kind: ErrorKind, error: &Error) -> DriverError {
    DriverError {
        kind,
        code: i32::try_from(code(error)).ok(),
        message: error.message().to_owned(),
    }
}

/// Whether a driver does not know a flag of a call (`virCheckFlags` in libvirt).
pub(crate) fn is_flag_unknown(error: &Error) -> bool {
    matches!(
        code(error),
        sys::VIR_ERR_INVALID_ARG | sys::VIR_ERR_ARGUMENT_UNSUPPORTED
    ) && error.message().contains("unsupported flags")
        || code(error) == sys::VIR_ERR_NO_SUPPORT
}

/// libvirt's error number (`virErrorNumber`).
pub(crate) fn code(error: &Error) -> sys::virErrorNumber {
    error.code().to_raw()
}

/// What to do about an error.
pub(crate) fn kind(error: &Error) -> ErrorKind {
    match code(error) {
        sys::VIR_ERR_NO_DOMAIN | sys::VIR_ERR_NO_STORAGE_VOL | sys::VIR_ERR_NO_STORAGE_POOL => {
            ErrorKind::NotFound
        }
        sys::VIR_ERR_OPERATION_INVALID => ErrorKind::WrongState,
        sys::VIR_ERR_OPERATION_TIMEOUT
        | sys::VIR_ERR_RESOURCE_BUSY
        | sys::VIR_ERR_AGENT_UNRESPONSIVE
        | sys::VIR_ERR_AGENT_UNSYNCED => ErrorKind::Busy,
        sys::VIR_ERR_NO_SUPPORT
        | sys::VIR_ERR_CONFIG_UNSUPPORTED
        | sys::VIR_ERR_ARGUMENT_UNSUPPORTED
        | sys::VIR_ERR_OPERATION_UNSUPPORTED => ErrorKind::Unsupported,
        sys::VIR_ERR_OPERATION_DENIED
        | sys::VIR_ERR_AUTH_FAILED
        | sys::VIR_ERR_AUTH_CANCELLED
        | sys::VIR_ERR_AUTH_UNAVAILABLE
        | sys::VIR_ERR_ACCESS_DENIED => ErrorKind::Denied,
        sys::VIR_ERR_INVALID_CONN => ErrorKind::Lost,
        // The words of the connection itself: end of file, broken pipe.
        sys::VIR_ERR_SYSTEM_ERROR if error.domain().to_raw() == sys::VIR_FROM_RPC => {
            ErrorKind::Lost
        }
        _ => ErrorKind::Failed,
    }
}
