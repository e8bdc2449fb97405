//! Which server is installed here, and as whom it runs.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::ServerKind;

/// The oldest versions that the profiles were tried with.
const OLDEST: [(ServerKind, &str); 2] = [
    (ServerKind::Prosody, "0.12"),
    (ServerKind::Ejabberd, "23.01"),
];

/// A server on this host.
#[derive(Debug, Clone)]
pub struct Installed {
    /// Which.
    pub kind: ServerKind,
    /// Its version, where the package manager knows it.
    pub version: Option<String>,
}

/// A server that there is no profile for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotUsable {
    /// It is not there.
    #[error("{0} is not installed here; on Debian and Ubuntu: sudo apt install {package}", package = .0.word())]
    Missing(ServerKind),
    /// It is too old.
    #[error(
        "{kind} {version} is older than {oldest}, the oldest that the profile was tried with; install a newer one"
    )]
    TooOld {
        /// Which.
        kind: ServerKind,
        /// What there is.
        version: String,
        /// What is needed.
        oldest: &'static str,
    },
    /// Its user is not there.
    #[error("there is no user `{0}` on this host, and the server's files must belong to somebody")]
    NoUser(String),
}

impl Installed {
    /// The servers that are installed here.
    pub fn all() -> Vec<Installed> {
        ServerKind::ALL
            .into_iter()
            .filter_map(|kind| Self::find(kind).ok())
            .collect()
    }

    /// This server, if it is installed and new enough.
    pub fn find(kind: ServerKind) -> Result<Self, NotUsable> {
        if !kind.programs().iter().all(|name| program(name).is_some()) {
            return Err(NotUsable::Missing(kind));
        }
        let version = packaged(kind);
        let oldest = OLDEST
            .iter()
            .find(|(known, _)| *known == kind)
            .map_or("", |(_, oldest)| *oldest);
        match version {
            Some(version) if numbers(&version) < numbers(oldest) => Err(NotUsable::TooOld {
                kind,
                version,
                oldest,
            }),
            version => Ok(Self { kind, version }),
        }
    }
}

/// A program's file, looked up as a shell does; also where only root's path would find it.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path)
        .chain([Path::new("/usr/sbin").into(), Path::new("/usr/bin").into()]);
    folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// What Debian's package manager says.
fn packaged(kind: ServerKind) -> Option<String> {
    let query = ["--show", "--showformat", "${Version}", kind.word()];
    let output = Command::new("dpkg-query").args(query).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// The first two numbers of a version.
fn numbers(version: &str) -> (u32, u32) {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let mut parts = version
        .split(|letter: char| !letter.is_ascii_digit())
        .map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// The group of the server's user: its files belong to root and that group.
pub fn group_of(kind: ServerKind) -> Result<u32, NotUsable> {
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let found = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(kind.word())).then(|| fields.nth(1)?.parse().ok())?
    });
    found.ok_or_else(|| NotUsable::NoUser(kind.word().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(numbers("0.9.10-1") < numbers("0.12"));
        assert!(numbers("1:23.01-1") >= numbers("23.01"));
        assert!(numbers("21.12") < numbers("23.01"));
    }
}
