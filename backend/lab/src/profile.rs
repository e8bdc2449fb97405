//! The profile of a running demo or simulation: a file of its own in the user's configuration folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use directories::ProjectDirs;

use crate::scratch::write_private;
use crate::template::{quoted, quoted_path};
use crate::watchdog;

/// Marks the line that names the folder of the program that wrote a profile.
const FOLDER_MARK: &str = "# /";

/// What stands in it.
pub(crate) struct Content<'a> {
    /// Who wrote it, for a person that finds it.
    pub(crate) of: &'a str,
    /// The folder that is there as long as the writer runs.
    pub(crate) folder: &'a Path,
    /// The operator's account.
    pub(crate) jid: &'a str,
    /// The file (0600) with its password.
    pub(crate) password_file: &'a Path,
    /// The roster groups whose members are trusted.
    pub(crate) groups: &'a [String],
    /// Where the bus is: host and port.
    pub(crate) bus: &'a str,
    /// The authority that signed the server's certificate.
    pub(crate) ca_file: &'a Path,
}

impl Content<'_> {
    /// As the operator's program reads it.
    pub(crate) fn text(&self) -> String {
        let groups: Vec<String> = self.groups.iter().map(|group| quoted(group)).collect();
        crate::template::render(
            include_str!("../assets/profile.toml"),
            &[
                ("OF", self.of),
                ("DIR", &self.folder.display().to_string()),
                ("JID", &quoted(self.jid)),
                ("PASSWORD_FILE", &quoted_path(self.password_file)),
                ("GROUPS", &groups.join(", ")),
                ("BUS", &quoted(self.bus)),
                ("CA_FILE", &quoted_path(self.ca_file)),
            ],
        )
    }
}

/// The profile's file, removed when dropped or when the process ends in any other way.
pub(crate) struct ProfileFile {
    path: PathBuf,
    /// What the operator's program keeps of this profile's fleet: its last known state, invitations, the ends of its audits.
    kept: [PathBuf; 2],
}

impl ProfileFile {
    /// Takes the place for it.
    ///
    /// # Errors
    ///
    /// When its writer still runs, or a file is there that none wrote.
    pub(crate) fn reserve(name: &str) -> Result<ProfileFile> {
        let places = ProjectDirs::from("", "", "archipel")
            .context("this user has no home folder; set HOME")?;
        let path = places.config_dir().join(format!("profiles/{name}.toml"));
        refuse_taken(&path)?;
        let kept = [places.cache_dir(), places.data_dir()].map(|folder| folder.join(name));
        watchdog::remove_at_end(&path);
        for folder in &kept {
            watchdog::remove_at_end(folder);
        }
        Ok(ProfileFile { path, kept })
    }

    /// Writes it ([`Content::text`]).
    pub(crate) fn write(&self, text: &str) -> Result<()> {
        write_private(&self.path, text)
    }
}

impl Drop for ProfileFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        watchdog::keep(&self.path);
        // The next one is another fleet: its screen shall not wait for hosts of this one, nor its audit go on from theirs.
        for folder in &self.kept {
            let _ = fs::remove_dir_all(folder);
            watchdog::keep(folder);
        }
    }
}

/// A file whose writer is gone (a power cut) is in nobody's way.
fn refuse_taken(path: &Path) -> Result<()> {
    let Ok(text) = fs::read_to_string(path) else {
        return Ok(());
    };
    let folder = text
        .lines()
        .find(|line| line.starts_with(FOLDER_MARK))
        .map(|line| &line[2..]);
    match folder {
        Some(folder) if !Path::new(folder).exists() => Ok(()),
        Some(_) => bail!(
            "another one is running, its profile is `{}`; stop it first",
            path.display()
        ),
        None => bail!(
            "`{}` is there and was written by somebody else; move it away",
            path.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Scratch;

    #[test]
    fn gives_way_to_a_running_fleet_and_to_a_file_of_the_user() {
        let scratch = Scratch::new().unwrap();
        let alive = format!("# The profile\n# {}\n", scratch.path().display());
        let path = scratch.write("demo.toml", &alive).unwrap();
        assert!(
            refuse_taken(&path)
                .unwrap_err()
                .to_string()
                .contains("another one")
        );
        scratch
            .write("demo.toml", "jid = 'me@example.org'\n")
            .unwrap();
        assert!(
            refuse_taken(&path)
                .unwrap_err()
                .to_string()
                .contains("somebody else")
        );
    }

    #[test]
    fn takes_the_place_of_a_fleet_that_is_gone() {
        let scratch = Scratch::new().unwrap();
        let path = scratch
            .write("demo.toml", "# The profile\n# /nowhere/archipel-x\n")
            .unwrap();
        assert!(refuse_taken(&path).is_ok());
        assert!(refuse_taken(Path::new("/nowhere/demo.toml")).is_ok());
    }
}
