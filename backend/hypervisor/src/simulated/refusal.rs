//! The errors of a libvirt, with its numbers and words.

use archipel_domain::XmlError;
use archipel_protocol::VmId;

use crate::{DriverError, ErrorKind};

fn error(kind: ErrorKind, code: i32, message: String) -> DriverError {
    DriverError {
        kind,
        code: Some(code),
        message,
    }
}

/// `VIR_ERR_NO_DOMAIN`.
pub(super) fn not_found(id: VmId) -> DriverError {
    error(
        ErrorKind::NotFound,
        42,
        format!("Domain not found: no domain with matching uuid '{id}'"),
    )
}

/// `VIR_ERR_OPERATION_INVALID`.
pub(super) fn wrong_state(why: &str) -> DriverError {
    error(
        ErrorKind::WrongState,
        55,
        format!("Requested operation is not valid: {why}"),
    )
}

/// `VIR_ERR_OPERATION_FAILED`.
pub(super) fn name_taken(name: &str, by: VmId) -> DriverError {
    error(
        ErrorKind::Failed,
        9,
        format!("operation failed: domain '{name}' is already defined with uuid {by}"),
    )
}

/// `VIR_ERR_XML_ERROR`.
pub(super) fn bad_definition(why: &XmlError) -> DriverError {
    error(ErrorKind::Failed, 27, format!("XML error: {why}"))
}

/// `VIR_ERR_NO_STORAGE_VOL`.
pub(super) fn no_volume(path: &str) -> DriverError {
    error(
        ErrorKind::NotFound,
        50,
        format!("Storage volume not found: no storage vol with matching path '{path}'"),
    )
}

/// `VIR_ERR_STORAGE_VOL_EXIST`.
pub(super) fn volume_exists(name: &str) -> DriverError {
    error(
        ErrorKind::Failed,
        90,
        format!("storage volume '{name}' exists already"),
    )
}

/// No number: libvirt does not look.
pub(super) fn built_upon(other: &str) -> DriverError {
    DriverError::new(ErrorKind::Busy, format!("`{other}` builds on it"))
}

/// `VIR_ERR_INVALID_ARG`.
pub(super) fn invalid(why: &str) -> DriverError {
    error(ErrorKind::Failed, 8, format!("invalid argument: {why}"))
}

/// No number: the connection is gone, no call reached the hypervisor.
pub(super) fn lost(reason: &str) -> DriverError {
    DriverError::new(
        ErrorKind::Lost,
        format!("the hypervisor is out of reach: {reason}"),
    )
}
