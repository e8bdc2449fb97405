//! The machines that the agent looks after.

use archipel_protocol::VmId;
use rusqlite::params;

use super::{Store, StoreError};
use crate::machines::Remembered;

impl Store {
    /// All managed machines as they were last. A damaged row counts as none.
    pub(crate) async fn managed(&self) -> Result<Vec<Remembered>, StoreError> {
        self.run("read the managed machines", |connection| {
            let mut statement = connection.prepare("SELECT vm, name, protected FROM managed")?;
            let rows = statement.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
            })?;
            let rows: Vec<(String, String, bool)> = rows.collect::<Result<_, _>>()?;
            let known = |(vm, name, protected): (String, String, bool)| {
                let id = vm.parse().ok()?;
                Some(Remembered {
                    id,
                    name,
                    protected,
                })
            };
            Ok(rows.into_iter().filter_map(known).collect())
        })
        .await
    }

    /// Machines that were let go: they are not adopted again.
    pub(crate) async fn released(&self) -> Result<Vec<VmId>, StoreError> {
        self.run("read the released machines", |connection| {
            let mut statement = connection.prepare("SELECT vm FROM released")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            let rows: Vec<String> = rows.collect::<Result<_, _>>()?;
            Ok(rows.iter().filter_map(|vm| vm.parse().ok()).collect())
        })
        .await
    }

    /// Looks after a machine from now on. Blocks.
    pub(crate) fn manage(&self, vm: VmId, name: &str) -> Result<(), StoreError> {
        self.now("keep a managed machine", |connection| {
            let transaction = connection.transaction()?;
            transaction.execute("DELETE FROM released WHERE vm = ?1", [vm.to_string()])?;
            let sql = "INSERT INTO managed (vm, name) VALUES (?1, ?2)
                ON CONFLICT (vm) DO UPDATE SET name = excluded.name";
            transaction.execute(sql, params![vm.to_string(), name])?;
            transaction.commit()
        })
    }

    /// Lets a machine go. Blocks.
    pub(crate) fn release(&self, vm: VmId) -> Result<(), StoreError> {
        self.now("let a machine go", |connection| {
            let transaction = connection.transaction()?;
            transaction.execute("DELETE FROM managed WHERE vm = ?1", [vm.to_string()])?;
            let sql = "INSERT OR IGNORE INTO released (vm) VALUES (?1)";
            transaction.execute(sql, [vm.to_string()])?;
            transaction.commit()
        })
    }

    /// Guards a managed machine, or no longer. Blocks.
    pub(crate) fn protect(&self, vm: VmId, on: bool) -> Result<(), StoreError> {
        self.now("keep that a machine is protected", |connection| {
            let sql = "UPDATE managed SET protected = ?2 WHERE vm = ?1";
            connection
                .execute(sql, params![vm.to_string(), on])
                .map(drop)
        })
    }

    /// Keeps machines as managed, under their present names.
    pub(crate) async fn keep_managed(
        &self,
        machines: Vec<(VmId, String)>,
    ) -> Result<(), StoreError> {
        self.run("keep managed machines", move |connection| {
            let transaction = connection.transaction()?;
            for (vm, name) in machines {
                let sql = "INSERT INTO managed (vm, name) VALUES (?1, ?2)
                    ON CONFLICT (vm) DO UPDATE SET name = excluded.name";
                transaction.execute(sql, params![vm.to_string(), name])?;
            }
            transaction.commit()
        })
        .await
    }

    /// No longer looks after machines that are gone.
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
