//! The numbered log of what happened.

use std::collections::BTreeSet;

use archipel_protocol::{
    VmId,
    audit::{Fact, Head, Outcome},
    events::{Event, Query, Severity},
};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::{Store, StoreError, audit};

/// How long an event is kept, milliseconds.
const KEPT_MS: i64 = 30 * 24 * 3_600 * 1_000;
/// How many events are kept.
const KEPT_COUNT: u64 = 200_000;

/// What is written at once, all or nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    /// For the log.
    pub(crate) events: Vec<Event>,
    /// For the audit.
    pub(crate) audited: Vec<Fact>,
}

impl Store {
    /// The newest number given so far; 0 before the first.
    pub(crate) async fn newest_event(&self) -> Result<u64, StoreError> {
        self.run("read the events", newest).await
    }

    /// Writes a batch down, all or none, and gives the end of the audit.
    pub(crate) async fn append_events(&self, batch: Batch) -> Result<Head, StoreError> {
        self.run("write events", move |connection| {
            let transaction = connection.transaction()?;
            for event in &batch.events {
                insert(&transaction, event)?;
            }
            let head = audit::append(&transaction, &batch.audited)?;
            transaction.commit()?;
            Ok(head)
        })
        .await
    }

    /// The newest number, and the events asked for in the order of their numbers; `of`: those about these machines, else all.
    pub(crate) async fn events(
        &self,
        query: Query,
        of: Option<BTreeSet<VmId>>,
    ) -> Result<(u64, Vec<Event>), StoreError> {
        self.run("read the events", move |connection| {
            let newest = newest(connection)?;
            let after = query
                .after
                .unwrap_or_else(|| newest.saturating_sub(query.limit.into()));
            let sql = "SELECT * FROM events WHERE number > ?1 AND at >= ?2 AND at < ?3
                AND (?4 IS NULL OR vm = ?4) ORDER BY number";
            let mut statement = connection.prepare_cached(sql)?;
            let bounds = params![
                signed(after),
                query.since.map_or(i64::MIN, since),
                query.until.map_or(i64::MAX, Timestamp::as_millisecond),
                query.vm.map(|vm| vm.to_string()),
            ];
            let rows = statement.query_map(bounds, event)?;
            let events = rows.filter_map(Result::transpose);
            let events = events.filter(|event| {
                event
                    .as_ref()
                    .map_or(true, |event| event.severity >= query.severity)
            });
            let wanted = events.filter(|event| {
                event
                    .as_ref()
                    .map_or(true, |event| is_of(event, of.as_ref()))
            });
            let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
            Ok((newest, wanted.take(limit).collect::<Result<_, _>>()?))
        })
        .await
    }

    /// Takes out what is older than 30 days, and the oldest beyond the bound. The newest stays: numbers are never given twice.
    pub(crate) async fn trim_events(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = now.as_millisecond() - KEPT_MS;
        self.run("trim the events", move |connection| {
            let newest = newest(connection)?;
            let sql = "DELETE FROM events WHERE number < ?1 AND (at < ?2 OR number <= ?3)";
            let bound = signed(newest.saturating_sub(KEPT_COUNT));
            connection.execute(sql, params![signed(newest), before, bound])?;
            Ok(())
        })
        .await
    }
}

/// The first whole millisecond that is not before a moment.
fn since(moment: Timestamp) -> i64 {
    let whole = moment.as_millisecond();
    let rest = moment.as_nanosecond() - i128::from(whole) * 1_000_000;
    whole + i64::from(rest > 0)
}

fn is_of(event: &Event, machines: Option<&BTreeSet<VmId>>) -> bool {
    machines.is_none_or(|machines| event.vm.is_some_and(|vm| machines.contains(&vm)))
}

fn newest(connection: &mut Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT COALESCE(MAX(number), 0) FROM events";
    connection.query_row(sql, [], |row| row.get(0).map(unsigned))
}

/// The database counts with a sign; no log reaches its bound.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn insert(connection: &Connection, event: &Event) -> rusqlite::Result<()> {
    let sql = "INSERT INTO events (number, at, vm, name, what, by, text, severity, verb, result)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    connection.prepare_cached(sql)?.execute(params![
        signed(event.number),
        event.at.as_millisecond(),
        event.vm.map(|vm| vm.to_string()),
        event.name,
        event.what,
        event.by.as_ref().map(ToString::to_string),
        event.text,
        event.severity.word(),
        event.verb,
        event.result.map(Outcome::word),
    ])?;
    Ok(())
}

/// `None` for a row whose time cannot be read.
fn event(row: &Row<'_>) -> rusqlite::Result<Option<Event>> {
    let Ok(at) = Timestamp::from_millisecond(row.get("at")?) else {
        return Ok(None);
    };
    let vm: Option<String> = row.get("vm")?;
    let by: Option<String> = row.get("by")?;
    let result: Option<String> = row.get("result")?;
    Ok(Some(Event {
        number: unsigned(row.get("number")?),
        at,
        vm: vm.and_then(|vm| vm.parse().ok()),
        name: row.get("name")?,
        what: row.get("what")?,
        by: by.and_then(|by| by.parse().ok()),
        text: row.get("text")?,
        severity: Severity::from_word(&row.get::<_, String>("severity")?),
        verb: row.get("verb")?,
        result: result.and_then(|result| result.parse().ok()),
    }))
}
