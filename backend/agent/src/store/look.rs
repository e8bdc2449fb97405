//! Reading a store beside an agent that may be at work on it.

use std::{fmt::Write as _, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::FILE;

/// The store in `file`, for reading only; nothing is made beside it.
pub(crate) fn look(file: &Path) -> rusqlite::Result<Connection> {
    // Where no agent is at work there is no write-ahead log, and none may be made: with another owner it would lock the agent out.
    if file.with_file_name(format!("{FILE}-wal")).exists() {
        open(&address(file, "mode=ro"))
    } else {
        frozen(file)
    }
}

/// A database that nobody writes to, for reading only.
pub(crate) fn frozen(file: &Path) -> rusqlite::Result<Connection> {
    open(&address(file, "immutable=1"))
}

fn open(address: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(address, flags)
}

/// The file's path as the database wants it.
fn address(file: &Path, how: &str) -> String {
    let mut address = String::from("file:");
    for byte in file.as_os_str().as_encoded_bytes() {
        // Writing into a text cannot fail.
        let _ = match byte {
            b'/' | b'-' | b'_' | b'.' => write!(address, "{}", char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => write!(address, "{}", char::from(*byte)),
            byte => write!(address, "%{byte:02X}"),
        };
    }
    format!("{address}?{how}")
}
