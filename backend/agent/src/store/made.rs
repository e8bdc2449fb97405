//! Machines that are made, described, and gone for good: all that belongs to one in one step.

use std::collections::BTreeMap;

use archipel_protocol::VmId;
use rusqlite::{Connection, params};

use super::{Store, StoreError, policy, tags};
use crate::{
    access::{Placed, Policy, PolicyChange},
    card::Organisation,
};

/// A machine that was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made<'a> {
    pub(crate) vm: VmId,
    pub(crate) name: &'a str,
    /// Its tags, and what is granted with it.
    pub(crate) placed: &'a Placed,
    /// `None`: its card says it.
    pub(crate) organisation: Option<&'a Organisation>,
    /// On whose disks its own build.
    pub(crate) base: Option<VmId>,
}

impl Store {
    /// Looks after a new machine. All of it is kept, or nothing. Blocks.
    pub(crate) fn make(&self, made: Made<'_>) -> Result<Policy, StoreError> {
        self.now("keep a new machine", |connection| {
            let vm = made.vm.to_string();
            let transaction = connection.transaction()?;
            transaction.execute("DELETE FROM released WHERE vm = ?1", [&vm])?;
            let sql = "INSERT OR REPLACE INTO managed (vm, name) VALUES (?1, ?2)";
            transaction.execute(sql, [vm.as_str(), made.name])?;
            tags::replace(&transaction, Some(made.vm), &made.placed.tags)?;
            if let Some(organisation) = made.organisation {
                describe(&transaction, made.vm, organisation)?;
            }
            if let Some(base) = made.base {
                let sql = "INSERT OR REPLACE INTO linked (copy, base) VALUES (?1, ?2)";
                transaction.execute(sql, [&vm, &base.to_string()])?;
            }
            transaction.execute("DELETE FROM unfinished WHERE copy = ?1", [&vm])?;
            let policy = policy::change(&transaction, &made.placed.changes)?;
            transaction.commit()?;
            Ok(policy)
        })
    }

    /// A machine is gone for good, with all that was written about it and granted for it alone. Blocks.
    pub(crate) fn forget_machine(
        &self,
        vm: VmId,
        changes: &[PolicyChange],
    ) -> Result<Policy, StoreError> {
        self.now("forget a machine", |connection| {
            let transaction = connection.transaction()?;
            for sql in [
                "DELETE FROM managed WHERE vm = ?1",
                "DELETE FROM released WHERE vm = ?1",
                "DELETE FROM definitions WHERE vm = ?1",
                "DELETE FROM organisations WHERE vm = ?1",
                "DELETE FROM labelled WHERE vm = ?1",
                "DELETE FROM linked WHERE copy = ?1",
                "DELETE FROM unfinished WHERE copy = ?1",
            ] {
                transaction.execute(sql, [vm.to_string()])?;
            }
            tags::replace(&transaction, Some(vm), &[])?;
            let policy = policy::change(&transaction, changes)?;
            transaction.commit()?;
            Ok(policy)
        })
    }

    /// What a machine's card says from now on. Blocks.
    pub(crate) fn describe(&self, vm: VmId, what: &Organisation) -> Result<(), StoreError> {
        self.now("keep what a card says", |connection| {
            describe(connection, vm, what)
        })
    }

    /// What a machine's card said, where nothing else is known.
    pub(crate) async fn learn(&self, vm: VmId, what: Organisation) -> Result<(), StoreError> {
        self.run("keep what a card said", move |connection| {
            let sql = "SELECT COUNT(*) FROM organisations WHERE vm = ?1";
            let known: u32 = connection.query_row(sql, [vm.to_string()], |row| row.get(0))?;
            match known {
                0 => describe(connection, vm, &what),
                _ => Ok(()),
            }
        })
        .await
    }

    /// What all cards say. A damaged row says nothing.
    pub(crate) async fn organisations(&self) -> Result<BTreeMap<VmId, Organisation>, StoreError> {
        self.run("read what cards say", |connection| {
            let sql = "SELECT vm, name, unit, locality, owner, categories FROM organisations";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([], |row| {
                let what = Organisation {
                    name: row.get(1)?,
                    unit: row.get(2)?,
                    locality: row.get(3)?,
                    owner: row.get(4)?,
                    categories: row.get(5)?,
                };
                Ok((row.get::<_, String>(0)?, what))
            })?;
            let rows: Vec<(String, Organisation)> = rows.collect::<Result<_, _>>()?;
            let known = |(vm, what): (String, Organisation)| Some((vm.parse().ok()?, what));
            Ok(rows.into_iter().filter_map(known).collect())
        })
        .await
    }

    /// Which machine's disks build on those of which other.
    pub(crate) async fn linked(&self) -> Result<BTreeMap<VmId, VmId>, StoreError> {
        self.run("read which copies are linked", |connection| {
            let mut statement = connection.prepare("SELECT copy, base FROM linked")?;
            pairs(&mut statement, |base| base.parse().ok())
        })
        .await
    }

    /// Notes a file before it is made: one that is left over by a copy that was never finished is known by it. Blocks.
    pub(crate) fn begin_file(&self, copy: VmId, path: &str) -> Result<(), StoreError> {
        self.now("note a file of a copy", |connection| {
            let sql = "INSERT OR IGNORE INTO unfinished (copy, path) VALUES (?1, ?2)";
            connection.execute(sql, [&copy.to_string(), path]).map(drop)
        })
    }

    /// A file is gone, or belongs to a machine. Blocks.
    pub(crate) fn end_file(&self, copy: VmId, path: &str) -> Result<(), StoreError> {
        self.now("forget a file of a copy", |connection| {
            let sql = "DELETE FROM unfinished WHERE copy = ?1 AND path = ?2";
            connection.execute(sql, [&copy.to_string(), path]).map(drop)
        })
    }

    /// Files of copies that were never finished.
    pub(crate) async fn unfinished(&self) -> Result<Vec<(VmId, String)>, StoreError> {
        self.run("read the files of unfinished copies", |connection| {
            let mut statement = connection.prepare("SELECT copy, path FROM unfinished")?;
            pairs(&mut statement, |path| Some(path.to_owned()))
        })
        .await
    }
}

/// Rows of an id and something else; damaged ones are left out.
fn pairs<T, C: FromIterator<(VmId, T)>>(
    statement: &mut rusqlite::Statement<'_>,
    other: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<C> {
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
    let known = rows
        .iter()
        .filter_map(|(id, text)| Some((id.parse().ok()?, other(text)?)));
    Ok(known.collect())
}

fn describe(connection: &Connection, vm: VmId, what: &Organisation) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO organisations (vm, name, unit, locality, owner, categories)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let Organisation {
        name,
        unit,
        locality,
        owner,
        categories,
    } = what;
    let row = params![vm.to_string(), name, unit, locality, owner, categories];
    connection.execute(sql, row).map(drop)
}
