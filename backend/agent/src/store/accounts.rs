//! Accounts that the agent made for itself.

use archipel_config::Secret;
use archipel_protocol::BareJid;
use rusqlite::{OptionalExtension as _, params};

use super::{Store, StoreError};

/// A secret in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredSecret {
    /// The password.
    pub(crate) secret: Secret,
    /// Whether a login with it succeeded once.
    pub(crate) confirmed: bool,
}

impl Store {
    /// The secret of an account, if there is one.
    pub(crate) async fn secret(&self, jid: &BareJid) -> Result<Option<StoredSecret>, StoreError> {
        let jid = jid.to_string();
        self.run("read the secret of an account", move |connection| {
            let row = connection.query_row(
                "SELECT secret, confirmed FROM accounts WHERE jid = ?1",
                [jid],
                |row| Ok((row.get::<_, String>(0)?, row.get(1)?)),
            );
            let row = row.optional()?;
            Ok(row.map(|(secret, confirmed)| StoredSecret {
                secret: Secret::new(secret),
                confirmed,
            }))
        })
        .await
    }

    /// The accounts with a secret.
    pub(crate) async fn accounts(&self) -> Result<Vec<BareJid>, StoreError> {
        self.run("read the accounts", |connection| {
            let mut statement = connection.prepare("SELECT jid FROM accounts")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            let rows: Vec<String> = rows.collect::<Result<_, _>>()?;
            Ok(rows.iter().filter_map(|jid| jid.parse().ok()).collect())
        })
        .await
    }

    /// Keeps a fresh secret before its account is registered.
    pub(crate) async fn keep_secret(
        &self,
        jid: &BareJid,
        secret: &Secret,
    ) -> Result<(), StoreError> {
        let (jid, secret) = (jid.to_string(), secret.clone());
        self.run("keep the secret of an account", move |connection| {
            let sql =
                "INSERT OR REPLACE INTO accounts (jid, secret, confirmed) VALUES (?1, ?2, FALSE)";
            connection.execute(sql, params![jid, secret.expose()])?;
            Ok(())
        })
        .await
    }

    /// A login with the secret succeeded.
    pub(crate) async fn confirm_secret(&self, jid: &BareJid) -> Result<(), StoreError> {
        let jid = jid.to_string();
        self.run("confirm the secret of an account", move |connection| {
            let sql =
                "UPDATE accounts SET confirmed = TRUE WHERE jid = ?1 AND confirmed IS NOT TRUE";
            connection.execute(sql, [jid])?;
            Ok(())
        })
        .await
    }

    /// The account is gone: so is its secret.
    pub(crate) async fn drop_secret(&self, jid: &BareJid) -> Result<(), StoreError> {
        let jid = jid.to_string();
        self.run("forget the secret of an account", move |connection| {
            let sql = "DELETE FROM accounts WHERE jid = ?1";
            connection.execute(sql, [jid]).map(drop)
        })
        .await
    }

    /// The account was not made: its secret is worth nothing.
    pub(crate) async fn forget_secret(&self, jid: &BareJid) -> Result<(), StoreError> {
        let jid = jid.to_string();
        self.run("forget the secret of an account", move |connection| {
            let sql = "DELETE FROM accounts WHERE jid = ?1 AND confirmed IS NOT TRUE";
            connection.execute(sql, [jid])?;
            Ok(())
        })
        .await
    }
}
