//! Machines in whose definitions an account stands: what was written there is taken away again, whenever that is to be.

use archipel_config::Secret;
use archipel_protocol::{BareJid, VmId};
use rusqlite::params;

use super::{Store, StoreError};

impl Store {
    /// The machines in whose definitions an account may stand.
    pub(crate) async fn labelled(&self) -> Result<Vec<VmId>, StoreError> {
        self.run("read which definitions hold an account", |connection| {
            let mut statement = connection.prepare("SELECT vm FROM labelled")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            let rows: Vec<String> = rows.collect::<Result<_, _>>()?;
            Ok(rows.iter().filter_map(|vm| vm.parse().ok()).collect())
        })
        .await
    }

    /// Notes that accounts may stand in these machines' definitions, or no longer do.
    pub(crate) async fn keep_labelled(&self, vms: Vec<VmId>, on: bool) -> Result<(), StoreError> {
        let sql = if on {
            "INSERT OR IGNORE INTO labelled (vm) VALUES (?1)"
        } else {
            "DELETE FROM labelled WHERE vm = ?1"
        };
        self.run(
            "note which definitions hold an account",
            move |connection| {
                let transaction = connection.transaction()?;
                for vm in vms {
                    transaction.execute(sql, [vm.to_string()])?;
                }
                transaction.commit()
            },
        )
        .await
    }

    /// Takes over an account that a machine brought, and says whether it did: one that this agent has logged in with stays as it is. Blocks.
    pub(crate) fn take_secret(&self, jid: &BareJid, secret: &Secret) -> Result<bool, StoreError> {
        self.now("keep the account that a machine brought", |connection| {
            let sql = "INSERT INTO accounts (jid, secret, confirmed) VALUES (?1, ?2, TRUE)
                ON CONFLICT (jid) DO UPDATE SET secret = excluded.secret, confirmed = TRUE
                WHERE confirmed IS NOT TRUE";
            let row = params![jid.to_string(), secret.expose()];
            Ok(connection.execute(sql, row)? > 0)
        })
    }

    /// The machine did not come after all. Blocks.
    pub(crate) fn give_secret_back(&self, jid: &BareJid) -> Result<(), StoreError> {
        self.now("forget the account that a machine brought", |connection| {
            let sql = "DELETE FROM accounts WHERE jid = ?1";
            connection.execute(sql, [jid.to_string()]).map(drop)
        })
    }
}
