//! What a consumer sees of a session.

use std::time::Duration;

use archipel_protocol::{ParseError, Stanza};
use jid::{BareJid, FullJid, Jid};
use tokio::sync::mpsc;

use crate::guard;

/// The events of a session, in order, up to [`Event::Ended`].
///
/// The queue is bounded: a consumer that does not take them makes the session stop reading from the server, which also holds back
/// the answers to its own requests. Dropping the receiver discards events and leaves the session running.
#[derive(Debug)]
pub struct Events(pub(crate) mpsc::Receiver<Box<Event>>);

impl Events {
    /// The next event; `None` after [`Event::Ended`].
    pub async fn next(&mut self) -> Option<Event> {
        self.0.recv().await.map(|event| *event)
    }

    /// The next event if there is one already.
    pub fn try_next(&mut self) -> Option<Event> {
        self.0.try_recv().ok().map(|event| *event)
    }
}

/// Something a consumer must know.
#[derive(Debug)]
pub enum Event {
    /// A fresh session: the server knows nothing of an earlier one. Presence and roster have to be sent again, requests of an earlier
    /// session failed with [`crate::RequestError::Lost`], unsent stanzas were dropped.
    Reset {
        /// The full address the server bound.
        jid: FullJid,
        /// Whether a lost connection can be resumed (XEP-0198).
        resumable: bool,
    },
    /// No connection at present. Comes again with every failed attempt.
    Suspended {
        /// What failed, on what.
        reason: String,
        /// Until the next attempt.
        retry_in: Duration,
    },
    /// The session of before goes on: nothing was lost in either direction, stanzas sent meanwhile are on their way.
    Resumed,
    /// A stanza arrived. Pings and answers to pending requests do not show; roster pushes do, already acknowledged.
    Stanza(Stanza),
    /// A stanza was refused. If it was a request, it has been answered with an error.
    Refused {
        /// Who sent it, as far as that could be read.
        from: Option<Jid>,
        /// What was wrong with it.
        why: Refusal,
    },
    /// The session is over. Nothing follows.
    Ended(End),
}

/// Why a stanza was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More elements inside each other than [`guard::MAX_DEPTH`].
    #[error("elements nested more than {} deep", guard::MAX_DEPTH)]
    TooDeep,
    /// Longer than [`guard::MAX_BYTES`].
    #[error("longer than {} KiB", guard::MAX_BYTES / 1024)]
    TooLong,
    /// More elements than [`guard::MAX_ELEMENTS`].
    #[error("more than {} elements", guard::MAX_ELEMENTS)]
    TooManyElements,
    /// The XML reader itself gave up, which cost the connection. The stanza counts as handled and does not come again.
    #[error("not readable as XML: {0}")]
    NotXml(String),
    /// An address that is none.
    #[error(transparent)]
    Unreadable(#[from] ParseError),
    /// A roster push that does not come from the own account (RFC 6121, 2.1.6).
    #[error("a roster push from a stranger")]
    ForgedRosterPush,
}

/// Why a session is over. Each text says what failed, on which account or server, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum End {
    /// [`crate::Session::stop`] was called or every handle was dropped.
    #[error("stopped")]
    Stopped,
    /// The server does not accept the password, or does not know the account.
    #[error(
        "{server} refused the password of {account}, or does not know the account. Check both, then start again"
    )]
    WrongPassword {
        /// The account.
        account: BareJid,
        /// The server asked.
        server: String,
    },
    /// The server refuses the account for another reason.
    #[error("{server} refuses {account}: {reason}. Ask the administrator of the server")]
    AccountRefused {
        /// The account.
        account: BareJid,
        /// The server asked.
        server: String,
        /// The server's condition and text.
        reason: String,
    },
    /// The account has no name part to log in with.
    #[error("{account} is no account: write it as name@server")]
    NoName {
        /// What was given.
        account: BareJid,
    },
    /// No way of logging in that both sides accept.
    #[error(
        "{server} offers no acceptable way to log in (it offers: {offered}). Enable SCRAM on the server, or set `allow_plain = true`"
    )]
    NoMechanism {
        /// The server asked.
        server: String,
        /// SASL mechanisms on offer.
        offered: String,
    },
    /// The server let the session in without proof that it knows the password: it may be an impostor.
    #[error(
        "{server} did not prove that it knows the password of {account}: {problem}. Check that this is the right server"
    )]
    Impostor {
        /// The account.
        account: BareJid,
        /// The server asked.
        server: String,
        /// What was wrong with the proof.
        problem: String,
    },
    /// Another session uses the same full address.
    #[error(
        "{jid} logged in elsewhere, which ended this session. Stop the other one, or choose another resource"
    )]
    Conflict {
        /// The address both want.
        jid: String,
    },
    /// The server ended the session because of one of its rules.
    #[error(
        "the server ended the session of {account}: {text}. Look into its log and at its limits"
    )]
    Policy {
        /// The account.
        account: BareJid,
        /// The server's text.
        text: String,
    },
    /// The account does not exist yet, and the server does not let clients create accounts.
    #[error(
        "the server of {account} does not offer registration. Create the account on the server, or allow registration there"
    )]
    NoRegistration {
        /// The account wanted.
        account: BareJid,
    },
    /// Somebody else has the account.
    #[error(
        "{account} exists already and its password is not known here. Choose another name, or set the password"
    )]
    RegistrationConflict {
        /// The account wanted.
        account: BareJid,
    },
    /// The server refuses to create the account.
    #[error("the server refused to create {account}: {reason}. Create the account on the server")]
    RegistrationRefused {
        /// The account wanted.
        account: BareJid,
        /// The server's condition and text.
        reason: String,
    },
    /// The server's certificate is not to be trusted.
    #[error(
        "the certificate of {server} is not trusted: {problem}. Set `ca_file` to the authority that signed it, or `pinned` to its fingerprint"
    )]
    Untrusted {
        /// The server asked.
        server: String,
        /// What is wrong with the certificate.
        problem: String,
    },
    /// The server does not offer TLS.
    #[error(
        "{server} does not offer STARTTLS. Enable TLS on the server, or set `tls = \"direct\"` and the port of direct TLS"
    )]
    NoTls {
        /// The server asked.
        server: String,
    },
    /// Clear text was configured for a server on another machine.
    #[error(
        "clear text to {server} refused: only loopback addresses may be reached without TLS. Set `tls = \"starttls\"`"
    )]
    ClearTextRefused {
        /// The server and its address.
        server: String,
    },
    /// The first attempt failed, and [`crate::Options::give_up_on_first_failure`] is set.
    #[error("{account} could not connect: {reason}")]
    Unreachable {
        /// The account.
        account: BareJid,
        /// What failed, on what.
        reason: String,
    },
}

impl End {
    /// Whether a change at the server alone may cure it, such as a new certificate in place of one that ran out. A session that was
    /// there before goes on trying; nothing is sent to a server that is not trusted.
    pub fn is_curable(&self) -> bool {
        matches!(
            self,
            Self::Untrusted { .. } | Self::NoTls { .. } | Self::NoMechanism { .. }
        )
    }
}
