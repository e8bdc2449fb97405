//! What every way of using the program needs: profile, folders, password, runtime.

use std::{fmt, io};

use archipel_config::{
    Environment, Flags, NoHome, PasswordError, Paths, Profile, ProfileError, ProfilePaths, Secret,
    ask_secret,
};
use archipel_protocol::BareJid;
use tokio::runtime::{Builder, Runtime};

use crate::cli::{Failure, is_interactive};

/// The chosen profile and its folders.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) profile: Profile,
    pub(crate) places: ProfilePaths,
}

/// The folders of this user.
pub(crate) fn paths() -> Result<Paths, Failure> {
    Paths::of_user().map_err(Failure::usage)
}

/// Why there is no profile.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// Nobody knows where this user's files live.
    NoHome(NoHome),
    /// The files, or what they say.
    Profile(ProfileError),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHome(error) => error.fmt(f),
            Self::Profile(error) => error.fmt(f),
        }
    }
}

/// Reads the profile that flags, environment and files ask for.
pub(crate) fn load(flags: &Flags) -> Result<Setup, Failure> {
    read(flags).map_err(Failure::usage)
}

/// Like [`load`], for whoever wants to know why there is none.
pub(crate) fn read(flags: &Flags) -> Result<Setup, ReadError> {
    let paths = Paths::of_user().map_err(ReadError::NoHome)?;
    let profile = Profile::load(&paths, flags, &Environment::of_process());
    let profile = profile.map_err(ReadError::Profile)?;
    let places = paths.profile(&profile.name);
    Ok(Setup { profile, places })
}

impl Setup {
    /// The account's password; asked for on the terminal if the profile says so. Before the screen opens.
    pub(crate) fn password(&self) -> Result<Secret, Failure> {
        self.secret().map_err(Failure::not_connected)
    }

    /// Like [`Setup::password`], for whoever wants to know why there is none.
    pub(crate) fn secret(&self) -> Result<Secret, PasswordError> {
        self.profile.password.obtain(&self.profile.jid, prompt)
    }
}

fn prompt(account: &BareJid) -> io::Result<Secret> {
    if !is_interactive() {
        return Err(io::Error::other("nobody is there to be asked"));
    }
    ask_secret(&format!("Password of {account}: "))
}

/// Two threads are enough for an engine that waits for a socket.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let mut builder = Builder::new_multi_thread();
    let built = builder.worker_threads(2).enable_all().build();
    built.map_err(|error| Failure::failed(format_args!("the system gives no threads: {error}")))
}
