//! The shape of the store, version by version. A version that was released is never edited.
//!
//! Each version only adds: tables, and columns that are empty or have a value by themselves. So the agent before works on it, and a host goes
//! back by one version without losing anything.

use std::time::Duration;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

/// Times are milliseconds since 1970 (UTC), except `slot` of `history`, which counts steps.
const VERSION_1: &str = "
CREATE TABLE accounts (
    jid TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    confirmed INTEGER NOT NULL
) STRICT;
CREATE TABLE managed (
    vm TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;
CREATE TABLE grants (
    jid TEXT NOT NULL,
    permission TEXT NOT NULL,
    scope TEXT
) STRICT;
CREATE UNIQUE INDEX grants_once ON grants (jid, permission, COALESCE(scope, ''));
CREATE TABLE operations (
    requester TEXT NOT NULL,
    id TEXT NOT NULL,
    body BLOB NOT NULL,
    expires INTEGER NOT NULL,
    answer TEXT,
    PRIMARY KEY (requester, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    vm TEXT,
    name TEXT NOT NULL,
    what TEXT NOT NULL,
    by TEXT,
    text TEXT NOT NULL
) STRICT;
CREATE TABLE history (
    step INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    figures TEXT NOT NULL,
    PRIMARY KEY (step, slot)
) STRICT, WITHOUT ROWID;
";

/// Rights with an end, roles, and tags. An `entity` is a machine's id, or empty for the hypervisor.
const VERSION_2: &str = "
ALTER TABLE grants ADD COLUMN expires INTEGER;
CREATE TABLE roles (
    role TEXT NOT NULL,
    permission TEXT NOT NULL,
    PRIMARY KEY (role, permission)
) STRICT, WITHOUT ROWID;
CREATE TABLE policy (
    version INTEGER NOT NULL
) STRICT;
CREATE TABLE tags (
    entity TEXT NOT NULL,
    place INTEGER NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (entity, place)
) STRICT, WITHOUT ROWID;
";

/// What is known about managed machines besides their names, and what was written about them.
const DEFINITIONS: &str = "
ALTER TABLE managed ADD COLUMN protected INTEGER NOT NULL DEFAULT FALSE;
CREATE TABLE definitions (
    vm TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    by TEXT,
    verb TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (vm, number)
) STRICT, WITHOUT ROWID;
";

/// Machines that somebody let go: `adopt` does not take them again.
const RELEASED: &str = "
CREATE TABLE released (vm TEXT PRIMARY KEY) STRICT;
";

/// Who changed or was refused what, each row bound to all before it; and how much an event matters.
const AUDIT: &str = "
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    verb TEXT NOT NULL,
    vm TEXT,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    policy INTEGER NOT NULL,
    text TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
ALTER TABLE events ADD COLUMN severity TEXT NOT NULL DEFAULT 'info';
CREATE INDEX events_at ON events (at);
";

/// What cards say; machines whose disks build on those of another; files of copies that are not done.
const MADE: &str = "
CREATE TABLE organisations (
    vm TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    locality TEXT NOT NULL,
    owner TEXT NOT NULL,
    categories TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE linked (
    copy TEXT PRIMARY KEY,
    base TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE unfinished (
    copy TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (copy, path)
) STRICT, WITHOUT ROWID;
";

/// Machines in whose definitions an account may stand.
const LABELLED: &str = "
CREATE TABLE labelled (vm TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
";

/// What an event was about, and what became of it.
const RESULTS: &str = "
ALTER TABLE events ADD COLUMN verb TEXT;
ALTER TABLE events ADD COLUMN result TEXT;
";

const MIGRATIONS: &[M<'static>] = &[
    M::up(VERSION_1),
    M::up(VERSION_2),
    M::up(DEFINITIONS),
    M::up(RELEASED),
    M::up(AUDIT),
    M::up(MADE),
    M::up(LABELLED),
    M::up(RESULTS),
];

/// Sets the connection up and brings the file to the newest version; one of the version after it is used as it is. The error is for people.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), String> {
    let text = |error: rusqlite::Error| error.to_string();
    let (own, found) = (MIGRATIONS.len(), version(connection).map_err(text)?);
    if found > own + 1 {
        return Err(format!(
            "an agent of a later version wrote it (its shape is {found}, this agent knows {own}). Nothing was changed: start that agent again"
        ));
    }
    if found == own + 1 {
        let lack = lack(connection).map_err(|error| error.to_string())?;
        if let Some(lack) = lack {
            return Err(format!(
                "an agent of a later version wrote it, and this one cannot use it: {lack}. Nothing was changed: start that agent again"
            ));
        }
        tracing::warn!(
            found,
            own,
            "the store is of the agent after this one; it is used as it is"
        );
        return configure(connection).map_err(text);
    }
    configure(connection).map_err(text)?;
    Migrations::from_slice(MIGRATIONS)
        .to_latest(connection)
        .map_err(|error| error.to_string())
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))?;
    Ok(usize::try_from(version).unwrap_or_default())
}

/// A column of a table: its name, and whether a row can be written without it.
type Column = (String, bool);

/// What this agent needs and a later shape does not have, or wants and this agent does not know.
fn lack(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let mut own = Connection::open_in_memory()?;
    let made = Migrations::from_slice(MIGRATIONS).to_latest(&mut own);
    made.map_err(|_| rusqlite::Error::InvalidQuery)?;
    for table in tables(&own)? {
        let (known, found) = (columns(&own, &table)?, columns(connection, &table)?);
        let has = |all: &[Column], wanted: &str| all.iter().any(|(name, _)| name == wanted);
        let missing = known.iter().find(|(name, _)| !has(&found, name));
        if let Some((name, _)) = missing {
            return Ok(Some(format!("`{table}` has no `{name}`")));
        }
        let wanted = found
            .iter()
            .find(|(name, free)| !free && !has(&known, name));
        if let Some((name, _)) = wanted {
            return Ok(Some(format!("`{table}` wants a `{name}`")));
        }
    }
    Ok(None)
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = connection.prepare(sql)?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    let sql = "SELECT name, \"notnull\" = 0 OR dflt_value IS NOT NULL FROM pragma_table_info(?1)";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // The journal of operations must be on the disk before libvirt is asked.
    connection.pragma_update(None, "synchronous", "full")?;
    // KiB. The usual two megabytes would be most of what a small agent has, and what it reads twice is little.
    connection.pragma_update(None, "cache_size", -256)?;
    connection.pragma_update(None, "foreign_keys", true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_versions_follow_from_each_other() {
        assert_eq!(Migrations::from_slice(MIGRATIONS).validate(), Ok(()));
    }

    fn of_version(count: usize) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        let migrations = Migrations::from_slice(&MIGRATIONS[..count]);
        migrations.to_latest(&mut connection).unwrap();
        connection
    }

    #[test]
    fn a_store_of_any_earlier_agent_is_brought_up_to_date_with_what_is_in_it() {
        for count in 1..MIGRATIONS.len() {
            let mut old = of_version(count);
            let sql = "INSERT INTO managed (vm, name) VALUES ('7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01', 'web01');
                INSERT INTO events (number, at, name, what, text) VALUES (7, 0, '', 'started', '');";
            old.execute_batch(sql).unwrap();
            prepare(&mut old).unwrap();
            assert_eq!(version(&old).unwrap(), MIGRATIONS.len());
            let sql = "SELECT (SELECT COUNT(*) FROM managed), (SELECT severity FROM events)";
            let kept = old.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
            assert_eq!(kept.unwrap(), (1, "info".to_owned()), "{count}");
        }
    }

    /// A store of the agent after this one, which has changed it like this.
    fn later(change: &str, by: usize) -> Connection {
        let connection = of_version(MIGRATIONS.len());
        connection.execute_batch(change).unwrap();
        let version = i64::try_from(MIGRATIONS.len() + by).unwrap();
        connection
            .pragma_update(None, "user_version", version)
            .unwrap();
        connection
    }

    #[test]
    fn a_store_of_the_next_agent_is_used_as_it_is() {
        let more = "CREATE TABLE more (x TEXT) STRICT; ALTER TABLE managed ADD COLUMN owner TEXT;
            ALTER TABLE audit ADD COLUMN via TEXT NOT NULL DEFAULT 'bus';";
        let mut next = later(more, 1);
        prepare(&mut next).unwrap();
        assert_eq!(version(&next).unwrap(), MIGRATIONS.len() + 1);
        next.execute("INSERT INTO managed (vm, name) VALUES ('a', 'b')", [])
            .unwrap();
    }

    #[test]
    fn what_this_agent_cannot_use_is_refused_and_left_alone() {
        let cases = [
            (later("", 2), "later version"),
            (later("DROP TABLE tags", 1), "`tags`"),
            (
                later("ALTER TABLE managed DROP COLUMN protected", 1),
                "`protected`",
            ),
            (
                later(
                    "DROP TABLE policy; CREATE TABLE policy (version INTEGER NOT NULL, by TEXT NOT NULL) STRICT",
                    1,
                ),
                "`by`",
            ),
        ];
        for (mut later, why) in cases {
            let before = version(&later).unwrap();
            let refused = prepare(&mut later).unwrap_err();
            assert!(
                refused.contains(why) && refused.contains("Nothing was changed"),
                "{refused}"
            );
            assert_eq!(version(&later).unwrap(), before);
        }
    }
}
