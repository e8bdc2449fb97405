//! Accounts that the agent makes for itself: a secret from the system's randomness, stored before the account is registered.

use archipel_bus::{Account, LoginGate, Options, Registration, Timing, TlsClient};
use archipel_config::{BusSettings, Secret};
use archipel_protocol::BareJid;
use rand::TryRngCore as _;

use crate::store::{Store, StoreError};

/// Bytes of randomness in a secret.
const ENTROPY: usize = 24;

/// How this agent reaches the bus; shared by all its sessions.
#[derive(Debug, Clone)]
pub struct Bus {
    /// Where the server is and how the connection is protected.
    pub settings: BusSettings,
    /// Whom to trust; one per process.
    pub tls: TlsClient,
    /// Limits simultaneous logins; one per process.
    pub gate: LoginGate,
    /// Time-outs and pauses.
    pub timing: Timing,
}

impl Bus {
    /// Options for a session of `account`.
    pub(crate) fn options(&self, account: Account, registration: Registration) -> Options {
        Options {
            gate: self.gate.clone(),
            timing: self.timing,
            registration,
            ..Options::new(account, self.settings.clone(), self.tls.clone())
        }
    }
}

/// Why there is no secret to log in with.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The store does not work.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gives no randomness.
    #[error("the system gave no randomness for a password: {0}")]
    NoRandomness(String),
    /// The settings say that the host has joined, and the store does not.
    #[error(
        "this host has not joined as `{0}`, or its store is another one: there is no secret for that account in it. Get a new code with \
         `archipel hypervisor invite` and run: archipel-agent join --replace"
    )]
    NotJoined(BareJid),
}

/// A secret to log in with.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) secret: Secret,
    /// Whether the account may have to be registered first.
    pub(crate) registration: Registration,
    /// Whether the secret was made just now: then an account that exists is somebody else's.
    pub(crate) fresh: bool,
}

impl Login {
    /// With a password that somebody set.
    pub(crate) fn known(secret: Secret) -> Self {
        Self {
            secret,
            registration: Registration::Never,
            fresh: false,
        }
    }

    /// After the server said that the account exists: an earlier life may have registered it and not lived to note it.
    pub(crate) fn without_registration(self) -> Self {
        Self::known(self.secret)
    }
}

/// The secret of an own account: the stored one, or a new one that is stored before anybody uses it.
pub(crate) async fn own_login(store: &Store, jid: &BareJid) -> Result<Login, AccountError> {
    if let Some(stored) = store.secret(jid).await? {
        let registration = if stored.confirmed {
            Registration::Never
        } else {
            Registration::WhenNoSecretYet
        };
        return Ok(Login {
            secret: stored.secret,
            registration,
            fresh: false,
        });
    }
    let secret = new_secret()?;
    store.keep_secret(jid, &secret).await?;
    Ok(Login {
        secret,
        registration: Registration::WhenNoSecretYet,
        fresh: true,
    })
}

/// The secret of an account that the host has joined with.
pub(crate) async fn joined_login(store: &Store, jid: &BareJid) -> Result<Login, AccountError> {
    let stored = store.secret(jid).await?;
    let stored = stored.ok_or_else(|| AccountError::NotJoined(jid.clone()))?;
    Ok(Login::known(stored.secret))
}

/// A password that nobody else knows.
pub(crate) fn new_secret() -> Result<Secret, AccountError> {
    let mut bytes = [0; ENTROPY];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| AccountError::NoRandomness(error.to_string()))?;
    Ok(Secret::from_random(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tempfile::TempDir;

    use super::*;

    #[tokio::test]
    async fn a_secret_is_made_once_and_registered_until_it_is_confirmed() {
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let jid = "hv@dc.example".parse().unwrap();
        let first = own_login(&store, &jid).await.unwrap();
        assert!(first.fresh && first.secret.expose().len() == 2 * ENTROPY);
        let again = own_login(&store, &jid).await.unwrap();
        assert_eq!(again.secret, first.secret);
        assert!(!again.fresh && again.registration == Registration::WhenNoSecretYet);
        store.confirm_secret(&jid).await.unwrap();
        let later = own_login(&store, &jid).await.unwrap();
        assert_eq!(later.registration, Registration::Never);
        let other = own_login(&store, &"other@dc.example".parse().unwrap()).await;
        assert_ne!(other.unwrap().secret, first.secret);
    }
}
