//! Why an invitation failed, for the person who invites.

use std::{io, path::PathBuf};

use archipel_bus::{End, TlsError};
use archipel_config::{LoadError, UnwritableJoinCode};
use archipel_protocol::{BareJid, HypervisorId};
use jiff::Timestamp;

use crate::error::OperatorError;

/// Why an invitation failed.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// There is one already.
    #[error(
        "`{id}` is invited until {expires} already. For a new code first: archipel hypervisor invite --revoke {id}"
    )]
    Open {
        /// Who.
        id: HypervisorId,
        /// When that ends.
        expires: Timestamp,
    },
    /// There is none.
    #[error(
        "`{0}` has no open invitation. See: archipel hypervisor invitations. A host that has joined goes by: archipel hypervisor remove {0}"
    )]
    Unknown(HypervisorId),
    /// Too late.
    #[error("`{0}` has joined already and stays. To let go of it: archipel hypervisor remove {0}")]
    Joined(HypervisorId),
    /// The server has that account.
    #[error(
        "the account `{0}` exists already and was left alone. Choose another name, or delete the account on the server: \
         prosodyctl deluser {0}; ejabberdctl unregister {node} {domain}",
        node = .0.jid().node().map(ToString::to_string).unwrap_or_default(), domain = .0.jid().domain()
    )]
    Taken(HypervisorId),
    /// The operator may not make accounts.
    #[error(
        "{server} lets only its admins make and delete accounts, and `{account}` is none ({text}). In Prosody: admins = {{ \"{account}\" }}. \
         In ejabberd: acl: {{ admin: {{ user: \"{account}\" }} }}. Or make the account by hand and use --prepared"
    )]
    NotAdmin {
        /// The operator's account.
        account: BareJid,
        /// The server asked.
        server: String,
        /// What it said.
        text: String,
    },
    /// The server has no such command.
    #[error(
        "{server} offers no command for accounts (XEP-0133). In Prosody add to modules_enabled: \"admin_adhoc\". In ejabberd add to modules: \
         mod_adhoc: {{}} and mod_configure: {{}}. Or make the account by hand and use --prepared"
    )]
    NoCommand {
        /// The server asked.
        server: String,
    },
    /// The server refused for another reason.
    #[error("{server} refused to {what} `{id}`: {why}")]
    Refused {
        /// The server asked.
        server: String,
        /// What it was asked to do.
        what: &'static str,
        /// With which account.
        id: HypervisorId,
        /// What it said.
        why: String,
    },
    /// The new account cannot log in.
    #[error("the account was made or given and cannot log in: {0}")]
    Login(End),
    /// The server did not answer the new account.
    #[error("the server did not answer a login of `{0}`. Try again")]
    NoTrial(HypervisorId),
    /// The authorities of the profile.
    #[error("`ca_file` of the profile, {}: {}", .0.display(), .1)]
    Authorities(PathBuf, String),
    /// The profile's TLS settings.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// What the code cannot hold.
    #[error(transparent)]
    Code(#[from] UnwritableJoinCode),
    /// The system gives no randomness.
    #[error("the system gave no randomness for a password: {0}")]
    NoRandomness(String),
    /// The list of invitations cannot be read; it is not simply begun anew.
    #[error("the list of invitations: {0}")]
    Unread(#[from] LoadError),
    /// The list of invitations cannot be written.
    #[error("the list of invitations could not be written to {}: {}", .0.display(), .1)]
    Unwritten(PathBuf, io::Error),
    /// The session, the roster, or the list of trusted hypervisors.
    #[error(transparent)]
    Operator(#[from] OperatorError),
}
