//! Reading a store beside an agent that may be at work on it.

use std::{fmt::Write as _, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::FILE;

/// The store in `file`, for reading only; nothing is made beside it.
pub(crate) fn look(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(address(file), flags)
}

/// Where no agent is at work there is no write-ahead log, and none may be made: with another owner it would lock the agent out.
fn address(file: &Path) -> String {
    let log = file.with_file_name(format!("{FILE}-wal"));
    let how = if log.exists() {
        "mode=ro"
    } else {
        "immutable=1"
    };
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
