//! Where the code comes from: a file, a pipe, or a person. Never the command line, which everybody on the host can read.

use std::{
    io::{self, IsTerminal as _, Read},
    path::Path,
};

use archipel_config::{InvalidJoinCode, JOIN_CODE_LIMIT, JoinCode, Secret, Unseen, refuse_exposed};

use super::super::{EXIT_SETTINGS, Failed};

/// The most bytes that are read: a code with a blank after each letter, and more.
const READ_LIMIT: u64 = 16 * JOIN_CODE_LIMIT as u64;

/// Reads the code.
pub(super) fn obtain(file: Option<&Path>) -> Result<JoinCode, Failed> {
    let refused = |error: &dyn std::error::Error| Failed::of(error).with_code(EXIT_SETTINGS);
    if let Some(path) = file {
        refuse_exposed(path).map_err(|error| refused(&error))?;
        let unread = |error| Failed::new(format!("could not read `{}`: {error}", path.display()));
        let text = whole(std::fs::File::open(path).map_err(unread)?).map_err(unread)?;
        return JoinCode::parse(text.expose()).map_err(|error| refused(&error));
    }
    let unread = |error| Failed::new(format!("could not read the join code: {error}"));
    if io::stdin().is_terminal() {
        return ask().map_err(unread)?.map_err(|error| refused(&error));
    }
    let text = whole(io::stdin().lock()).map_err(unread)?;
    JoinCode::parse(text.expose()).map_err(|error| refused(&error))
}

fn whole(source: impl Read) -> io::Result<Secret> {
    let mut text = String::new();
    source.take(READ_LIMIT).read_to_string(&mut text)?;
    Ok(Secret::new(text))
}

/// Asks the person. A pasted code may be several lines: they are read until it is whole, or until an empty one.
fn ask() -> io::Result<Result<JoinCode, InvalidJoinCode>> {
    let unseen = Unseen::begin("Join code (it is not shown): ")?;
    let mut text = String::new();
    let read = loop {
        let line = unseen.line()?;
        text.push_str(line.expose());
        match JoinCode::parse(&text) {
            Err(InvalidJoinCode::CutOff) if !line.expose().trim().is_empty() => {}
            done => break done,
        }
    };
    drop(Secret::new(text));
    Ok(read)
}
