//! A short-lived folder.

use std::fs;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::watchdog;

/// UNIX socket addresses end at 108 bytes, and libvirt puts long names below the folder.
const LONGEST_BASE: usize = 32;

/// A private folder, removed with all it holds when dropped or when the process ends.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// A new empty folder (0700) with a short path.
    ///
    /// # Errors
    ///
    /// When the system's folder for temporary files cannot be written.
    pub fn new() -> Result<Scratch> {
        let base = base_folder();
        let folder = tempfile::Builder::new()
            .prefix("archipel-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(&base)
            .with_context(|| format!("could not make a folder in `{}`", base.display()))?;
        watchdog::remove_at_end(folder.path());
        Ok(Scratch { folder })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file that only this user can read, making its folders; returns its path.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write(&self, name: impl AsRef<Path>, text: &str) -> Result<PathBuf> {
        let path = self.path().join(name);
        write_private(&path, text)?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        watchdog::keep(self.folder.path());
    }
}

/// Writes `text` to `path` (0600) and makes the folders above it.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    let attempt = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(text.as_bytes())
    };
    attempt().with_context(|| format!("could not write `{}`", path.display()))
}

/// The usual folder for temporary files, unless a daemon could not live in it.
fn base_folder() -> PathBuf {
    let usual = std::env::temp_dir();
    if usual.as_os_str().len() <= LONGEST_BASE && everybody_may_pass(&usual) {
        usual
    } else {
        PathBuf::from("/tmp")
    }
}

/// Root's libvirt daemons run as nobody and must reach their folder.
fn everybody_may_pass(folder: &Path) -> bool {
    !rustix::process::geteuid().is_root()
        || folder
            .ancestors()
            .all(|step| fs::metadata(step).is_ok_and(|data| data.permissions().mode() & 0o001 != 0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn files_are_private_and_gone_afterwards() {
        let scratch = Scratch::new().unwrap();
        let file = scratch.write("deep/down/secret", "x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(scratch.path()), mode(&file)), (0o700, 0o600));
        drop(scratch);
        assert!(!file.exists());
    }
}
