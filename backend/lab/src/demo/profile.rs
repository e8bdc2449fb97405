//! The demo's profile: a file of its own in the user's configuration folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use directories::ProjectDirs;

use super::ADMIN;
use super::bus::{Bus, groups, jid, quoted, quoted_path};
use crate::scratch::write_private;
use crate::watchdog;

/// Marks the line that names the folder of the demo that wrote a profile.
const FOLDER_MARK: &str = "# /";

/// The profile's file, removed when dropped or when the demo ends in any other way.
pub(super) struct ProfileFile {
    path: PathBuf,
    /// What the operator's program remembers of this profile's fleet.
    cache: PathBuf,
}

impl ProfileFile {
    /// Takes the place for it.
    ///
    /// # Errors
    ///
    /// When another demo runs, or a file that no demo wrote is there.
    pub(super) fn reserve() -> Result<ProfileFile> {
        let places = ProjectDirs::from("", "", "archipel")
            .context("this user has no home folder; set HOME")?;
        let path = places.config_dir().join("profiles/demo.toml");
        refuse_taken(&path)?;
        let cache = places.cache_dir().join("demo");
        watchdog::remove_at_end(&path);
        watchdog::remove_at_end(&cache);
        Ok(ProfileFile { path, cache })
    }

    /// Writes it.
    pub(super) fn write(&self, bus: &Bus) -> Result<()> {
        let names: Vec<String> = groups().map(quoted).collect();
        let text = crate::template::render(
            include_str!("../../assets/profile.toml"),
            &[
                ("DIR", &bus.folder().display().to_string()),
                ("JID", &quoted(&jid(ADMIN))),
                ("PASSWORD_FILE", &quoted_path(bus.password_file(ADMIN)?)),
                ("GROUPS", &names.join(", ")),
                ("BUS", &quoted(&bus.address().to_string())),
                ("CA_FILE", &quoted_path(bus.ca_file())),
            ],
        );
        write_private(&self.path, &text)
    }
}

impl Drop for ProfileFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        watchdog::keep(&self.path);
        // The next demo is another fleet: its screen shall not wait for hosts of this one.
        let _ = fs::remove_dir_all(&self.cache);
        watchdog::keep(&self.cache);
    }
}

/// A file whose demo is gone (a power cut) is in nobody's way.
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
            "another demo is running, its profile is `{}`; stop it first",
            path.display()
        ),
        None => bail!(
            "`{}` is there and no demo wrote it; move it away",
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
    fn gives_way_to_a_running_demo_and_to_a_file_of_the_user() {
        let scratch = Scratch::new().unwrap();
        let alive = format!("# The profile\n# {}\n", scratch.path().display());
        let path = scratch.write("demo.toml", &alive).unwrap();
        assert!(
            refuse_taken(&path)
                .unwrap_err()
                .to_string()
                .contains("another demo")
        );
        scratch
            .write("demo.toml", "jid = 'me@example.org'\n")
            .unwrap();
        assert!(
            refuse_taken(&path)
                .unwrap_err()
                .to_string()
                .contains("no demo wrote it")
        );
    }

    #[test]
    fn takes_the_place_of_a_demo_that_is_gone() {
        let scratch = Scratch::new().unwrap();
        let path = scratch
            .write("demo.toml", "# The profile\n# /nowhere/archipel-x\n")
            .unwrap();
        assert!(refuse_taken(&path).is_ok());
        assert!(refuse_taken(Path::new("/nowhere/demo.toml")).is_ok());
    }
}
