//! What can be wrong with a scenario.

use std::fmt;
use std::io;
use std::path::PathBuf;

use archipel_config::LoadError;

use super::SHIPPED;

/// Why there is no scenario.
#[derive(Debug)]
pub enum ScenarioError {
    /// Neither shipped nor a file.
    Unknown(String),
    /// The file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// It is not written as scenarios are.
    Document(Box<LoadError>),
    /// It asks for what cannot be.
    Invalid(PathBuf, InvalidScenario),
}

/// What a scenario asks for and cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidScenario {
    /// Nothing.
    Empty,
    /// Something in a phase.
    Phase {
        /// Which.
        name: String,
        /// What would be right.
        what: &'static str,
    },
}

impl From<Box<LoadError>> for ScenarioError {
    fn from(error: Box<LoadError>) -> ScenarioError {
        ScenarioError::Document(error)
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScenarioError::Unknown(word) => {
                let names: Vec<&str> = SHIPPED.iter().map(|shipped| shipped.name).collect();
                write!(
                    f,
                    "there is no scenario `{word}`: write the name of a file or one of {}",
                    names.join(", ")
                )
            }
            ScenarioError::Unreadable(path, why) => {
                write!(f, "could not read `{}`: {why}", path.display())
            }
            ScenarioError::Document(error) => error.fmt(f),
            ScenarioError::Invalid(path, why) => write!(f, "{}: {why}", path.display()),
        }
    }
}

impl fmt::Display for InvalidScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidScenario::Empty => {
                f.write_str("there is no phase; write at least one [[phase]]")
            }
            InvalidScenario::Phase { name, what } => write!(f, "phase `{name}`: {what}"),
        }
    }
}

impl std::error::Error for ScenarioError {}
