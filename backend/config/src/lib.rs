//! Settings: layered TOML with origins, secrets, TLS, and the folders they live in.
//!
//! Any settings struct is read with [`load`]: derive `serde::Deserialize`, put
//! `#[serde(default, deny_unknown_fields)]` on it, and an unknown key, a wrong value or a syntax error becomes a [`LoadError`]
//! that names file, line and the nearest known key. A file that may hold a password goes through [`load_private`], which refuses one
//! that others can read. [`line_of`] tells where a key was set, for programs that print origins.
//!
//! ```
//! #[derive(Debug, Default, serde::Deserialize)]
//! #[serde(default, deny_unknown_fields)]
//! struct Settings {
//!     uri: String,
//!     bus: archipel_config::BusSettings,
//! }
//!
//! let error = archipel_config::parse::<Settings>("agent.toml".as_ref(), "urri = 'qemu:///system'").unwrap_err();
//! assert!(error.to_string().starts_with("agent.toml:1: unknown key `urri`, did you mean `uri`?"));
//! ```
//!
//! What is wrong with a set-up is told in [`finding`]s.
//!
//! A [`JoinCode`] carries a new host what it must know to reach the bus.
//!
//! An operator's settings are a [`Profile`]: flag, environment, file and preset in this order, each value with its [`Origin`].

pub mod finding;

mod bus;
mod files;
mod join;
mod layers;
mod load;
mod origin;
mod password;
mod paths;
mod profile;
mod prompt;
mod secret;

pub use bus::{BusSettings, Endpoint, Fingerprint, InvalidEndpoint, InvalidFingerprint, TlsMode};
pub use files::{private_folder, refuse_exposed, write_private};
pub use join::{
    Certificate, InvalidCertificates, InvalidJoinCode, JOIN_CODE_LIMIT, JoinCode, ServerTrust,
    UnwritableJoinCode,
};
pub use layers::{Environment, Flags, VARIABLES, Variable};
pub use load::{LoadError, Problem, line_of, load, load_private, parse};
pub use origin::Origin;
pub use password::{PasswordError, PasswordSource};
pub use paths::{NoHome, Paths, ProfilePaths};
pub use profile::{
    Glyphs, InvalidProfileName, InvalidSetting, LogLevel, Profile, ProfileError, ProfileName, Row,
};
pub use prompt::{Unseen, ask_secret};
pub use secret::Secret;
