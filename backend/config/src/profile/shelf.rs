//! The files in which profiles stand: operator.toml, and one file per further profile beside it.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::Deserialize;

use super::{ProfileError, ProfileName, table::Table};
use crate::{
    Origin, Paths,
    layers::{Environment, Flags, Source},
    load,
    profile::InvalidSetting,
};

/// operator.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct OperatorFile {
    default: Option<ProfileName>,
    profiles: BTreeMap<ProfileName, Table>,
}

/// What the settings folder holds.
#[derive(Debug)]
pub(super) struct Shelf {
    path: PathBuf,
    text: String,
    file: OperatorFile,
    drop_ins: BTreeMap<ProfileName, PathBuf>,
}

/// A profile as written, and where.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) table: Table,
    pub(super) source: Option<Source>,
    /// The file to name when something is missing.
    pub(super) file: PathBuf,
}

impl Shelf {
    pub(super) fn open(paths: &Paths) -> Result<Self, ProfileError> {
        let path = paths.operator_file();
        let text = match load::read(&path) {
            Err(error) if error.is_absent() => String::new(),
            other => other?,
        };
        Ok(Self {
            file: load::parse(&path, &text)?,
            drop_ins: drop_ins(paths)?,
            path,
            text,
        })
    }

    fn names(&self) -> Vec<ProfileName> {
        let mut names: Vec<_> = self.file.profiles.keys().cloned().collect();
        names.extend(self.drop_ins.keys().cloned());
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn choose(
        &self,
        flags: &Flags,
        environment: &Environment,
    ) -> Result<ProfileName, ProfileError> {
        let named = match environment.of_key("profile") {
            _ if flags.profile.is_some() => flags.profile.clone(),
            Some((variable, text)) => Some(from_variable(variable, text)?),
            None => self.file.default.clone(),
        };
        let known = self.names();
        match (named, known.as_slice()) {
            (Some(name), _) if known.contains(&name) => Ok(name),
            (Some(name), _) => Err(ProfileError::Unknown { name, known }),
            (None, [only]) => Ok(only.clone()),
            (None, []) if environment.of_key("jid").is_some() => {
                Ok(ProfileName("default".to_owned()))
            }
            (None, []) => Err(ProfileError::Nothing(self.path.clone())),
            (None, _) => Err(ProfileError::Unchosen(known)),
        }
    }

    pub(super) fn take(mut self, name: &ProfileName) -> Result<Found, ProfileError> {
        let drop_in = self.drop_ins.remove(name);
        match (self.file.profiles.remove(name), drop_in) {
            (Some(_), Some(drop_in)) => Err(ProfileError::Twice {
                name: name.clone(),
                drop_in,
            }),
            (Some(table), None) => {
                let tables = vec!["profiles".to_owned(), name.to_string()];
                Ok(Found::new(table, self.path, self.text, tables))
            }
            (None, Some(path)) => {
                let text = load::read(&path)?;
                let table = load::parse(&path, &text)?;
                Ok(Found::new(table, path, text, Vec::new()))
            }
            (None, None) => Ok(Found {
                file: self.path,
                ..Found::default()
            }),
        }
    }
}

impl Found {
    fn new(table: Table, path: PathBuf, text: String, tables: Vec<String>) -> Self {
        Self {
            table,
            file: path.clone(),
            source: Some(Source { path, text, tables }),
        }
    }
}

fn from_variable(variable: &'static str, text: &str) -> Result<ProfileName, ProfileError> {
    text.parse().map_err(|error| {
        ProfileError::Value(InvalidSetting {
            key: "profile",
            origin: Origin::Environment(variable),
            problem: super::InvalidProfileName::to_string(&error),
        })
    })
}

/// `profiles/NAME.toml` by name. A file of another name is none of ours.
fn drop_ins(paths: &Paths) -> Result<BTreeMap<ProfileName, PathBuf>, ProfileError> {
    let folder = paths.drop_ins();
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        other => other
            .map_err(|error| load::LoadError::whole(&folder, load::Problem::Unreadable(error)))?,
    };
    let named = |path: PathBuf| {
        let stem = path
            .file_name()?
            .to_str()?
            .strip_suffix(".toml")?
            .parse()
            .ok()?;
        Some((stem, path))
    };
    Ok(entries
        .flatten()
        .filter_map(|entry| named(entry.path()))
        .collect())
}
