//! Where the code comes from: a file, a pipe, or a person. Never the command line, which everybody on the host can read.

use std::{
    io::{self, IsTerminal as _, Read, Write as _},
    path::Path,
};

use archipel_config::{InvalidJoinCode, JOIN_CODE_LIMIT, JoinCode, Secret, refuse_exposed};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

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
        let line = typed_line(io::stdin().lock())?;
        text.push_str(line.expose());
        match JoinCode::parse(&text) {
            Err(InvalidJoinCode::CutOff) if !line.expose().trim().is_empty() => {}
            done => break done,
        }
    };
    drop((quiet, Secret::new(text)));
    writeln!(errors)?;
    Ok(read)
}

/// What Ctrl-C sends.
const INTERRUPT: u8 = 3;
/// What Ctrl-D sends.
const END: u8 = 4;
/// What the backspace key sends, on one terminal or another.
const ERASE: [u8; 2] = [8, 127];

/// A line from a quiet terminal, which hands over each key as it is.
fn typed_line(source: impl io::BufRead) -> io::Result<Secret> {
    let mut line = Vec::new();
    for byte in source.take(READ_LIMIT).bytes() {
        match byte? {
            INTERRUPT => return Err(io::Error::new(io::ErrorKind::Interrupted, "interrupted")),
            b'\n' | b'\r' | END => break,
            key if ERASE.contains(&key) => drop(line.pop()),
            key => line.push(key),
        }
    }
    line.push(b'\n');
    let text = String::from_utf8(line).map_err(|_| io::Error::other("it is no text"))?;
    Ok(Secret::new(text))
}

/// A terminal that shows nothing of what is typed; it shows it again when this is dropped. Keys that would end the program, and leave
/// the terminal like this, are read like any other.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        let usual = LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        quiet.local_modes.remove(usual);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_is_typed_corrected_and_given_up() {
        let line = |keys: &[u8]| typed_line(keys).map(|line| line.expose().to_owned());
        assert_eq!(line(b"abd\x7fc\nrest").unwrap(), "abc\n");
        assert_eq!(line(b"\x08abc\r").unwrap(), "abc\n");
        assert_eq!(line(b"abc\x04").unwrap(), "abc\n");
        let given_up = line(b"abc\x03").unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::Interrupted);
    }
}
