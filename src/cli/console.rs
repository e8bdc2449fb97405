//! The three standard streams, and who sits at them.

use std::io::{self, BufRead, IsTerminal, Write};

/// Whether a person can be asked: typed answers and the question both go over a terminal.
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether standard output goes to a terminal.
pub(crate) fn is_read_by_a_person() -> bool {
    io::stdout().is_terminal()
}

/// Asks on standard error and reads a line.
pub(crate) fn ask(question: &str) -> io::Result<String> {
    let mut errors = io::stderr().lock();
    write!(errors, "{question}")?;
    errors.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

/// Says something beside the output. Nobody is missed who does not read it.
pub(crate) fn remark(text: &str) {
    let text = archipel_protocol::text::clean_block(text);
    let _ = writeln!(io::stderr(), "{text}");
}

/// A line on standard error that is written over, if that is a terminal; it vanishes when dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    shown: bool,
    last: String,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let shown = io::stderr().is_terminal();
        let last = String::new();
        Self { shown, last }
    }

    pub(crate) fn say(&mut self, text: String) {
        if self.shown && self.last != text {
            let _ = write!(io::stderr(), "\r\x1b[K{text}");
            self.last = text;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if !self.last.is_empty() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// Writes a text to standard output, ending its last line.
pub(crate) fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()
}
