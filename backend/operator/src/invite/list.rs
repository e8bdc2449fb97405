//! The invitations that are open: a file of the profile. It holds no secret, and yet nobody else's business.

use std::path::PathBuf;

use archipel_config::{LoadError, load_private, write_private};
use archipel_protocol::HypervisorId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Invitation, InviteError};

const HEAD: &str =
    "# Hosts that were invited and have not joined. Change it with `archipel hypervisor invite`.\n";

/// An invitation in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) hypervisor: HypervisorId,
    pub(super) expires: Timestamp,
    pub(super) prepared: bool,
    /// Whether the host's presence could be seen before it had joined.
    pub(super) visible: bool,
}

impl From<Entry> for Invitation {
    fn from(entry: Entry) -> Self {
        Self {
            hypervisor: entry.hypervisor,
            expires: entry.expires,
            prepared: entry.prepared,
        }
    }
}

/// The content of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Table {
    invited: Vec<Row>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    jid: String,
    expires: String,
    #[serde(default)]
    prepared: bool,
    #[serde(default)]
    visible: bool,
}

/// The file. It is read anew each time: another program of the same profile may have changed it.
#[derive(Debug, Clone)]
pub(super) struct List {
    path: PathBuf,
}

impl List {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// All entries. A line that cannot be understood is left out, and lost with the next change.
    pub(super) fn read(&self) -> Result<Vec<Entry>, LoadError> {
        match load_private::<Table>(&self.path) {
            Ok(table) => Ok(table.invited.iter().filter_map(entry).collect()),
            Err(error) if error.is_absent() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn find(&self, id: &HypervisorId) -> Result<Option<Entry>, LoadError> {
        let entries = self.read()?.into_iter();
        Ok(entries.into_iter().find(|entry| entry.hypervisor == *id))
    }

    pub(super) fn add(&self, entry: Entry) -> Result<(), InviteError> {
        let mut entries = self.read()?;
        entries.push(entry);
        self.write(&entries)
    }

    pub(super) fn remove(&self, id: &HypervisorId) -> Result<(), InviteError> {
        let mut entries = self.read()?;
        entries.retain(|entry| entry.hypervisor != *id);
        self.write(&entries)
    }

    fn write(&self, entries: &[Entry]) -> Result<(), InviteError> {
        let unwritten = |error| InviteError::Unwritten(self.path.clone(), error);
        let invited = entries.iter().map(row).collect();
        let body = toml::to_string_pretty(&Table { invited });
        let body = body.map_err(|why| unwritten(std::io::Error::other(why)))?;
        write_private(&self.path, format!("{HEAD}{body}").as_bytes()).map_err(unwritten)
    }
}

fn entry(row: &Row) -> Option<Entry> {
    Some(Entry {
        hypervisor: row.jid.parse().ok()?,
        expires: row.expires.parse().ok()?,
        prepared: row.prepared,
        visible: row.visible,
    })
}

fn row(entry: &Entry) -> Row {
    Row {
        jid: entry.hypervisor.to_string(),
        expires: entry.expires.to_string(),
        prepared: entry.prepared,
        visible: entry.visible,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn some(name: &str) -> Entry {
        Entry {
            hypervisor: format!("{name}@dc.example").parse().unwrap(),
            expires: "2030-01-02T03:04:05Z".parse().unwrap(),
            prepared: name == "by-hand",
            visible: false,
        }
    }

    #[test]
    fn entries_are_kept_in_a_private_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/invitations.toml");
        let list = List::at(path.clone());
        assert!(list.read().unwrap().is_empty());
        list.add(some("hv01")).unwrap();
        list.add(some("by-hand")).unwrap();
        assert_eq!(list.read().unwrap(), [some("hv01"), some("by-hand")]);
        let found = list.find(&some("by-hand").hypervisor).unwrap();
        assert!(found.unwrap().prepared);
        list.remove(&some("hv01").hypervisor).unwrap();
        assert_eq!(list.read().unwrap(), [some("by-hand")]);
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_an_error_and_an_odd_line_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("invitations.toml");
        write_private(&path, b"invited = [").unwrap();
        let list = List::at(path.clone());
        assert!(list.read().is_err());
        write_private(&path, b"[[invited]]\njid = '@'\nexpires = 'soon'").unwrap();
        assert!(list.read().unwrap().is_empty());
    }
}
