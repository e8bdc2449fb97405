//! Grants and roles.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Store, StoreError};
use crate::access::{Grant, Policy, PolicyChange};

impl Store {
    /// All that is granted. A row that is damaged grants nothing.
    pub async fn policy(&self) -> Result<Policy, StoreError> {
        self.run("read the grants", |connection| read(connection))
            .await
    }

    /// Makes all of `changes`, or none, and returns what is granted afterwards.
    pub async fn change_policy(&self, changes: Vec<PolicyChange>) -> Result<Policy, StoreError> {
        self.run("change the grants", move |connection| {
            let transaction = connection.transaction()?;
            let policy = change(&transaction, &changes)?;
            transaction.commit()?;
            Ok(policy)
        })
        .await
    }
}

/// Makes changes within somebody's transaction, and returns what is granted afterwards.
pub(super) fn change(
    connection: &Connection,
    changes: &[PolicyChange],
) -> rusqlite::Result<Policy> {
    let before = read(connection)?;
    let policy = before.changed(changes);
    if policy != before {
        write(connection, &policy)?;
    }
    Ok(policy)
}

fn read(connection: &Connection) -> rusqlite::Result<Policy> {
    let version = connection
        .query_row("SELECT version FROM policy", [], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(Policy {
        version: version.unwrap_or_default().unsigned_abs(),
        grants: grants(connection)?,
        roles: roles(connection)?,
    })
}

fn grants(connection: &Connection) -> rusqlite::Result<BTreeSet<Grant>> {
    let mut statement = connection.prepare("SELECT jid, permission, scope, expires FROM grants")?;
    let rows = statement.query_map([], grant)?;
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    Ok(rows.into_iter().flatten().collect())
}

fn grant(row: &Row<'_>) -> rusqlite::Result<Option<Grant>> {
    let jid: String = row.get(0)?;
    let expires: Option<i64> = row.get(3)?;
    let expires = expires.map(Timestamp::from_millisecond).transpose();
    let (Ok(jid), Ok(expires)) = (jid.parse(), expires) else {
        return Ok(None);
    };
    Ok(Some(Grant {
        jid,
        permission: row.get(1)?,
        scope: row.get(2)?,
        expires,
    }))
}

fn roles(connection: &Connection) -> rusqlite::Result<BTreeMap<String, BTreeSet<String>>> {
    let mut statement = connection.prepare("SELECT role, permission FROM roles")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut roles: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        let (role, permission) = row?;
        roles.entry(role).or_default().insert(permission);
    }
    Ok(roles)
}

fn write(connection: &Connection, policy: &Policy) -> rusqlite::Result<()> {
    connection.execute_batch("DELETE FROM grants; DELETE FROM roles; DELETE FROM policy;")?;
    let version = i64::try_from(policy.version).unwrap_or(i64::MAX);
    connection.execute("INSERT INTO policy (version) VALUES (?1)", [version])?;
    let mut statement = connection
        .prepare("INSERT INTO grants (jid, permission, scope, expires) VALUES (?1, ?2, ?3, ?4)")?;
    for grant in &policy.grants {
        let expires = grant.expires.map(Timestamp::as_millisecond);
        statement.execute(params![
            grant.jid.as_str(),
            grant.permission,
            grant.scope,
            expires
        ])?;
    }
    let mut statement =
        connection.prepare("INSERT INTO roles (role, permission) VALUES (?1, ?2)")?;
    for (role, permissions) in &policy.roles {
        for permission in permissions {
            statement.execute([role, permission])?;
        }
    }
    Ok(())
}
