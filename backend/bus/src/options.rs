//! What a session is told before it starts.

use std::time::Duration;

use archipel_config::{BusSettings, Secret};
use jid::BareJid;

use crate::{gate::LoginGate, tls::TlsClient};

/// Who logs in.
#[derive(Debug, Clone)]
pub struct Account {
    /// The account, `name@server`.
    pub jid: BareJid,
    /// The resource to ask for; absent: the server chooses one.
    pub resource: Option<String>,
    /// The password. Its copies inside the SASL exchange live for the length of a login.
    pub secret: Secret,
}

/// Whether the session may create its account (XEP-0077).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Registration {
    /// The account exists.
    #[default]
    Never,
    /// The account is created before the first login. The caller vouches that its store held no secret for this account and
    /// that the secret in [`Account`] was stored before the session started. Never tried after a failed login.
    WhenNoSecretYet,
}

/// How full a session may get.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Stanzas accepted from handles and not yet written.
    pub commands: usize,
    /// Events not yet taken by the consumer. When full, the session stops reading from the server.
    pub events: usize,
    /// Stanzas written but not acknowledged, and stanzas that wait for a resumption. When the first is full, writing pauses; when the
    /// second is full, the resumption is given up and the consumer sees [`crate::Event::Reset`].
    pub unacknowledged: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            commands: 64,
            events: 64,
            unacknowledged: 256,
        }
    }
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// TCP connection to one address.
    pub connect: Duration,
    /// Everything from the first byte to a bound session, including the connection.
    pub login: Duration,
    /// Silence after which the server is asked for a sign of life; each session varies it by a fifth.
    pub keep_alive: Duration,
    /// Silence after that question which counts as a lost connection.
    pub answer: Duration,
    /// Least time between the starts of two attempts.
    pub min_interval: Duration,
    /// Longest pause between two attempts.
    pub max_interval: Duration,
    /// How long written stanzas wait until the server is asked to acknowledge them.
    pub acknowledge: Duration,
    /// How long an orderly end may take.
    pub close: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            login: Duration::from_secs(30),
            keep_alive: Duration::from_mins(1),
            answer: Duration::from_secs(20),
            min_interval: Duration::from_millis(500),
            max_interval: Duration::from_secs(30),
            acknowledge: Duration::from_secs(2),
            close: Duration::from_secs(2),
        }
    }
}

/// Everything a session needs.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who logs in.
    pub account: Account,
    /// Where the server is and how the connection is protected.
    pub settings: BusSettings,
    /// Whom to trust; one per process.
    pub tls: TlsClient,
    /// Limits simultaneous logins; one per process.
    pub gate: LoginGate,
    /// Whether the account may be created.
    pub registration: Registration,
    /// Whether a lost connection may be resumed (XEP-0198).
    pub resume: bool,
    /// For one-shot commands: the first failure to connect ends the session with [`crate::End::Unreachable`].
    pub give_up_on_first_failure: bool,
    /// Sizes of queues.
    pub limits: Limits,
    /// Time-outs and pauses.
    pub timing: Timing,
}

impl Options {
    /// Options with defaults: resumption on, no registration, own login gate.
    pub fn new(account: Account, settings: BusSettings, tls: TlsClient) -> Self {
        Self {
            account,
            settings,
            tls,
            gate: LoginGate::default(),
            registration: Registration::Never,
            resume: true,
            give_up_on_first_failure: false,
            limits: Limits::default(),
            timing: Timing::default(),
        }
    }
}
