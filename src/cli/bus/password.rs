//! The first operator's password.

use std::{io, path::Path};

use archipel_config::{PasswordSource, Secret, ask_secret, write_private};
use archipel_protocol::BareJid;
use archipel_servers::generated_password;

use super::init::folder;
use crate::cli::{
    console::{is_interactive, remark},
    failure::Failure,
};

/// From the file, from standard input, or from the person at the terminal; made where that is asked for.
pub(super) fn obtain(account: &BareJid, file: Option<&Path>) -> Result<Secret, Failure> {
    match file {
        Some(path) if path == Path::new("-") => from_input(),
        Some(path) if path.exists() => {
            let source = PasswordSource::File(path.to_owned());
            let never = |_: &BareJid| Err(io::Error::other("a file was named"));
            source.obtain(account, never).map_err(Failure::failed)
        }
        Some(path) => made(account, path),
        None if is_interactive() => typed(account),
        None => Err(Failure::usage(format_args!(
            "the password of {account} is needed, and nobody is there to be asked: --password-file PATH (made if missing), or - for standard input"
        ))),
    }
}

fn from_input() -> Result<Secret, Failure> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let secret = Secret::new(line.trim_end_matches(['\r', '\n']).to_owned());
    refuse_empty(secret)
}

fn refuse_empty(secret: Secret) -> Result<Secret, Failure> {
    if secret.expose().is_empty() {
        return Err(Failure::usage("the password is empty"));
    }
    Ok(secret)
}

fn made(account: &BareJid, path: &Path) -> Result<Secret, Failure> {
    let secret = generated_password();
    let shown = path.display();
    write_private(path, format!("{}\n", secret.expose()).as_bytes())
        .map_err(|error| Failure::failed(format_args!("could not write `{shown}`: {error}")))?;
    remark(&format!(
        "made a password for {account}; it stands in {shown}, for root alone: take it to your desk and delete the file"
    ));
    Ok(secret)
}

fn typed(account: &BareJid) -> Result<Secret, Failure> {
    let question = format!("Password of {account} (nothing: one is made): ");
    let first = ask_secret(&question)?;
    if first.expose().is_empty() {
        return made(account, &folder().join("admin.password"));
    }
    let second = ask_secret("Once more: ")?;
    if first != second {
        return Err(Failure::usage("the two differ; nothing was set"));
    }
    Ok(first)
}
