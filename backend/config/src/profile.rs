//! An operator's profile: one account on one bus, and how the program looks there.

mod shelf;
mod table;

use std::{collections::BTreeMap, fmt, path::PathBuf, str::FromStr};

use archipel_protocol::BareJid;
use serde::Deserialize;

use crate::{
    BusSettings, LoadError, Origin, PasswordSource, Paths,
    layers::{Environment, Flags},
    load::nearest,
};

/// A profile, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// The account.
    pub jid: BareJid,
    /// Where the account's password comes from.
    pub password: PasswordSource,
    /// The bus.
    pub bus: BusSettings,
    /// Roster groups of the server whose members are trusted as hypervisors.
    pub trusted_groups: Vec<String>,
    /// Whether every verb that is not safe is removed.
    pub read_only: bool,
    /// The theme's name.
    pub theme: String,
    /// A colour of its own for this bus, such as red for production.
    pub accent: Option<String>,
    /// The keymap's name.
    pub keymap: String,
    /// How much is logged.
    pub log: LogLevel,
    origins: BTreeMap<&'static str, Origin>,
}

/// One line of `archipel config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The key.
    pub key: &'static str,
    /// Its value as text. Never a password.
    pub value: String,
    /// Where the value comes from.
    pub origin: Origin,
}

/// A profile's name: also a file's and a folder's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct ProfileName(String);

/// A text that cannot name a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a profile; use 1 to 32 letters, digits, `-` and `_`")]
pub struct InvalidProfileName(String);

impl ProfileName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProfileName {
    type Err = InvalidProfileName;

    fn from_str(text: &str) -> Result<Self, InvalidProfileName> {
        let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if (1..=32).contains(&text.len()) && text.chars().all(sound) {
            return Ok(Self(text.to_owned()));
        }
        let shown = archipel_protocol::text::clean_line(text, 40);
        Err(InvalidProfileName(shown))
    }
}

impl TryFrom<String> for ProfileName {
    type Error = InvalidProfileName;

    fn try_from(text: String) -> Result<Self, InvalidProfileName> {
        text.parse()
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What an operator asked for and did not get.
    Error,
    /// What deserves a look.
    Warn,
    /// What happened.
    #[default]
    Info,
    /// How it happened.
    Debug,
    /// Every step.
    Trace,
}

impl LogLevel {
    /// The word in settings and in filters of the log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl FromStr for LogLevel {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let all = [
            Self::Error,
            Self::Warn,
            Self::Info,
            Self::Debug,
            Self::Trace,
        ];
        let mut found = all.into_iter();
        found
            .find(|level| level.word() == text)
            .ok_or("write error, warn, info, debug or trace")
    }
}

/// A value that cannot be used.
#[derive(Debug)]
pub struct Invalid {
    /// The key.
    pub key: &'static str,
    /// Where the value was given.
    pub origin: Origin,
    /// What is wrong with it.
    pub problem: String,
}

/// Why there is no profile to work with.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A file cannot be used.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// There is none at all.
    #[error(
        "no profile yet: {} says nothing about your account and bus\n  write an annotated one with: archipel config init",
        .0.display()
    )]
    Nothing(PathBuf),
    /// The one asked for does not exist.
    #[error("there is no profile `{name}`{}", Suggested(name, known))]
    Unknown {
        /// The one asked for.
        name: ProfileName,
        /// Those that exist.
        known: Vec<ProfileName>,
    },
    /// There are several and none was chosen.
    #[error(
        "several profiles and none chosen: {}\n  give --profile NAME, or put default = \"NAME\" on top of operator.toml",
        joined(.0)
    )]
    Unchosen(Vec<ProfileName>),
    /// Two files define it.
    #[error(
        "profile `{name}` stands in operator.toml and in {}; remove one of the two",
        drop_in.display()
    )]
    Twice {
        /// Its name.
        name: ProfileName,
        /// The second file.
        drop_in: PathBuf,
    },
    /// A value cannot be used.
    #[error("{}: `{}`: {}", .0.origin, .0.key, .0.problem)]
    Value(Invalid),
    /// It does not say who logs in.
    #[error(
        "profile `{name}` has no account; add a line such as jid = \"admin@dc.example\" in {}",
        file.display()
    )]
    NoAccount {
        /// Its name.
        name: ProfileName,
        /// The file to change.
        file: PathBuf,
    },
    /// The password comes from two places.
    #[error("profile `{name}` names several sources of its password: {}; keep one", keys.join(", "))]
    Passwords {
        /// Its name.
        name: ProfileName,
        /// The keys that are set.
        keys: Vec<&'static str>,
    },
}

struct Suggested<'a>(&'a ProfileName, &'a [ProfileName]);

impl fmt::Display for Suggested<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = nearest(self.0.as_str(), self.1.iter().map(ProfileName::as_str)) {
            write!(f, ", did you mean `{name}`?")?;
        }
        match self.1 {
            [] => f.write_str("; none is written yet, see: archipel config init"),
            known => write!(f, "\n  known: {}", joined(known)),
        }
    }
}

fn joined(names: &[ProfileName]) -> String {
    let names: Vec<&str> = names.iter().map(ProfileName::as_str).collect();
    names.join(", ")
}

impl Profile {
    /// The profile that flags, environment and files ask for: `--profile`, `ARCHIPEL_PROFILE`, `default` in operator.toml, or the only
    /// one there is. Without any file `ARCHIPEL_JID` alone makes a profile `default`.
    pub fn load(
        paths: &Paths,
        flags: &Flags,
        environment: &Environment,
    ) -> Result<Self, ProfileError> {
        let shelf = shelf::Shelf::open(paths)?;
        let name = shelf.choose(flags, environment)?;
        let found = shelf.take(&name)?;
        table::merge(name, found, flags, environment)
    }

    /// Every value with its origin, for `archipel config show`.
    pub fn rows(&self) -> Vec<Row> {
        let values = self.values();
        let origin = |key| self.origins.get(key).cloned().unwrap_or(Origin::Preset);
        let row = |(key, value)| Row {
            key,
            value,
            origin: origin(key),
        };
        values.into_iter().map(row).collect()
    }

    fn values(&self) -> [(&'static str, String); 14] {
        let bus = &self.bus;
        let hosts: Vec<String> = bus.hosts.iter().map(ToString::to_string).collect();
        let ca_file = bus.ca_file.as_ref();
        let pinned = bus.pinned.map(|pinned| pinned.to_string());
        [
            ("profile", self.name.to_string()),
            ("jid", self.jid.to_string()),
            ("password", self.password.to_string()),
            ("bus.hosts", hosts.join(", ")),
            ("bus.tls", bus.tls.to_string()),
            (
                "bus.ca_file",
                ca_file.map_or_else(String::new, |path| path.display().to_string()),
            ),
            ("bus.pinned", pinned.unwrap_or_default()),
            ("bus.allow_plain", bus.allow_plain.to_string()),
            ("trusted_groups", self.trusted_groups.join(", ")),
            ("read_only", self.read_only.to_string()),
            ("theme", self.theme.clone()),
            ("accent", self.accent.clone().unwrap_or_default()),
            ("keymap", self.keymap.clone()),
            ("log", self.log.word().to_owned()),
        ]
    }
}

#[cfg(test)]
mod tests;
