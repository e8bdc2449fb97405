//! An operator's profile: one account on one bus, and how the program looks there.

mod error;
mod shelf;
mod table;
mod words;

use std::{collections::BTreeMap, fmt, str::FromStr};

use archipel_protocol::BareJid;
use serde::Deserialize;

use crate::{
    BusSettings, Origin, PasswordSource, Paths,
    layers::{Environment, Flags},
};

pub use error::{InvalidSetting, ProfileError};
pub use words::{Glyphs, LogLevel};

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
    /// Which signs are drawn with.
    pub glyphs: Glyphs,
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

    fn values(&self) -> [(&'static str, String); 16] {
        let bus = &self.bus;
        let hosts: Vec<String> = bus.hosts.iter().map(ToString::to_string).collect();
        let resolver = bus.resolver.map(|address| address.to_string());
        let ca_file = bus.ca_file.as_ref();
        let pinned = bus.pinned.map(|pinned| pinned.to_string());
        [
            ("profile", self.name.to_string()),
            ("jid", self.jid.to_string()),
            ("password", self.password.to_string()),
            ("bus.hosts", hosts.join(", ")),
            ("bus.resolver", resolver.unwrap_or_default()),
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
            ("glyphs", self.glyphs.word().to_owned()),
            ("keymap", self.keymap.clone()),
            ("log", self.log.word().to_owned()),
        ]
    }
}

#[cfg(test)]
mod tests;
