//! Flag, environment, file, preset: the strongest that says something wins, and is remembered as the origin.

use std::{
    collections::BTreeMap,
    env, fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::{
    Endpoint, Origin, load,
    profile::{InvalidSetting, ProfileError, ProfileName},
};

/// What the command line says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--profile NAME`.
    pub profile: Option<ProfileName>,
    /// `--read-only`.
    pub read_only: bool,
}

/// A variable of the environment and the key that it overrides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The key, as `config show` prints it.
    pub key: &'static str,
    /// What it holds.
    pub summary: &'static str,
}

const fn variable(name: &'static str, key: &'static str, summary: &'static str) -> Variable {
    Variable { name, key, summary }
}

/// All variables that are read.
pub static VARIABLES: &[Variable] = &[
    variable("ARCHIPEL_PROFILE", "profile", "the profile to use"),
    variable("ARCHIPEL_JID", "jid", "the account, name@server"),
    variable("ARCHIPEL_PASSWORD", "password", "the account's password"),
    variable(
        "ARCHIPEL_HOSTS",
        "bus.hosts",
        "name:port, separated by commas",
    ),
    variable(
        "ARCHIPEL_CA_FILE",
        "bus.ca_file",
        "certificates (PEM) to trust",
    ),
    variable("ARCHIPEL_READ_ONLY", "read_only", "yes or no"),
    variable("ARCHIPEL_THEME", "theme", "the theme's name"),
    variable("ARCHIPEL_ACCENT", "accent", "the accent's colour"),
    variable("ARCHIPEL_GLYPHS", "glyphs", "auto, unicode or ascii"),
    variable("ARCHIPEL_KEYMAP", "keymap", "the keymap's name"),
    variable("ARCHIPEL_LOG", "log", "error, warn, info, debug or trace"),
];

/// The variables that are set.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<&'static str, String>);

impl fmt::Debug for Environment {
    /// Names alone: one of them holds a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// Those of this process. An empty one counts as not set.
    pub fn of_process() -> Self {
        Self::from_lookup(|name| env::var(name).ok())
    }

    /// Those that `lookup` knows.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let named = |variable: &Variable| Some((variable.name, lookup(variable.name)?));
        let set = VARIABLES.iter().filter_map(named);
        Self(set.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// Variable and value for `key`.
    pub(crate) fn of_key(&self, key: &str) -> Option<(&'static str, &str)> {
        let variable = VARIABLES.iter().find(|variable| variable.key == key)?;
        Some((variable.name, self.0.get(variable.name)?))
    }
}

/// The file in which a profile stands, and its table there.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its text.
    pub(crate) text: String,
    /// The tables around the profile's keys, outermost first.
    pub(crate) tables: Vec<String>,
}

impl Source {
    /// The line on which `key` is set.
    fn line(&self, key: &str) -> Option<usize> {
        let tables = self.tables.iter().map(String::as_str);
        let keys: Vec<&str> = tables.chain(key.split('.')).collect();
        load::line_of(&self.text, &keys)
    }

    fn origin(&self, key: &str) -> Origin {
        Origin::File {
            path: self.path.clone(),
            line: self.line(key).unwrap_or(1),
        }
    }

    /// A path written in the file: `~/` is the home folder, a relative one counts from the file's folder.
    pub(crate) fn resolve(&self, written: &Path) -> PathBuf {
        if let Ok(below_home) = written.strip_prefix("~") {
            let home = directories::BaseDirs::new().map(|found| found.home_dir().to_owned());
            return home.unwrap_or_default().join(below_home);
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        folder.join(written)
    }
}

/// Picks values and keeps their origins.
#[derive(Debug)]
pub(crate) struct Merge<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) source: Option<&'a Source>,
    pub(crate) origins: BTreeMap<&'static str, Origin>,
}

impl Merge<'_> {
    /// The value of `key` by environment or file; none is the preset's turn.
    pub(crate) fn pick<T>(
        &mut self,
        key: &'static str,
        file: Option<T>,
    ) -> Result<Option<T>, ProfileError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let Some((name, text)) = self.environment.of_key(key) else {
            return Ok(self.keep(key, file));
        };
        let origin = Origin::Environment(name);
        match text.parse() {
            Ok(value) => {
                self.origins.insert(key, origin);
                Ok(Some(value))
            }
            Err(error) => Err(ProfileError::Value(InvalidSetting {
                key,
                origin,
                problem: T::Err::to_string(&error),
            })),
        }
    }

    /// Notes the origin of a key that has no variable and whose value is complete already.
    pub(crate) fn note(&mut self, key: &'static str) {
        let line = self
            .source
            .and_then(|source| source.line(key).map(|_| source.origin(key)));
        self.origins.insert(key, line.unwrap_or(Origin::Preset));
    }

    /// The value of a key that has no variable.
    pub(crate) fn keep<T>(&mut self, key: &'static str, file: Option<T>) -> Option<T> {
        let written = self.source.filter(|_| file.is_some());
        let origin = written.map_or(Origin::Preset, |source| source.origin(key));
        self.origins.insert(key, origin);
        file
    }
}

/// A yes or no of the environment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Switch(pub(crate) bool);

impl FromStr for Switch {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "1" | "yes" | "true" | "on" => Ok(Self(true)),
            "0" | "no" | "false" | "off" => Ok(Self(false)),
            _ => Err("write yes or no"),
        }
    }
}

/// A list of servers of the environment.
#[derive(Debug)]
pub(crate) struct Hosts(pub(crate) Vec<Endpoint>);

impl FromStr for Hosts {
    type Err = crate::InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let each = text.split(',').map(|part| part.trim().parse());
        each.collect::<Result<_, _>>().map(Self)
    }
}
