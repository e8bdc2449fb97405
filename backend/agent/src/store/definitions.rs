//! What was written about machines: each text, by whom, by which verb. The texts hold their machines' secrets, as libvirt's own do.

use archipel_protocol::{BareJid, VmId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Store, StoreError};

/// How many texts of one machine are kept.
const KEPT: u64 = 50;

/// A text that is being written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writing<'a> {
    pub(crate) vm: VmId,
    pub(crate) at: Timestamp,
    /// By whom; `None`: it was found in libvirt.
    pub(crate) by: Option<&'a BareJid>,
    pub(crate) verb: &'a str,
    pub(crate) text: &'a str,
}

/// A text that was written.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    pub(crate) by: Option<BareJid>,
    pub(crate) verb: String,
    pub(crate) text: String,
}

/// Without the text: it may hold secrets.
impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Written")
            .field("number", &self.number)
            .field("verb", &self.verb)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Writes a text down and gives its number; nothing where it is the newest already. Blocks.
    pub(crate) fn write_definition(&self, new: Writing<'_>) -> Result<Option<u64>, StoreError> {
        self.now("keep a definition", |connection| {
            let transaction = connection.transaction()?;
            let newest = newest(&transaction, new.vm)?;
            if newest.as_ref().is_some_and(|known| known.text == new.text) {
                return Ok(None);
            }
            let number = newest.map_or(1, |known| known.number + 1);
            insert(&transaction, number, new)?;
            transaction.commit()?;
            Ok(Some(number))
        })
    }

    /// One text, or the newest. Blocks.
    pub(crate) fn definition(
        &self,
        vm: VmId,
        number: Option<u64>,
    ) -> Result<Option<Written>, StoreError> {
        self.now("read a definition", |connection| match number {
            None => newest(connection, vm),
            Some(number) => one(connection, vm, number),
        })
    }

    /// Texts of a machine, the newest first, at most `limit`, older than `before`. Blocks.
    pub(crate) fn definitions(
        &self,
        vm: VmId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Written>, StoreError> {
        self.now("read definitions", |connection| {
            let sql = "SELECT number, at, by, verb, text FROM definitions
                WHERE vm = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3";
            let mut statement = connection.prepare(sql)?;
            let bounds = params![vm.to_string(), before.map_or(i64::MAX, stored), limit];
            statement.query_map(bounds, written)?.collect()
        })
    }
}

fn newest(connection: &Connection, vm: VmId) -> rusqlite::Result<Option<Written>> {
    let sql = "SELECT number, at, by, verb, text FROM definitions
        WHERE vm = ?1 ORDER BY number DESC LIMIT 1";
    let row = connection.query_row(sql, [vm.to_string()], written);
    row.optional()
}

fn one(connection: &Connection, vm: VmId, number: u64) -> rusqlite::Result<Option<Written>> {
    let sql = "SELECT number, at, by, verb, text FROM definitions WHERE vm = ?1 AND number = ?2";
    let row = connection.query_row(sql, params![vm.to_string(), stored(number)], written);
    row.optional()
}

fn insert(connection: &Connection, number: u64, new: Writing<'_>) -> rusqlite::Result<()> {
    let vm = new.vm.to_string();
    let sql =
        "INSERT INTO definitions (vm, number, at, by, verb, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let by = new.by.map(ToString::to_string);
    let row = params![
        vm,
        stored(number),
        new.at.as_millisecond(),
        by,
        new.verb,
        new.text
    ];
    connection.execute(sql, row)?;
    let sql = "DELETE FROM definitions WHERE vm = ?1 AND number <= ?2";
    let oldest = number.saturating_sub(KEPT);
    connection
        .execute(sql, params![vm, stored(oldest)])
        .map(drop)
}

/// A number as the database holds it.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// An address that cannot be read any more counts as nobody's.
fn written(row: &Row<'_>) -> rusqlite::Result<Written> {
    let by: Option<String> = row.get(2)?;
    Ok(Written {
        number: u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default(),
        at: Timestamp::from_millisecond(row.get(1)?).unwrap_or(Timestamp::UNIX_EPOCH),
        by: by.and_then(|by| by.parse().ok()),
        verb: row.get(3)?,
        text: row.get(4)?,
    })
}
