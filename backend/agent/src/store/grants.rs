//! Grants.

use archipel_protocol::BareJid;
use rusqlite::params;

use super::{Store, StoreError};
use crate::access::Grant;

impl Store {
    /// All grants. A row that is damaged grants nothing.
    pub(crate) async fn grants(&self) -> Result<Vec<Grant>, StoreError> {
        self.run("read the grants", |connection| {
            let mut statement = connection.prepare("SELECT jid, permission, scope FROM grants")?;
            let rows = statement.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
            })?;
            let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
            Ok(rows.into_iter().filter_map(grant).collect())
        })
        .await
    }

    /// Adds a grant. The agent itself never does: only somebody at the host, or a test.
    pub async fn add_grant(&self, grant: Grant) -> Result<(), StoreError> {
        self.run("add a grant", move |connection| {
            let sql = "INSERT OR IGNORE INTO grants (jid, permission, scope) VALUES (?1, ?2, ?3)";
            connection.execute(
                sql,
                params![grant.jid.to_string(), grant.permission, grant.scope],
            )?;
            Ok(())
        })
        .await
    }
}

fn grant((jid, permission, scope): (String, String, Option<String>)) -> Option<Grant> {
    let jid: BareJid = jid.parse().ok()?;
    Some(Grant {
        jid,
        permission,
        scope,
    })
}
