//! Which servers there are profiles for.

use std::{fmt, str::FromStr};

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerKind {
    /// Prosody 0.12 or later.
    Prosody,
    /// ejabberd 23.01 or later.
    Ejabberd,
}

impl ServerKind {
    /// Both.
    pub const ALL: [ServerKind; 2] = [ServerKind::Prosody, ServerKind::Ejabberd];

    /// The programs it needs; a server is installed where all are found.
    pub fn programs(self) -> &'static [&'static str] {
        match self {
            ServerKind::Prosody => &["prosody"],
            ServerKind::Ejabberd => &["ejabberdctl", "erl"],
        }
    }

    /// Its word in options, and the name of its package, service and system user.
    pub fn word(self) -> &'static str {
        match self {
            ServerKind::Prosody => "prosody",
            ServerKind::Ejabberd => "ejabberd",
        }
    }
}

impl fmt::Display for ServerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ServerKind::Prosody => "Prosody",
            ServerKind::Ejabberd => "ejabberd",
        })
    }
}

/// A word that is no server's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no server that there is a profile for: prosody or ejabberd")]
pub struct UnknownServer(String);

impl FromStr for ServerKind {
    type Err = UnknownServer;

    fn from_str(text: &str) -> Result<Self, UnknownServer> {
        let found = Self::ALL.into_iter().find(|kind| kind.word() == text);
        found.ok_or_else(|| UnknownServer(text.to_owned()))
    }
}
