//! Text that must not be seen.

use std::fmt;

use zeroize::Zeroizing;

/// A password. Never printed, wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// A password of 48 digits, from the system's randomness.
    pub fn from_random(bytes: [u8; 24]) -> Self {
        let bytes = Zeroizing::new(bytes);
        let digit = |number: u8| char::from_digit(number.into(), 16).unwrap_or('0');
        let pairs = bytes
            .iter()
            .map(|byte| [digit(byte >> 4), digit(byte & 15)]);
        Self(Zeroizing::new(pairs.flatten().collect()))
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The parser's own words would quote the value.
        let unquoted = |_| serde::de::Error::custom("a password is a text in quotes");
        String::deserialize(deserializer)
            .map(Self::new)
            .map_err(unquoted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_become_digits() {
        let bytes = std::array::from_fn(|at| u8::try_from(at * 11).unwrap_or(0));
        let secret = Secret::from_random(bytes);
        assert_eq!(
            secret.expose(),
            "000b16212c37424d58636e79848f9aa5b0bbc6d1dce7f2fd"
        );
        assert!(!format!("{secret:?}").contains("0b1"));
    }
}
