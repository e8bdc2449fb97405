//! History of the host's load.

use rusqlite::params;

use super::{Store, StoreError};

/// A point of history as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredPoint {
    /// Seconds between two points of its row.
    pub(crate) step_s: i64,
    /// The moment, in steps since 1970.
    pub(crate) slot: i64,
    /// The figures, packed.
    pub(crate) figures: String,
}

impl Store {
    /// All points, oldest first.
    pub(crate) async fn history(&self) -> Result<Vec<StoredPoint>, StoreError> {
        self.run("read the history", |connection| {
            let mut statement = connection
                .prepare("SELECT step, slot, figures FROM history ORDER BY step, slot")?;
            let rows = statement.query_map([], |row| {
                Ok(StoredPoint {
                    step_s: row.get(0)?,
                    slot: row.get(1)?,
                    figures: row.get(2)?,
                })
            })?;
            rows.collect()
        })
        .await
    }

    /// Keeps points and, per step, drops those before the slot given in `oldest`.
    pub(crate) async fn keep_history(
        &self,
        points: Vec<StoredPoint>,
        oldest: Vec<(i64, i64)>,
    ) -> Result<(), StoreError> {
        self.run("keep the history", move |connection| {
            let transaction = connection.transaction()?;
            for point in &points {
                let sql =
                    "INSERT OR REPLACE INTO history (step, slot, figures) VALUES (?1, ?2, ?3)";
                let mut statement = transaction.prepare_cached(sql)?;
                statement.execute(params![point.step_s, point.slot, point.figures])?;
            }
            for (step, slot) in oldest {
                let sql = "DELETE FROM history WHERE step = ?1 AND slot < ?2";
                transaction.execute(sql, params![step, slot])?;
            }
            transaction.commit()
        })
        .await
    }
}
