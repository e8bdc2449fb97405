//! Why there is no profile to work with.

use std::{fmt, path::PathBuf};

use super::ProfileName;
use crate::{LoadError, Origin, load::nearest};

/// A value that cannot be used.
#[derive(Debug)]
pub struct InvalidSetting {
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
    Value(InvalidSetting),
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
