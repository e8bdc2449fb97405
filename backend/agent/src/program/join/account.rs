//! The account: in with the password of the code, out with one that nobody else knows.

use std::time::Duration;

use archipel_bus::{
    Account, End, Event, Events, Options, RequestError, Session, TlsClient, connect,
};
use archipel_config::{BusSettings, JoinCode, Secret};
use archipel_protocol::{
    BareJid, Failure, Iq, IqKind, Presence, PresenceKind, failure::FailureKind, roster,
};

use super::super::{EXIT_REFUSED, EXIT_SETTINGS, Failed, say};
use super::name;
use crate::{account::new_secret, store::Store};

/// How long a login may take.
const LOGIN: Duration = Duration::from_secs(40);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(20);

/// Makes the account this host's own: afterwards the store alone knows its password. `interrupted` is a password that an earlier attempt
/// stored and perhaps set.
pub(super) async fn take_over(
    code: &JoinCode,
    bus: &BusSettings,
    store: &Store,
    interrupted: Option<Secret>,
) -> Result<(), Failed> {
    let tls = TlsClient::new(bus).map_err(|error| Failed::of(&error))?;
    let door = Door { code, bus, tls };
    let visit = match (door.open(&code.secret).await, interrupted) {
        (Ok(visit), _) => {
            let own = own_secret(store, &visit, code).await?;
            visit.leave().await;
            door.open(&own).await
        }
        (Err(End::WrongPassword { .. }), Some(own)) => door.open(&own).await,
        (Err(end), _) => Err(end),
    };
    let visit = visit.map_err(|end| refused(&end, code))?;
    confirm(store, &code.hypervisor).await?;
    visit.greet(&code.inviter).await;
    visit.leave().await;
    Ok(())
}

/// A password that is in the store first and at the server then.
async fn own_secret(store: &Store, visit: &Visit, code: &JoinCode) -> Result<Secret, Failed> {
    let jid = &code.hypervisor;
    let own = new_secret().map_err(|error| Failed::of(&error))?;
    keep(store, jid, &own).await?;
    match visit.session.change_password(&own, ANSWER).await {
        Err(RequestError::Refused(iq)) => {
            // The password in the store was never anybody's.
            forget(store, jid).await?;
            unchanged(store, code, &Failure::parse(&iq)).await
        }
        // Whether an answer that was lost was a yes, the next login tells.
        _ => Ok(own),
    }
}

/// The server does not change passwords. An account that was made by hand keeps the one that somebody gave it.
async fn unchanged(store: &Store, code: &JoinCode, why: &Failure) -> Result<Secret, Failed> {
    let denied = matches!(why.kind, FailureKind::Unsupported | FailureKind::Forbidden);
    if !(code.prepared && denied) {
        return Err(Failed::new(format!(
            "the server did not let {} change its password ({why}), so the join code would stay good for anybody who saw it; nothing was \
             changed. In Prosody add to modules_enabled: \"user_account_management\". In ejabberd add to modules: mod_register: {{ access: none }}. \
             Then join again",
            code.hypervisor
        ))
        .with_code(EXIT_REFUSED));
    }
    say(format_args!(
        "the server does not let {} change its password ({why}): it keeps the one it was prepared with",
        code.hypervisor
    ));
    keep(store, &code.hypervisor, &code.secret).await?;
    Ok(code.secret.clone())
}

async fn keep(store: &Store, jid: &BareJid, secret: &Secret) -> Result<(), Failed> {
    let kept = store.keep_secret(jid, secret).await;
    kept.map_err(|error| Failed::of(&error))
}

async fn forget(store: &Store, jid: &BareJid) -> Result<(), Failed> {
    let forgotten = store.forget_secret(jid).await;
    forgotten.map_err(|error| Failed::of(&error))
}

async fn confirm(store: &Store, jid: &BareJid) -> Result<(), Failed> {
    let confirmed = store.confirm_secret(jid).await;
    confirmed.map_err(|error| Failed::of(&error))
}

/// Why the bus does not let this host in, in the words of one who joins.
fn refused(end: &End, code: &JoinCode) -> Failed {
    let JoinCode {
        hypervisor,
        inviter,
        ..
    } = code;
    let text = match end {
        End::WrongPassword { server, .. } => format!(
            "{server} does not accept this join code for {hypervisor}: it was used, or revoked, or ran out. \
             Ask {inviter} for a new one: archipel hypervisor invite {}",
            name(hypervisor)
        ),
        End::Untrusted { server, problem } => format!(
            "{server} is not the server that this join code names: {problem}. Nothing was sent to it. Check its address and its certificate, \
             and ask {inviter} for a new code if the certificate was changed"
        ),
        End::Unreachable { reason, .. } => {
            return Failed::new(format!(
                "could not reach the bus of {} ({reason}). Check that this host gets there, or ask {inviter} for a code with another address: \
                 archipel hypervisor invite {} --bus HOST:PORT",
                hypervisor.domain(),
                name(hypervisor)
            ));
        }
        end => end.to_string(),
    };
    let code = if matches!(end, End::Untrusted { .. }) {
        EXIT_SETTINGS
    } else {
        EXIT_REFUSED
    };
    Failed::new(text).with_code(code)
}

/// The way in.
struct Door<'a> {
    code: &'a JoinCode,
    bus: &'a BusSettings,
    tls: TlsClient,
}

/// A session of the account.
struct Visit {
    session: Session,
    events: Events,
}

impl Door<'_> {
    async fn open(&self, secret: &Secret) -> Result<Visit, End> {
        let account = Account {
            jid: self.code.hypervisor.clone(),
            resource: None,
            secret: secret.clone(),
        };
        let options = Options {
            resume: false,
            give_up_on_first_failure: true,
            ..Options::new(account, self.bus.clone(), self.tls.clone())
        };
        let (session, mut events) = connect(options);
        let first = tokio::time::timeout(LOGIN, events.next()).await;
        match first {
            Ok(Some(Event::Reset { .. })) => Ok(Visit { session, events }),
            Ok(Some(Event::Ended(end))) => Err(end),
            _ => Err(End::Unreachable {
                account: self.code.hypervisor.clone(),
                reason: "the server does not answer".to_owned(),
            }),
        }
    }
}

impl Visit {
    /// Lets the inviter see this host, and asks to see the inviter: by that the inviter knows that the host has joined.
    async fn greet(&self, inviter: &BareJid) {
        for kind in [PresenceKind::Subscribed, PresenceKind::Subscribe] {
            // The agent does it again when it is asked; a session that is over here is no harm.
            let _ = self
                .session
                .send(Presence::new(kind).to(inviter.clone()))
                .await;
        }
        // Its answer says that the server has seen what came before.
        let question = Iq::request(IqKind::Get, None, roster::query());
        let _ = self.session.request(question, ANSWER).await;
    }

    async fn leave(self) {
        self.session.stop();
        drop(self.events);
        self.session.closed().await;
    }
}
