//! A terminal of the old kind: it says who it is and does not know how to show a frame at once.

use std::io::{Read as _, Write as _};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

/// What it is asked: whether it knows mode 2026, and who it is.
const QUESTION: &str = "\x1b[?2026$p\x1b[c";
/// What it says: mode 2026 is unknown to it (DECRPM), and it is a VT220.
const ANSWER: &[u8] = b"\x1b[?2026;0$y\x1b[?62;c";

/// Runs a program in it to its end; what the program printed.
pub(crate) fn printed(command: CommandBuilder, columns: u16, rows: u16) -> String {
    let size = PtySize {
        rows,
        cols: columns,
        ..PtySize::default()
    };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut keys = pair.master.take_writer().unwrap();
    let mut out = pair.master.try_clone_reader().unwrap();
    let mut text = String::new();
    let mut answered = false;
    let mut buffer = [0; 4096];
    // The reader of a terminal that nobody has open any more fails.
    while let Ok(count @ 1..) = out.read(&mut buffer) {
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        if !answered && text.contains(QUESTION) {
            keys.write_all(ANSWER).unwrap();
            answered = true;
        }
    }
    child.wait().unwrap();
    assert!(answered, "it was not asked: {text}");
    text
}
