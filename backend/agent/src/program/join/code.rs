//! Where the code comes from: a file, a pipe, or a person. Never the command line, which everybody on the host can read.

use std::{
    io::{self, BufRead as _, IsTerminal as _, Read, Write as _},
    path::Path,
};

use archipel_config::{InvalidJoinCode, JOIN_CODE_LIMIT, JoinCode, Secret, refuse_exposed};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

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
    let quiet = Quiet::begin()?;
    let mut errors = io::stderr().lock();
    write!(errors, "Join code (it is not shown): ")?;
    errors.flush()?;
    let mut text = String::new();
    let read = loop {
        let before = text.len();
        io::stdin().lock().take(READ_LIMIT).read_line(&mut text)?;
        let empty = text.get(before..).is_none_or(|line| line.trim().is_empty());
        match JoinCode::parse(&text) {
            Err(InvalidJoinCode::CutOff) if !empty => {}
            done => break done,
        }
    };
    drop((quiet, Secret::new(text)));
    writeln!(errors)?;
    Ok(read)
}

/// A terminal that shows nothing of what is typed; it shows it again when this is dropped.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Now, &quiet)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
