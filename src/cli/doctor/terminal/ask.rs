//! Asks the terminal itself. One that does not answer is not waited for.

use std::{
    io::{self, Write as _},
    time::{Duration, Instant},
};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::read,
};

/// Whether mode 2026 is known, and then who the terminal is: every terminal answers the second question, which ends the waiting.
const QUESTION: &[u8] = b"\x1b[?2026$p\x1b[c";
/// How long an answer may take, over a slow line.
const PATIENCE: Duration = Duration::from_millis(500);
/// The longest answer that is read.
const LIMIT: usize = 256;

/// Whether the terminal has synchronized updates; `None` where it does not tell.
pub(super) fn whole_frames() -> Option<bool> {
    enable_raw_mode().ok()?;
    let answer = exchange();
    // A terminal that cannot be set back would not be a terminal.
    let _ = disable_raw_mode();
    understood(&answer.ok()?)
}

fn exchange() -> io::Result<Vec<u8>> {
    let mut out = io::stdout();
    out.write_all(QUESTION)?;
    out.flush()?;
    let end = Instant::now() + PATIENCE;
    let mut answer = Vec::new();
    while !answer.ends_with(b"c") && answer.len() < LIMIT && is_ready(end)? {
        let mut piece = [0; LIMIT];
        // Not by the standard library's reader: what that has taken into its buffer, nobody sees who waits for the terminal.
        let count = read(io::stdin(), &mut piece)?;
        if count == 0 {
            break;
        }
        answer.extend_from_slice(&piece[..count]);
    }
    Ok(answer)
}

/// Waits until there is something to read.
fn is_ready(end: Instant) -> io::Result<bool> {
    let stdin = io::stdin();
    let mut waiting = [PollFd::new(&stdin, PollFlags::IN)];
    let left = end.saturating_duration_since(Instant::now());
    let left = Timespec::try_from(left).unwrap_or_default();
    Ok(poll(&mut waiting, Some(&left))? > 0)
}

/// The report `CSI ? 2026 ; N $ y`: 0 is unknown, 4 is off for good (DECRPM).
fn understood(answer: &[u8]) -> Option<bool> {
    let text = String::from_utf8_lossy(answer);
    if !text.ends_with('c') {
        return None;
    }
    let value = text
        .split_once("?2026;")
        .and_then(|(_, rest)| rest.chars().next());
    Some(matches!(value, Some('1'..='3')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_understood() {
        assert_eq!(understood(b"\x1b[?2026;2$y\x1b[?62;c"), Some(true));
        assert_eq!(understood(b"\x1b[?2026;0$y\x1b[?62;c"), Some(false));
        assert_eq!(understood(b"\x1b[?1;2c"), Some(false));
        assert_eq!(understood(b""), None);
    }
}
