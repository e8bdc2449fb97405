//! The folders of a person's settings, data, state and cache.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use crate::profile::ProfileName;

/// Nobody knows where this user's files live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this user has no home folder; set HOME, or XDG_CONFIG_HOME and its siblings")]
pub struct NoHome;

/// The folders of the operator's program. None is made before something is written to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// Settings: `operator.toml`, `profiles/`, `keymaps/`, `themes/`.
    pub config: PathBuf,
    /// What would be missed: the list of trusted hypervisors.
    pub data: PathBuf,
    /// What would hardly be missed: open views, history, the log.
    pub state: PathBuf,
    /// What comes back by itself: the last known fleet.
    pub cache: PathBuf,
}

impl Paths {
    /// By the XDG variables, else below the home folder (`~/.config/archipel` and so on).
    pub fn of_user() -> Result<Self, NoHome> {
        let found = ProjectDirs::from("", "", "archipel").ok_or(NoHome)?;
        let data = found.data_dir().to_owned();
        let state = found.state_dir().map(Path::to_owned);
        Ok(Self {
            config: found.config_dir().to_owned(),
            state: state.unwrap_or_else(|| data.join("state")),
            cache: found.cache_dir().to_owned(),
            data,
        })
    }

    /// All below one folder.
    pub fn under(root: &Path) -> Self {
        Self {
            config: root.join("config"),
            data: root.join("data"),
            state: root.join("state"),
            cache: root.join("cache"),
        }
    }

    /// The file with the profiles.
    pub fn operator_file(&self) -> PathBuf {
        self.config.join("operator.toml")
    }

    /// The folder with one file per further profile.
    pub fn drop_ins(&self) -> PathBuf {
        self.config.join("profiles")
    }

    /// The places of one profile.
    pub fn profile(&self, name: &ProfileName) -> ProfilePaths {
        ProfilePaths {
            data: self.data.join(name.as_str()),
            state: self.state.join(name.as_str()),
            cache: self.cache.join(name.as_str()),
        }
    }
}

/// The folders of one profile, so that two buses never mix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfilePaths {
    /// What would be missed.
    pub data: PathBuf,
    /// What would hardly be missed.
    pub state: PathBuf,
    /// What comes back by itself.
    pub cache: PathBuf,
}

impl ProfilePaths {
    /// The bare addresses of trusted hypervisors.
    pub fn trust_file(&self) -> PathBuf {
        self.data.join("trusted.toml")
    }

    /// The invitations to hosts that have not joined yet.
    pub fn invitations_file(&self) -> PathBuf {
        self.data.join("invitations.toml")
    }

    /// The ends of the hypervisors' audits as they were seen.
    pub fn audit_file(&self) -> PathBuf {
        self.data.join("audit.json")
    }

    /// The last known fleet.
    pub fn fleet_file(&self) -> PathBuf {
        self.cache.join("fleet.json")
    }

    /// The log of the program.
    pub fn log_file(&self) -> PathBuf {
        self.state.join("archipel.log")
    }
}
