//! The audit: a chain that only grows, written in the same transaction as the events that tell of the same thing.

use archipel_protocol::{
    audit::{Entry, Fact, Head, KEPT, Page, Query},
    chunks::Digest,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Store, StoreError};

/// How many more than are kept may be there until somebody tidies.
const TIDIED_AFTER: u64 = 10_000;

impl Store {
    /// The end of the chain.
    pub async fn audit_head(&self) -> Result<Head, StoreError> {
        self.run("read the audit", |connection| head(connection))
            .await
    }

    /// Entries after a number, and where the chain begins and ends.
    pub async fn audit(&self, query: Query) -> Result<Page, StoreError> {
        self.run("read the audit", move |connection| page(connection, query))
            .await
    }

    /// Appends what somebody did beside the agent, and gives the new end.
    pub async fn append_audit(&self, facts: Vec<Fact>) -> Result<Head, StoreError> {
        self.run("write the audit", move |connection| {
            let transaction = connection.transaction()?;
            let head = append(&transaction, &facts)?;
            transaction.commit()?;
            Ok(head)
        })
        .await
    }

    /// Drops the oldest entries beyond those that are kept.
    pub(crate) async fn trim_audit(&self) -> Result<(), StoreError> {
        self.run("trim the audit", |connection| {
            let newest = head(connection)?.number;
            let first = first(connection)?;
            if newest.saturating_sub(first) < KEPT + TIDIED_AFTER {
                return Ok(());
            }
            let sql = "DELETE FROM audit WHERE number <= ?1";
            connection.execute(sql, [signed(newest - KEPT)]).map(drop)
        })
        .await
    }
}

/// Appends facts within a transaction of the caller's.
pub(super) fn append(connection: &Connection, facts: &[Fact]) -> rusqlite::Result<Head> {
    let mut head = head(connection)?;
    for fact in facts {
        let fact = fact.clone().tidied();
        let number = head.number + 1;
        let hash = fact.hash(number, head.hash);
        insert(connection, &Entry { number, fact, hash })?;
        head = Head { number, hash };
    }
    Ok(head)
}

fn insert(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let fact = &entry.fact;
    let sql = "INSERT INTO audit (number, at, who, verb, vm, name, outcome, policy, text, hash)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    connection.prepare_cached(sql)?.execute(params![
        signed(entry.number),
        fact.at.as_millisecond(),
        fact.who,
        fact.verb,
        fact.vm.map(|vm| vm.to_string()),
        fact.name,
        fact.outcome.word(),
        signed(fact.policy),
        fact.text,
        entry.hash.bytes(),
    ])?;
    Ok(())
}

fn head(connection: &Connection) -> rusqlite::Result<Head> {
    let sql = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
    let head = connection.query_row(sql, [], |row| {
        Ok(Head {
            number: unsigned(row.get(0)?),
            hash: Digest::from(row.get::<_, [u8; 32]>(1)?),
        })
    });
    Ok(head.optional()?.unwrap_or_default())
}

fn first(connection: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT COALESCE(MIN(number), 0) FROM audit";
    connection.query_row(sql, [], |row| row.get(0).map(unsigned))
}

fn page(connection: &Connection, query: Query) -> rusqlite::Result<Page> {
    let sql = "SELECT * FROM audit WHERE number > ?1 ORDER BY number LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![signed(query.after), query.limit], entry)?;
    let entries = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(Page::fill(head(connection)?, first(connection)?, entries))
}

/// A field that somebody wrote nonsense into is read as nothing: the hash tells.
fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let (vm, outcome): (Option<String>, String) = (row.get("vm")?, row.get("outcome")?);
    Ok(Entry {
        number: unsigned(row.get("number")?),
        fact: Fact {
            at: Timestamp::from_millisecond(row.get("at")?).unwrap_or_default(),
            who: row.get("who")?,
            verb: row.get("verb")?,
            vm: vm.and_then(|vm| vm.parse().ok()),
            name: row.get("name")?,
            outcome: outcome
                .parse()
                .unwrap_or(archipel_protocol::audit::Outcome::Failed),
            policy: unsigned(row.get("policy")?),
            text: row.get("text")?,
        },
        hash: Digest::from(row.get::<_, [u8; 32]>("hash")?),
    })
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
