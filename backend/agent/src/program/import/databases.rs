//! The original's databases, for reading only.

use std::{fs, path::Path};

use archipel_config::Secret;
use rusqlite::{Connection, OptionalExtension as _};

use crate::store::frozen;

/// No database of the original is larger, bytes.
const SIZE_LIMIT: u64 = 64 << 20;
/// No more rows of a table are read.
const ROWS: usize = 100_000;
/// No field is longer, bytes.
const FIELD: usize = 1_024;

/// A machine as the original knew it. Nothing is understood yet.
pub(super) struct Row {
    pub(super) jid: String,
    pub(super) password: Secret,
    pub(super) name: String,
}

/// The machines of `hypervisor.sqlite3`.
pub(super) fn machines(path: &Path) -> Result<Vec<Row>, String> {
    let connection = open(path, "virtualmachines")?;
    let sql = "SELECT jid, password, name FROM virtualmachines";
    let rows = texts(&connection, sql).map_err(|error| refused(path, error))?;
    let rows = rows.into_iter().map(|[jid, password, name]| Row {
        jid,
        password: Secret::new(password),
        name,
    });
    Ok(rows.collect())
}

/// Who holds what in a database of permissions; `None`: there is no such file.
pub(super) fn grants(path: &Path) -> Result<Option<Vec<(String, String)>>, String> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = open(path, "users_have_permissions")?;
    let sql = "SELECT \"user\", permission FROM users_have_permissions";
    let rows = texts(&connection, sql).map_err(|error| refused(path, error))?;
    let mut grants: Vec<_> = rows.into_iter().map(|[who, what]| (who, what)).collect();
    grants.sort();
    grants.dedup();
    Ok(Some(grants))
}

/// Opens a plain file with a plain table of this name: no view and no virtual table, behind which anything could run.
fn open(path: &Path, table: &str) -> Result<Connection, String> {
    let shown = path.display();
    let found = fs::symlink_metadata(path).map_err(|error| refused(path, error))?;
    if !found.is_file() || found.len() > SIZE_LIMIT {
        return Err(format!(
            "`{shown}` is no plain file, or larger than any database of the original"
        ));
    }
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    if Path::new(&journal).exists() {
        return Err(format!(
            "`{shown}` is in use: stop the original agent first"
        ));
    }
    let connection = frozen(path).map_err(|error| refused(path, error))?;
    let careful = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;";
    connection
        .execute_batch(careful)
        .map_err(|error| refused(path, error))?;
    let sql = "SELECT type, sql FROM sqlite_master WHERE name = ?1";
    let kind = connection.query_row(sql, [table], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
    });
    let kind = kind.optional().map_err(|error| refused(path, error))?;
    let is_plain = kind.is_some_and(|(kind, sql)| {
        let sql = sql.unwrap_or_default().to_lowercase();
        kind == "table" && sql.trim_start().starts_with("create table")
    });
    if is_plain {
        Ok(connection)
    } else {
        Err(format!(
            "`{shown}` holds no table `{table}`: it is none of the original's databases"
        ))
    }
}

/// The rows as texts; a field of another kind counts as empty.
fn texts<const N: usize>(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<[String; N]>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        let mut fields = [const { String::new() }; N];
        for (at, field) in fields.iter_mut().enumerate() {
            let value = row.get_ref(at)?;
            let text = value.as_str_or_null().ok().flatten().unwrap_or_default();
            if text.len() <= FIELD {
                text.clone_into(field);
            }
        }
        Ok(fields)
    })?;
    rows.take(ROWS).collect()
}

fn refused(path: &Path, error: impl std::fmt::Display) -> String {
    format!("`{}` cannot be read: {error}", path.display())
}
