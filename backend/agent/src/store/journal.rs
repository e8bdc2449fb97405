//! The journal of operations: written before the agent acts, so that nothing is done twice.

use archipel_protocol::{BareJid, OperationId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Store, StoreError};

/// How long an entry outlives its expiry, milliseconds. Before, a repetition gets the recorded answer; afterwards `expired`.
const KEPT_MS: i64 = 24 * 3_600 * 1_000;

/// An operation as the journal knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Who asked.
    pub(crate) requester: BareJid,
    /// The requester's id.
    pub(crate) id: OperationId,
    /// Hash of what was asked.
    pub(crate) body: [u8; 32],
    /// When it must no longer be begun.
    pub(crate) expires: Timestamp,
}

/// What became of an attempt to begin an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Begun {
    /// It is begun now: act.
    Fresh,
    /// It was done before; this was the answer (XML).
    Recorded(String),
    /// It was begun before, and its end is not known.
    Unfinished,
    /// The same id stands for something else.
    OtherBody,
    /// Too late.
    Expired,
}

impl Store {
    /// Writes the operation down unless it is there already or too late.
    pub(crate) async fn begin(&self, entry: Entry, now: Timestamp) -> Result<Begun, StoreError> {
        self.run("write the journal", move |connection| {
            if let Some(known) = look(connection, &entry)? {
                return Ok(known);
            }
            if now > entry.expires {
                return Ok(Begun::Expired);
            }
            insert(connection, &entry)?;
            Ok(Begun::Fresh)
        })
        .await
    }

    /// What the journal says about an operation without beginning it.
    pub(crate) async fn recorded(
        &self,
        entry: Entry,
        now: Timestamp,
    ) -> Result<Option<Begun>, StoreError> {
        self.run("read the journal", move |connection| {
            let known = look(connection, &entry)?;
            Ok(known.or_else(|| (now > entry.expires).then_some(Begun::Expired)))
        })
        .await
    }

    /// Writes down how it ended: `answer` is the XML of the answer's payload.
    pub(crate) async fn finish(&self, entry: Entry, answer: String) -> Result<(), StoreError> {
        self.run("write the journal", move |connection| {
            let sql = "UPDATE operations SET answer = ?3 WHERE requester = ?1 AND id = ?2";
            connection.execute(
                sql,
                params![entry.requester.to_string(), entry.id.as_str(), answer],
            )?;
            Ok(())
        })
        .await
    }

    /// Takes out what expired more than a day ago.
    pub(crate) async fn trim_journal(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = now.as_millisecond() - KEPT_MS;
        self.run("trim the journal", move |connection| {
            connection.execute("DELETE FROM operations WHERE expires < ?1", [before])?;
            Ok(())
        })
        .await
    }
}

fn look(connection: &Connection, entry: &Entry) -> rusqlite::Result<Option<Begun>> {
    let found = connection.query_row(
        "SELECT body, answer FROM operations WHERE requester = ?1 AND id = ?2",
        params![entry.requester.to_string(), entry.id.as_str()],
        |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Option<String>>(1)?)),
    );
    Ok(found.optional()?.map(|(body, answer)| {
        if body != entry.body {
            return Begun::OtherBody;
        }
        answer.map_or(Begun::Unfinished, Begun::Recorded)
    }))
}

fn insert(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let sql = "INSERT INTO operations (requester, id, body, expires) VALUES (?1, ?2, ?3, ?4)";
    let expires = entry.expires.as_millisecond();
    let requester = entry.requester.to_string();
    connection.execute(
        sql,
        params![requester, entry.id.as_str(), entry.body, expires],
    )?;
    Ok(())
}
