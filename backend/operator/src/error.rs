//! What can go wrong, for the person who asked.

use std::{io, path::PathBuf, time::Duration};

use archipel_bus::{RequestError, TlsError};
use archipel_config::LoadError;
use archipel_protocol::{Failure, HypervisorId, ParseError};

/// Why the engine cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The list of trusted hypervisors cannot be read; it is not simply begun anew.
    #[error("the list of trusted hypervisors: {0}")]
    Trust(#[from] LoadError),
    /// The TLS settings do not work.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Why something asked of the engine was not done.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// There is no session on the bus.
    #[error("{0}")]
    NotConnected(String),
    /// The hypervisor is not on the list of trusted ones.
    #[error("`{0}` is not trusted as a hypervisor. Trust it first: archipel hypervisor add {0}")]
    NotTrusted(HypervisorId),
    /// The agent is not there.
    #[error("the agent of {hypervisor} is not there: {why}")]
    Offline {
        /// Whose.
        hypervisor: String,
        /// What is known about it.
        why: String,
    },
    /// The agent is of a kind that cannot do it.
    #[error("{hypervisor}: {why}")]
    Unsupported {
        /// Whose.
        hypervisor: String,
        /// Why not.
        why: String,
    },
    /// The agent, or the server, refused.
    #[error("{from} refused: {failure}")]
    Refused {
        /// Who.
        from: String,
        /// Why.
        failure: Failure,
    },
    /// No answer came.
    #[error("{from} gave no answer: {why}")]
    NoAnswer {
        /// Who was asked.
        from: String,
        /// Why none came.
        why: String,
    },
    /// An answer came that makes no sense.
    #[error("the answer of {from} is not understood: {why}")]
    Malformed {
        /// Who sent it.
        from: String,
        /// What is wrong with it.
        why: ParseError,
    },
    /// A picture that is none, or too large.
    #[error("the picture cannot be shown: {0}")]
    NoPicture(String),
    /// The list of trusted hypervisors could not be read.
    #[error("the list of trusted hypervisors: {0}")]
    TrustUnread(#[from] LoadError),
    /// The list of trusted hypervisors could not be written.
    #[error("the list of trusted hypervisors could not be written to {}: {error}", path.display())]
    TrustUnwritten {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The engine has more to do than it can queue.
    #[error("too much is queued already. Try again in a moment")]
    Busy,
    /// The engine has ended.
    #[error("the operator's engine has ended")]
    Over,
}

impl OperatorError {
    /// The error for a request to `from` that has no result.
    pub(crate) fn of_request(from: &str, error: &RequestError, deadline: Duration) -> Self {
        match error {
            RequestError::Refused(iq) => Self::Refused {
                from: from.to_owned(),
                failure: Failure::parse(iq),
            },
            RequestError::NotConnected | RequestError::Closed => {
                Self::NotConnected(error.to_string())
            }
            RequestError::Timeout => Self::NoAnswer {
                from: from.to_owned(),
                why: format!("{} s went by", deadline.as_secs()),
            },
            RequestError::Ignored | RequestError::Lost => Self::NoAnswer {
                from: from.to_owned(),
                why: error.to_string(),
            },
        }
    }
}
