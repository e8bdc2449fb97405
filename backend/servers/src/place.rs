//! Files put into place: whole or not at all, with owner and mode, and never over what somebody else changed.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// A file as it shall be.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Where.
    pub path: PathBuf,
    /// What stands in it.
    pub content: Vec<u8>,
    /// Its permissions, such as 0o640.
    pub mode: u32,
    /// Its group; the owner is root. Absent: whoever writes.
    pub group: Option<u32>,
    /// Whether people add to it: one that exists is left alone.
    pub grows: bool,
}

/// How a file on the disk stands to the one that shall be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    New,
    /// It is there as it shall be.
    Same,
    /// It is as it was written before, and something else shall be written now.
    Outdated,
    /// It is somebody else's, or was changed by hand.
    Foreign,
}

/// A file that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("could not {what} `{}`: {error}{}", path.display(), hint(error))]
pub struct PlaceError {
    what: &'static str,
    path: PathBuf,
    error: io::Error,
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "; run it as root (sudo), or write the files elsewhere with --into DIR"
        }
        _ => "",
    }
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PlaceError {
    let path = path.to_owned();
    move |error| PlaceError { what, path, error }
}

/// The checksums of what was written before: tells our own files from those that somebody changed.
#[derive(Debug, Default)]
pub struct Ledger {
    path: PathBuf,
    sums: BTreeMap<String, String>,
}

impl Ledger {
    /// The ledger kept at `path`; a missing one is empty.
    pub fn open(path: &Path) -> Result<Self, PlaceError> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read.map_err(failed("read", path))?,
        };
        let entries = text.lines().filter_map(|line| line.split_once("  "));
        let sums = entries
            .map(|(sum, file)| (file.to_owned(), sum.to_owned()))
            .collect();
        Ok(Self {
            path: path.to_owned(),
            sums,
        })
    }

    /// How the file at its place stands to the one that shall be there.
    pub fn standing(&self, file: &Placed) -> Result<Standing, PlaceError> {
        let found = match fs::read(&file.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Standing::New),
            read => read.map_err(failed("read", &file.path))?,
        };
        let known = self.sums.get(&key(&file.path));
        Ok(if found == file.content || file.grows {
            Standing::Same
        } else if known == Some(&sum(&found)) {
            Standing::Outdated
        } else {
            Standing::Foreign
        })
    }

    /// Puts the file into place and notes its checksum. What was there before is kept beside it; returns where.
    pub fn put(&mut self, file: &Placed, stamp: &str) -> Result<Option<PathBuf>, PlaceError> {
        let kept = match self.standing(file)? {
            Standing::Foreign => Some(keep(&file.path, stamp)?),
            _ => None,
        };
        write(file)?;
        self.sums.insert(key(&file.path), sum(&file.content));
        let mut lines = String::new();
        for (path, sum) in &self.sums {
            lines.extend([sum.as_str(), "  ", path, "\n"]);
        }
        write(&Placed {
            path: self.path.clone(),
            content: lines.into_bytes(),
            mode: 0o644,
            group: None,
            grows: false,
        })?;
        Ok(kept)
    }
}

fn key(path: &Path) -> String {
    path.display().to_string()
}

fn sum(content: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(content);
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A copy beside the file, with its owner and mode.
fn keep(path: &Path, stamp: &str) -> Result<PathBuf, PlaceError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".before-archipel-{stamp}"));
    let copy = path.with_file_name(name);
    let kept = || -> io::Result<()> {
        let data = fs::metadata(path)?;
        fs::copy(path, &copy)?;
        chown(&copy, Some(data.uid()), Some(data.gid()))
    };
    kept().map_err(failed("keep a copy of", path))?;
    Ok(copy)
}

/// Writes the file. Another program sees the old content or the new, never a part; a reader that has no right to it never has it
/// open, because owner and mode are set before it gets its name.
pub fn write(file: &Placed) -> Result<(), PlaceError> {
    let mut name = file.path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let draft = file.path.with_file_name(name);
    let written = folder(file)
        .and_then(|()| write_draft(file, &draft))
        .and_then(|()| fs::rename(&draft, &file.path));
    if written.is_err() {
        // A draft that was never made cannot be removed; the first error is the one to tell.
        let _ = fs::remove_file(&draft);
    }
    written.map_err(failed("write", &file.path))
}

/// The folder of a file that a server reads is its group's to enter.
fn folder(file: &Placed) -> io::Result<()> {
    let Some(folder) = file.path.parent().filter(|folder| !folder.exists()) else {
        return Ok(());
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)?;
    if file.group.is_some() {
        fs::set_permissions(folder, Permissions::from_mode(0o750))?;
        chown(folder, None, file.group)?;
    }
    Ok(())
}

fn write_draft(file: &Placed, draft: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut open: File = options.open(draft)?;
    open.write_all(&file.content)?;
    if file.group.is_some() {
        chown(draft, None, file.group)?;
    }
    open.set_permissions(Permissions::from_mode(file.mode))?;
    open.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn file(path: PathBuf, content: &str) -> Placed {
        Placed {
            path,
            content: content.as_bytes().to_vec(),
            mode: 0o640,
            group: None,
            grows: false,
        }
    }

    #[test]
    fn what_somebody_changed_is_told_from_what_is_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("etc/server.cfg");
        let list = folder.path().join("written");
        let (one, two) = (file(path.clone(), "one"), file(path.clone(), "two"));
        let mut ledger = Ledger::open(&list).unwrap();
        assert_eq!(ledger.standing(&one).unwrap(), Standing::New);
        assert_eq!(ledger.put(&one, "1").unwrap(), None);
        let mut ledger = Ledger::open(&list).unwrap();
        assert_eq!(ledger.standing(&one).unwrap(), Standing::Same);
        assert_eq!(ledger.standing(&two).unwrap(), Standing::Outdated);
        fs::write(&path, "by hand").unwrap();
        assert_eq!(ledger.standing(&two).unwrap(), Standing::Foreign);
        let kept = ledger.put(&two, "2").unwrap().unwrap();
        assert_eq!(fs::read_to_string(kept).unwrap(), "by hand");
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
    }

    #[test]
    fn a_file_that_people_add_to_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("groups.txt");
        fs::write(&path, "[Operators]\n").unwrap();
        let grows = Placed {
            grows: true,
            ..file(path, "other")
        };
        let ledger = Ledger::open(&folder.path().join("written")).unwrap();
        assert_eq!(ledger.standing(&grows).unwrap(), Standing::Same);
    }
}
