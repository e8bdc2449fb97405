//! The machines that the agent looks after.

use archipel_protocol::VmId;
use rusqlite::params;

use super::{Store, StoreError};

impl Store {
    /// All managed machines with the names they had last. A damaged row counts as none.
    pub(crate) async fn managed(&self) -> Result<Vec<(VmId, String)>, StoreError> {
        self.run("read the managed machines", |connection| {
            let mut statement = connection.prepare("SELECT vm, name FROM managed")?;
            let rows =
                statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
            let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
            let known = |(vm, name): (String, String)| Some((vm.parse().ok()?, name));
            Ok(rows.into_iter().filter_map(known).collect())
        })
        .await
    }

    /// Keeps machines as managed, under their present names.
    pub(crate) async fn keep_managed(
        &self,
        machines: Vec<(VmId, String)>,
    ) -> Result<(), StoreError> {
        self.run("keep managed machines", move |connection| {
            let transaction = connection.transaction()?;
            for (vm, name) in machines {
                let sql = "INSERT OR REPLACE INTO managed (vm, name) VALUES (?1, ?2)";
                transaction.execute(sql, params![vm.to_string(), name])?;
            }
            transaction.commit()
        })
        .await
    }

    /// No longer looks after machines that are gone for good.
    pub(crate) async fn forget_managed(&self, machines: Vec<VmId>) -> Result<(), StoreError> {
        self.run("forget managed machines", move |connection| {
            let transaction = connection.transaction()?;
            for vm in machines {
                transaction.execute("DELETE FROM managed WHERE vm = ?1", [vm.to_string()])?;
            }
            transaction.commit()
        })
        .await
    }
}
