//! Texts from files and standard input.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::failure::Failure;

/// The longest text that is read: what travels is bounded to the same.
const LIMIT: u64 = 256 << 10;

/// The text of a file; `-` is standard input.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    let unread = |error: io::Error| {
        Failure::usage(format_args!("could not read {}: {error}", path.display()))
    };
    let text = if path == Path::new("-") {
        bounded(io::stdin().lock())
    } else {
        File::open(path).and_then(bounded)
    };
    text.map_err(unread)
}

fn bounded(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    source.take(LIMIT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LIMIT {
        return Err(io::Error::other("longer than 256 KiB"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_too_long_is_refused() {
        assert_eq!(bounded("<domain/>".as_bytes()).unwrap(), "<domain/>");
        assert!(bounded(io::repeat(b'x').take(LIMIT + 1)).is_err());
    }
}
