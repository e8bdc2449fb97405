//! Operations: a change that is asked for once and done at most once (`urn:archipel:task:1`).
//!
//! The id rides on the original's request element, `<archipel action='…' op='…' issued='…' expires='…'/>`; the answer repeats it in
//! `<operation xmlns='urn:archipel:task:1' id='…'/>`, which the original's web client ignores.

use jiff::{SignedDuration, Timestamp};
use minidom::Element;

use crate::{
    ids::OperationId,
    ns,
    xml::{Build, ParseError, name, optional, required},
};

/// The longest time that may lie between `issued` and `expires`.
pub const HORIZON: SignedDuration = SignedDuration::from_hours(24);

/// What makes a request an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Chosen by the requester.
    pub id: OperationId,
    /// When the requester issued it (UTC, RFC 3339).
    pub issued: Timestamp,
    /// When it must no longer be begun.
    pub expires: Timestamp,
}

impl Operation {
    /// An operation that expires after `life`, which is cut to [`HORIZON`].
    pub fn new(id: OperationId, issued: Timestamp, life: SignedDuration) -> Self {
        let expires = issued.saturating_add(life.min(HORIZON)).unwrap_or(issued);
        Self {
            id,
            issued,
            expires,
        }
    }

    /// Reads the attributes off `<archipel/>`; a request without `op` is no operation.
    pub(crate) fn read(archipel: &Element) -> Result<Option<Self>, ParseError> {
        let Some(id) = optional(archipel, "op")? else {
            return Ok(None);
        };
        let issued: Timestamp = required(archipel, "issued")?;
        let expires: Timestamp = required(archipel, "expires")?;
        if expires < issued || expires.duration_since(issued) > HORIZON {
            return Err(ParseError::invalid(
                "expires",
                "not within 24 hours after `issued`",
            ));
        }
        Ok(Some(Self {
            id,
            issued,
            expires,
        }))
    }

    /// Writes the attributes onto `<archipel/>`.
    pub(crate) fn write(&self, archipel: Build) -> Build {
        archipel
            .attr(name!("op"), &self.id)
            .attr(name!("issued"), self.issued)
            .attr(name!("expires"), self.expires)
    }
}

/// The element in which an answer names its operation.
pub fn echo(id: &OperationId) -> Element {
    Build::new("operation", ns::TASK)
        .attr(name!("id"), id)
        .done()
}

/// The operation that an answer names, if any.
pub fn echoed(query: &Element) -> Option<OperationId> {
    let operation = query.get_child("operation", ns::TASK)?;
    optional(operation, "id").ok().flatten()
}
