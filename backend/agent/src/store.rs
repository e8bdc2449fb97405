//! What outlives the agent: one database file in the state folder.
//!
//! Accounts and their secrets, grants and roles, tags, the journal of operations, events, history of load, managed machines. All access goes
//! through one connection, one job at a time, on tokio's blocking pool.

mod accounts;
mod audit;
mod definitions;
mod events;
mod heal;
mod history;
mod journal;
mod labels;
mod look;
mod made;
mod managed;
mod policy;
mod schema;
mod tags;

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::Semaphore;

pub(crate) use definitions::{Writing, Written};
pub(crate) use events::Batch;
pub use heal::SetAside;
pub(crate) use heal::aside;
pub(crate) use history::StoredPoint;
pub(crate) use journal::{Begun, Entry};
pub(crate) use look::{frozen, look};
pub(crate) use made::Made;
pub(crate) use tags::Tagged;

/// The name of the file inside the state folder.
pub const FILE: &str = "agent.sqlite3";
/// The folder inside the state folder that holds the pictures of entities.
const PICTURES: &str = "avatars";

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or the file cannot be made or opened.
    #[error(
        "could not open the store `{path}`: {source}. Check that the agent's user may write there"
    )]
    Open {
        /// What was to be opened.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no store, or one of a newer agent.
    #[error("could not bring the store `{path}` up to date: {problem}")]
    Version {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Reading or writing failed.
    #[error("could not {what} in the store: {source}")]
    Work {
        /// What was to be done.
        what: &'static str,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// The job was given up because the agent ends.
    #[error("could not {what} in the store: the agent is ending")]
    Ending {
        /// What was to be done.
        what: &'static str,
    },
}

/// The store. Clones share it.
#[derive(Debug, Clone)]
pub struct Store(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    connection: Mutex<Connection>,
    /// One job at a time blocks a thread; the others wait here.
    turn: Semaphore,
    /// The store that was damaged, and whose place this one takes.
    set_aside: Option<SetAside>,
}

impl Store {
    /// Opens the store in `folder` (made with mode 0700 where it is missing) and brings it to this version's schema. One that is damaged is set
    /// aside first ([`Store::set_aside`]). Blocks.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let opened = |source| StoreError::Open {
            path: path.clone(),
            source,
        };
        let damage = heal::damage(&path).map_err(|error| opened(io::Error::other(error)))?;
        let aside = damage.map(|problem| Ok((heal::set_aside(&path)?, problem)));
        let aside = aside.transpose().map_err(opened)?;
        make_private(folder, &path).map_err(opened)?;
        let mut connection =
            Connection::open(&path).map_err(|error| opened(io::Error::other(error)))?;
        // Another process of this host may write too: what is read before a write is read under the same lock.
        connection.set_transaction_behavior(TransactionBehavior::Immediate);
        schema::prepare(&mut connection).map_err(|problem| StoreError::Version {
            path: path.clone(),
            problem,
        })?;
        let set_aside = aside.map(|(file, problem)| SetAside {
            secrets: heal::salvage(&file, &connection),
            file,
            problem,
        });
        Ok(Self::of(folder, connection, set_aside))
    }

    /// The damaged store whose place this one took when it was opened.
    pub fn set_aside(&self) -> Option<&SetAside> {
        self.0.set_aside.as_ref()
    }

    /// Opens the store in `folder` for reading only, as it is, beside an agent that may be at work on it. Blocks.
    pub fn look(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let connection = look(&path).map_err(|error| StoreError::Open {
            path,
            source: io::Error::other(error),
        })?;
        Ok(Self::of(folder, connection, None))
    }

    fn of(folder: &Path, connection: Connection, set_aside: Option<SetAside>) -> Self {
        Self(Arc::new(Shared {
            folder: folder.to_owned(),
            connection: Mutex::new(connection),
            turn: Semaphore::new(1),
            set_aside,
        }))
    }

    /// The folder of the pictures that entities may show.
    pub(crate) fn pictures(&self) -> PathBuf {
        self.0.folder.join(PICTURES)
    }

    /// Does `work` with the connection on this thread, which it blocks: for those that are allowed to.
    fn now<T>(
        &self,
        what: &'static str,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let connection = self.0.connection.lock();
        // A panic elsewhere left the database's own state whole: transactions roll back when dropped.
        let mut connection = connection.unwrap_or_else(PoisonError::into_inner);
        work(&mut connection).map_err(|source| StoreError::Work { what, source })
    }

    /// Does `work` with the connection, off the async threads.
    async fn run<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let ending = StoreError::Ending { what };
        let Ok(_turn) = self.0.turn.acquire().await else {
            return Err(ending);
        };
        let shared = self.0.clone();
        let job = tokio::task::spawn_blocking(move || Self(shared).now(what, work));
        job.await.unwrap_or(Err(ending))
    }
}

/// The folder for this user alone, and the file before the database makes it: its side files get the mode of the file.
fn make_private(folder: &Path, file: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let made = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(file)?;
    made.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(test)]
mod tests;
