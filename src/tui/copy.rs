//! Copying through the terminal, so that it works over ssh.

use base64::{Engine, engine::general_purpose::STANDARD};

/// What common terminals accept at most, encoded.
const LIMIT: usize = 74_994;

/// The sequence (OSC 52) that puts `text` on the clipboard; none for a text that is too long.
pub(super) fn sequence(text: &str) -> Option<Vec<u8>> {
    let encoded = STANDARD.encode(text);
    (encoded.len() <= LIMIT).then(|| format!("\x1b]52;c;{encoded}\x07").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_encoded_and_bounded() {
        assert_eq!(
            sequence("web01").as_deref(),
            Some(&b"\x1b]52;c;d2ViMDE=\x07"[..])
        );
        assert_eq!(sequence(&"x".repeat(60_000)), None);
    }
}
