//! Tags: this agent's own record, the only one that counts for rights.

use std::collections::BTreeMap;

use archipel_protocol::VmId;
use rusqlite::params;

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

    /// Replaces the tags of one entity.
    pub(crate) async fn set_tags(&self, of: Tagged, tags: Vec<String>) -> Result<(), StoreError> {
        self.run("set tags", move |connection| {
            let entity = of.map_or_else(|| HOST.to_owned(), |id| id.to_string());
            let transaction = connection.transaction()?;
            transaction.execute("DELETE FROM tags WHERE entity = ?1", [&entity])?;
            for (place, tag) in tags.iter().enumerate() {
                transaction.execute(
                    "INSERT INTO tags (entity, place, tag) VALUES (?1, ?2, ?3)",
                    params![entity, i64::try_from(place).unwrap_or(i64::MAX), tag],
                )?;
            }
            transaction.commit()
        })
        .await
    }
}
