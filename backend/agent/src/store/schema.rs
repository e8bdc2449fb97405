//! The shape of the store, version by version. A version that was released is never edited.

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

const MIGRATIONS: &[M<'static>] = &[
    M::up(VERSION_1),
    M::up(VERSION_2),
    M::up(DEFINITIONS),
    M::up(RELEASED),
    M::up(AUDIT),
    M::up(MADE),
];

/// Sets the connection up and brings the file to the newest version. The error is for people.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), String> {
    configure(connection).map_err(|error| error.to_string())?;
    Migrations::from_slice(MIGRATIONS)
        .to_latest(connection)
        .map_err(|error| error.to_string())
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
    use super::*;

    #[test]
    fn the_versions_follow_from_each_other() {
        assert_eq!(Migrations::from_slice(MIGRATIONS).validate(), Ok(()));
    }
}
