//! SCRAM-SHA-1 keys (RFC 5802 section 3) as a server stores them in place of a password.

use anyhow::{Result, anyhow};
use sasl::common::Password;
use sasl::common::scram::{ScramProvider as _, Sha1};

/// RFC 5802's minimum: a thousand logins in a row shall measure the bus, not the key derivation.
pub(super) const ITERATIONS: u32 = 4096;

/// What a server keeps of a password.
pub(super) struct Keys {
    pub(super) salt: String,
    pub(super) stored: Vec<u8>,
    pub(super) server: Vec<u8>,
}

/// Derives the keys under a random salt.
pub(super) fn keys(password: &str) -> Result<Keys> {
    let salt = format!("{:032x}", rand::random::<u128>());
    derive(password, salt)
}

fn derive(password: &str, salt: String) -> Result<Keys> {
    let plain = Password::Plain(password.to_owned());
    let salted =
        Sha1::derive(&plain, salt.as_bytes(), ITERATIONS).map_err(|error| anyhow!("{error}"))?;
    let hmac = |text: &[u8]| Sha1::hmac(text, &salted).map_err(|error| anyhow!("{error}"));
    Ok(Keys {
        stored: Sha1::hash(&hmac(b"Client Key")?),
        server: hmac(b"Server Key")?,
        salt,
    })
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// RFC 5802 section 5: the example's server signature follows from these keys.
    #[test]
    fn keys_of_the_example_of_the_rfc() {
        use base64::Engine as _;
        let base64 = base64::engine::general_purpose::STANDARD;
        let salt = base64.decode("QSXCR+Q6sek8bf92").unwrap();
        let salted = Sha1::derive(&Password::Plain("pencil".into()), &salt, 4096).unwrap();
        let server = Sha1::hmac(b"Server Key", &salted).unwrap();
        let message = "n=user,r=fyko+d2lbbFgONRv9qkxdawL,\
            r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,\
            c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";
        let signature = Sha1::hmac(message.as_bytes(), &server).unwrap();
        assert_eq!(base64.encode(signature), "rmF9pqV8S7suAoZWja4dJRkFsKQ=");
    }

    #[test]
    fn salts_differ() {
        assert_ne!(keys("x").unwrap().salt, keys("x").unwrap().salt);
    }
}
