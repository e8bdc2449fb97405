//! Whose the files are: root joins, and the agent runs as a user of its own.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, chown},
    path::Path,
};

use super::super::{EXIT_SETTINGS, Failed};
use crate::store::FILE;

/// The user of the unit in conf/systemd.
pub(super) const USUAL: &str = "archipel";
/// System users stand here; others do not run agents.
const USERS: &str = "/etc/passwd";

/// Who gets the files; nobody else than who runs this where `None`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Owner(Option<(u32, u32)>);

impl Owner {
    /// The user asked for; else, for root, the unit's user where there is one.
    pub(super) fn choose(wanted: Option<&str>) -> Result<Self, Failed> {
        let root = rustix::process::geteuid().is_root();
        if !root && wanted.is_none() {
            return Ok(Self(None));
        }
        let refused = |text: String| Err(Failed::new(text).with_code(EXIT_SETTINGS));
        if !root {
            return refused(
                "only root can give files to another user: leave out --user".to_owned(),
            );
        }
        let users = fs::read_to_string(USERS).unwrap_or_default();
        match (find(&users, wanted.unwrap_or(USUAL)), wanted) {
            (None, Some(name)) => refused(format!("there is no user `{name}` in {USERS}")),
            (ids, _) => Ok(Self(ids)),
        }
    }

    /// Whether root joins, and keeps it all.
    pub(super) fn is_root(&self) -> bool {
        self.0.is_none() && rustix::process::geteuid().is_root()
    }

    /// Makes the state folder and an empty store in it: what the database puts beside the store gets the store's owner.
    pub(super) fn prepare_store(&self, folder: &Path) -> Result<(), Failed> {
        let made = self.make_store(folder);
        made.map_err(|error| {
            Failed::new(format!(
                "could not make the state folder `{}`: {error}",
                folder.display()
            ))
        })
    }

    fn make_store(&self, folder: &Path) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let file = folder.join(FILE);
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(0o600).open(&file)?;
        self.chown(folder)?;
        self.chown(&file)
    }

    /// Gives it these files.
    pub(super) fn give(&self, files: &[&Path]) -> Result<(), Failed> {
        for file in files {
            self.chown(file).map_err(|error| {
                Failed::new(format!(
                    "could not give `{}` to the agent's user: {error}",
                    file.display()
                ))
            })?;
        }
        Ok(())
    }

    fn chown(&self, path: &Path) -> io::Result<()> {
        match self.0 {
            Some((user, group)) => chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }
}

/// The numbers of a user and its group.
fn find(users: &str, name: &str) -> Option<(u32, u32)> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next()? == name;
        let numbers = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        found.then_some(numbers)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\nbroken\narchipel2:x:7:8::/:/bin/false\narchipel:x:997:996::/:/bin/false\n";
        assert_eq!(find(users, "archipel"), Some((997, 996)));
        assert_eq!(find(users, "chipel"), None);
    }
}
