//! Whom the operator trusts as a hypervisor: a file of the profile, one account after the other.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use archipel_config::{LoadError, load_private, write_private};
use archipel_protocol::HypervisorId;
use serde::{Deserialize, Serialize};

use crate::error::OperatorError;

const HEAD: &str = "# Hypervisors that this profile believes. Change it with `archipel hypervisor add` and `remove`.\n";

/// The content of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Table {
    trusted: Vec<String>,
}

/// The accounts in the file.
#[derive(Debug)]
pub(crate) struct Trust {
    path: PathBuf,
    ids: BTreeSet<HypervisorId>,
}

impl Trust {
    /// Reads the file; without one nobody is trusted.
    pub(crate) fn load(path: PathBuf) -> Result<Self, LoadError> {
        let ids = read(&path)?;
        Ok(Self { path, ids })
    }

    pub(crate) fn contains(&self, id: &HypervisorId) -> bool {
        self.ids.contains(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &HypervisorId> {
        self.ids.iter()
    }

    /// Reads the file anew: another program of the same profile may have changed it.
    pub(crate) fn reload(&mut self) -> Result<(), LoadError> {
        self.ids = read(&self.path)?;
        Ok(())
    }

    /// Adds or removes one account. The file is read anew first: another program of the same profile may have changed it.
    pub(crate) fn change(&mut self, id: &HypervisorId, trusted: bool) -> Result<(), OperatorError> {
        let mut ids = read(&self.path)?;
        let changed = if trusted {
            ids.insert(id.clone())
        } else {
            ids.remove(id)
        };
        if changed {
            self.write(&ids)?;
        }
        self.ids = ids;
        Ok(())
    }

    fn write(&self, ids: &BTreeSet<HypervisorId>) -> Result<(), OperatorError> {
        let failed = |error| OperatorError::TrustUnwritten {
            path: self.path.clone(),
            error,
        };
        let table = Table {
            trusted: ids.iter().map(ToString::to_string).collect(),
        };
        let body =
            toml::to_string_pretty(&table).map_err(|why| failed(std::io::Error::other(why)))?;
        write_private(&self.path, format!("{HEAD}{body}").as_bytes()).map_err(failed)
    }
}

/// A line that is no account is left out: it could not be trusted anyway, and the others must work.
fn read(path: &Path) -> Result<BTreeSet<HypervisorId>, LoadError> {
    match load_private::<Table>(path) {
        Ok(table) => Ok(table
            .trusted
            .iter()
            .filter_map(|id| id.parse().ok())
            .collect()),
        Err(error) if error.is_absent() => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn id(name: &str) -> HypervisorId {
        format!("{name}@dc.example").parse().unwrap()
    }

    #[test]
    fn trust_is_kept_in_a_private_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/trusted.toml");
        let mut trust = Trust::load(path.clone()).unwrap();
        trust.change(&id("hv01"), true).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(Trust::load(path).unwrap().contains(&id("hv01")));
    }

    #[test]
    fn two_programs_do_not_undo_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trusted.toml");
        let mut screen = Trust::load(path.clone()).unwrap();
        let mut shell = Trust::load(path.clone()).unwrap();
        shell.change(&id("hv01"), true).unwrap();
        screen.change(&id("hv02"), true).unwrap();
        let both = Trust::load(path).unwrap();
        assert!(both.contains(&id("hv01")) && both.contains(&id("hv02")));
        screen.change(&id("hv01"), false).unwrap();
        assert_eq!(screen.iter().count(), 1);
    }

    #[test]
    fn what_another_program_added_is_seen_when_it_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trusted.toml");
        let mut screen = Trust::load(path.clone()).unwrap();
        Trust::load(path)
            .unwrap()
            .change(&id("hv01"), true)
            .unwrap();
        assert!(!screen.contains(&id("hv01")));
        screen.reload().unwrap();
        assert!(screen.contains(&id("hv01")));
    }

    #[test]
    fn a_damaged_or_exposed_file_is_an_error_not_an_empty_list() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trusted.toml");
        write_private(&path, b"trusted = [").unwrap();
        assert!(Trust::load(path.clone()).is_err());
        write_private(&path, b"trusted = []").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(Trust::load(path).is_err());
    }
}
