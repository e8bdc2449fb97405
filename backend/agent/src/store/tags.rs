//! Tags: this agent's own record, the only one that counts for rights.

use std::collections::BTreeMap;

use archipel_protocol::VmId;
use rusqlite::{Connection, params};

use super::{Store, StoreError};

/// Stands for the hypervisor itself where a machine's id could stand.
const HOST: &str = "";

/// Whose tags.
pub(crate) type Tagged = Option<VmId>;

impl Store {
    /// The tags of the hypervisor (`None`) and of machines, each in the order in which they were set.
    pub(crate) async fn tags(&self) -> Result<BTreeMap<Tagged, Vec<String>>, StoreError> {
        self.run("read the tags", |connection| {
            let mut statement =
                connection.prepare("SELECT entity, tag FROM tags ORDER BY entity, place")?;
            let rows = statement.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })?;
            let mut tags: BTreeMap<Tagged, Vec<String>> = BTreeMap::new();
            for row in rows {
                let (entity, tag) = row?;
                let of = entity.parse().ok();
                if of.is_some() || entity == HOST {
                    tags.entry(of).or_default().push(tag);
                }
            }
            Ok(tags)
        })
        .await
    }

    /// Replaces the tags of each entity in `all`: of the hypervisor (`None`) and of machines.
    pub async fn set_tags(
        &self,
        all: impl IntoIterator<Item = (Option<VmId>, Vec<String>)> + Send + 'static,
    ) -> Result<(), StoreError> {
        self.run("set tags", move |connection| {
            let transaction = connection.transaction()?;
            for (of, tags) in all {
                replace(&transaction, of, &tags)?;
            }
            transaction.commit()
        })
        .await
    }
}

pub(super) fn replace(
    connection: &Connection,
    of: Tagged,
    tags: &[String],
) -> rusqlite::Result<()> {
    let entity = of.map_or_else(|| HOST.to_owned(), |id| id.to_string());
    connection.execute("DELETE FROM tags WHERE entity = ?1", [&entity])?;
    let sql = "INSERT INTO tags (entity, place, tag) VALUES (?1, ?2, ?3)";
    let mut insert = connection.prepare_cached(sql)?;
    for (place, tag) in tags.iter().enumerate() {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        insert.execute(params![entity, place, tag])?;
    }
    Ok(())
}
