//! What is looked at: the way to a bus, and an account on it.

use archipel_config::{BusSettings, Secret};
use jid::BareJid;
use tokio::sync::OnceCell;

use super::visit::{self, Visits};
use crate::{Account, End, Event, Events, Options, Registration, Session, TlsClient};

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// An operator: strangers must not be able to make accounts from here.
    Operator,
    /// An agent.
    Agent {
        /// Whether it cannot do without accounts that it makes itself.
        registers: bool,
        /// Whether it would make accounts for its machines if the server lets it.
        would_register: bool,
    },
}

/// The way to a bus and an account on it.
#[derive(Debug)]
pub struct Line {
    /// The way.
    pub settings: BusSettings,
    /// The account.
    pub account: BareJid,
    /// Its password; without one there is no login.
    pub secret: Option<Secret>,
    /// Who looks.
    pub purpose: Purpose,
    /// Where a server may listen for browsers: the ports of Prosody and of ejabberd.
    pub web_ports: Vec<u16>,
    visits: OnceCell<Visits>,
}

/// A session and what happens on it.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) session: Session,
    pub(super) events: Events,
    pub(super) jid: jid::FullJid,
    pub(super) resumable: bool,
}

impl Line {
    /// Nothing is opened yet.
    pub fn new(
        settings: BusSettings,
        account: BareJid,
        secret: Option<Secret>,
        purpose: Purpose,
    ) -> Self {
        Self {
            settings,
            account,
            secret,
            purpose,
            web_ports: vec![5281, 5443],
            visits: OnceCell::new(),
        }
    }

    /// What each server shows before a login; looked at once.
    pub(super) async fn visits(&self) -> &Visits {
        self.visits.get_or_init(|| visit::all(self)).await
    }

    /// The domain.
    pub(super) fn domain(&self) -> &str {
        self.account.domain().as_str()
    }

    /// The options of a session of the account that is never resumed.
    pub(super) fn options(&self, secret: Secret, what: &str) -> Result<Options, crate::TlsError> {
        let account = Account {
            jid: self.account.clone(),
            resource: Some(format!("{what}-{:08x}", rand::random::<u32>())),
            secret,
        };
        let tls = TlsClient::new(&self.settings)?;
        Ok(Options {
            give_up_on_first_failure: true,
            ..Options::new(account, self.settings.clone(), tls)
        })
    }

    /// A further session of the account, for a load that may end it.
    pub(super) async fn again(&self, what: &str) -> Option<Entered> {
        let mut options = self.options(self.secret.clone()?, what).ok()?;
        options.resume = false;
        enter(options).await.ok()
    }

    /// A session of an account that is made for it.
    pub(super) async fn stranger(&self, name: BareJid, secret: Secret) -> Result<Entered, End> {
        let unreachable = |error: crate::TlsError| End::Unreachable {
            account: name.clone(),
            reason: error.to_string(),
        };
        let mut options = self.options(secret, "doctor").map_err(unreachable)?;
        options.account.jid = name.clone();
        options.registration = Registration::WhenNoSecretYet;
        options.resume = false;
        enter(options).await
    }
}

/// Logs in, once.
pub(super) async fn enter(options: Options) -> Result<Entered, End> {
    let account = options.account.jid.clone();
    let (session, mut events) = crate::connect(options);
    let lost = |reason: String| End::Unreachable {
        account: account.clone(),
        reason,
    };
    match events.next().await {
        Some(Event::Reset { jid, resumable }) => Ok(Entered {
            session,
            events,
            jid,
            resumable,
        }),
        Some(Event::Ended(end)) => Err(end),
        Some(Event::Suspended { reason, .. }) => Err(lost(reason)),
        _ => Err(lost("the server does not answer".to_owned())),
    }
}
