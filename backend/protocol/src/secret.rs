//! Secrets inside payloads: passwords that the original's actions carry. They never appear in an error or a log.

use std::fmt;

use crate::table::{TEXT_LIMIT, Value};

/// A password. Its `Debug` and `Display` show nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret holding `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Value for Secret {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.len() > TEXT_LIMIT {
            return Err(format!("longer than {TEXT_LIMIT} bytes"));
        }
        Ok(Self(crate::text::valid_xml(text).into_owned()))
    }

    fn to_text(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        let secret = Secret::new("s3cret");
        assert!(!format!("{secret} {secret:?}").contains("s3c"));
        assert_eq!(secret.reveal(), "s3cret");
    }
}
