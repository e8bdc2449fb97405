//! Asking a person at the terminal for what nobody else shall see.

use std::io::{self, Read as _, Write as _};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use crate::Secret;

/// The longest line that is read: more than any password or join code.
const LINE_LIMIT: u64 = 256 << 10;
/// What Ctrl-C sends.
const INTERRUPT: u8 = 3;
/// What Ctrl-D sends.
const END: u8 = 4;
/// What the backspace key sends, on one terminal or another.
const ERASE: [u8; 2] = [8, 127];
/// What Ctrl-U sends.
const KILL: u8 = 21;

/// Asks on standard error and reads a line from standard input, a terminal, which shows nothing of it.
///
/// Fails with [`io::ErrorKind::Interrupted`] at Ctrl-C; the terminal is as it was before in any case.
pub fn ask_secret(question: &str) -> io::Result<Secret> {
    Unseen::begin(question)?.line()
}

/// A terminal that shows nothing of what is typed. It shows it again when this is dropped. Keys that would end the program, and leave
/// the terminal like this, are read like any other.
#[derive(Debug)]
pub struct Unseen {
    before: Termios,
}

impl Unseen {
    /// Asks on standard error. Standard input must be a terminal; a process without a controlling one (`su -c`) may have it all the same.
    pub fn begin(question: &str) -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        let usual = LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        quiet.local_modes.remove(usual);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Now, &quiet)?;
        let unseen = Self { before };
        let mut errors = io::stderr().lock();
        write!(errors, "{question}")?;
        errors.flush()?;
        Ok(unseen)
    }

    /// The next line, without its end.
    pub fn line(&self) -> io::Result<Secret> {
        typed_line(io::stdin().lock())
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
        let _ = writeln!(io::stderr());
    }
}

/// A line from a quiet terminal, which hands over each key as it is.
fn typed_line(source: impl io::BufRead) -> io::Result<Secret> {
    let mut line = Vec::new();
    for byte in source.take(LINE_LIMIT).bytes() {
        match byte? {
            INTERRUPT => return Err(io::Error::new(io::ErrorKind::Interrupted, "interrupted")),
            b'\n' | b'\r' | END => break,
            KILL => line.clear(),
            key if ERASE.contains(&key) => erase(&mut line),
            key => line.push(key),
        }
    }
    let text = String::from_utf8(line).map_err(|_| io::Error::other("it is no text"))?;
    Ok(Secret::new(text))
}

/// Takes the last letter back, all bytes of it.
fn erase(line: &mut Vec<u8>) {
    while line.pop().is_some_and(|byte| byte & 0xC0 == 0x80) {}
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_is_typed_corrected_and_given_up() {
        let line = |keys: &[u8]| typed_line(keys).map(|line| line.expose().to_owned());
        assert_eq!(line(b"abd\x7fc\nrest").unwrap(), "abc");
        assert_eq!(line(b"\x08abc\r").unwrap(), "abc");
        assert_eq!(line(b"abc\x04").unwrap(), "abc");
        assert_eq!(line(b"wrong\x15abc\n").unwrap(), "abc");
        assert_eq!(line("abé\x7fc\n".as_bytes()).unwrap(), "abc");
        let given_up = line(b"abc\x03").unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::Interrupted);
    }
}
