//! Where a password comes from. Never the command line: other users can read it there.

use std::{
    env, fmt, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use archipel_protocol::BareJid;

use crate::{LoadError, Secret, load, refuse_exposed};

/// Where the password of a profile comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PasswordSource {
    /// Asked for on the terminal.
    #[default]
    Prompt,
    /// The first line of a file that only its owner can read.
    File(PathBuf),
    /// The first line that a program prints; program and arguments, no shell.
    Command(Vec<String>),
    /// A variable of the environment.
    Environment(String),
    /// The desktop's keyring, through the keyring's own command.
    Keyring,
}

impl fmt::Display for PasswordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prompt => f.write_str("prompt"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Command(words) => write!(f, "command {}", words.join(" ")),
            Self::Environment(name) => write!(f, "variable {name}"),
            Self::Keyring => f.write_str("keyring"),
        }
    }
}

/// A password that could not be had. None of the texts holds a part of it.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The file cannot be used.
    #[error("no password: {0}")]
    File(#[from] LoadError),
    /// The program could not be started.
    #[error("no password: `{program}` could not be run: {error}; {next}")]
    NotRun {
        /// The program.
        program: String,
        /// Why.
        error: io::Error,
        /// What next.
        next: &'static str,
    },
    /// The program failed.
    #[error("no password: `{program}` ended with {status}; run it by hand to see why")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
    },
    /// The variable is not set.
    #[error("no password: the variable {0} is not set")]
    Unset(String),
    /// There is a source, and it is empty.
    #[error("no password: {0} gave an empty one")]
    Empty(String),
    /// Nobody is there to be asked.
    #[error(
        "no password: {0}; on a terminal it is asked for, elsewhere set ARCHIPEL_PASSWORD or password_file in the profile"
    )]
    Prompt(io::Error),
    /// Somebody was asked and gave up.
    #[error("no password was given")]
    GivenUp,
}

impl PasswordError {
    fn of_prompt(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::Interrupted => Self::GivenUp,
            _ => Self::Prompt(error),
        }
    }
}

impl PasswordSource {
    /// Gets the password of `account`; `prompt` is called when a person has to type it. May wait for a program (a key to be
    /// unlocked): call it before the screen opens and outside of the runtime.
    pub fn obtain(
        &self,
        account: &BareJid,
        prompt: impl FnOnce(&BareJid) -> io::Result<Secret>,
    ) -> Result<Secret, PasswordError> {
        let secret = match self {
            Self::Prompt => prompt(account).map_err(PasswordError::of_prompt)?,
            Self::File(path) => from_file(path)?,
            Self::Command(words) => from_command(words, "check password_command in the profile")?,
            Self::Environment(name) => from_variable(name)?,
            Self::Keyring => from_command(&keyring(account), KEYRING_NEXT)?,
        };
        if secret.expose().is_empty() {
            return Err(PasswordError::Empty(self.to_string()));
        }
        Ok(secret)
    }
}

fn from_file(path: &Path) -> Result<Secret, PasswordError> {
    refuse_exposed(path)?;
    let content = Secret::new(load::read(path)?);
    Ok(first_line(&content))
}

fn from_variable(name: &str) -> Result<Secret, PasswordError> {
    let value = env::var(name);
    value
        .map(Secret::new)
        .map_err(|_| PasswordError::Unset(name.to_owned()))
}

fn from_command(words: &[String], next: &'static str) -> Result<Secret, PasswordError> {
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| PasswordError::Empty("password_command".to_owned()))?;
    let mut command = Command::new(program);
    // It may ask for a passphrase: the terminal stays its own.
    command
        .args(arguments)
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit());
    let output = command.output().map_err(|error| PasswordError::NotRun {
        program: program.clone(),
        error,
        next,
    })?;
    let printed = Secret::new(String::from_utf8_lossy(&output.stdout).into_owned());
    if !output.status.success() {
        return Err(PasswordError::Failed {
            program: program.clone(),
            status: output.status.to_string(),
        });
    }
    Ok(first_line(&printed))
}

fn first_line(content: &Secret) -> Secret {
    let line = content.expose().lines().next().unwrap_or_default();
    Secret::new(line.to_owned())
}

#[cfg(target_os = "macos")]
const KEYRING_NEXT: &str = "the keyring is read with macOS' own `security`";
#[cfg(not(target_os = "macos"))]
const KEYRING_NEXT: &str = "the keyring is read with libsecret's tool (Debian: libsecret-tools)";

#[cfg(target_os = "macos")]
fn keyring(account: &BareJid) -> Vec<String> {
    let account = account.to_string();
    let words = [
        "security",
        "find-generic-password",
        "-w",
        "-s",
        "archipel",
        "-a",
        &account,
    ];
    words.map(str::to_owned).to_vec()
}

#[cfg(not(target_os = "macos"))]
fn keyring(account: &BareJid) -> Vec<String> {
    let account = account.to_string();
    let words = [
        "secret-tool",
        "lookup",
        "service",
        "archipel",
        "account",
        &account,
    ];
    words.map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn got(source: &PasswordSource) -> Result<Secret, PasswordError> {
        let account = BareJid::new("admin@dc.example").unwrap();
        source.obtain(&account, |_| Err(io::Error::other("no terminal")))
    }

    fn command(words: &[&str]) -> PasswordSource {
        PasswordSource::Command(words.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_file_gives_its_first_line_if_it_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        crate::write_private(&path, b"hunter2\nsecond").unwrap();
        let source = PasswordSource::File(path.clone());
        assert_eq!(got(&source).unwrap().expose(), "hunter2");
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o604);
        std::fs::set_permissions(&path, open).unwrap();
        assert!(got(&source).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_command_runs_without_a_shell() {
        let secret = got(&command(&["printf", "%s\n", "$HOME;x"])).unwrap();
        assert_eq!(secret.expose(), "$HOME;x");
    }

    #[test]
    fn each_failure_names_its_cause() {
        let said = |source: &PasswordSource| got(source).unwrap_err().to_string();
        assert!(said(&command(&["false"])).contains("`false` ended with"));
        assert!(said(&command(&["/nonexistent/x"])).contains("could not be run"));
        assert!(said(&command(&["true"])).contains("empty"));
        assert!(said(&PasswordSource::Environment("ARCHIPEL_NONE".to_owned())).contains("not set"));
        assert!(said(&PasswordSource::Prompt).contains("no terminal"));
    }
}
