//! The domain that a server serves.

use std::{fmt, str::FromStr};

/// A DNS name in lower case: it goes into configurations and certificates as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Domain(String);

/// A text that is no domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a domain such as dc.example; one with other letters is written in its xn-- form"
)]
pub struct InvalidDomain(String);

/// The services of a server that carry names of their own below the domain.
const SERVICES: [&str; 2] = ["pubsub", "conference"];

impl Domain {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain and the services below it: what a certificate must be valid for.
    pub fn names(&self) -> Vec<String> {
        let services = SERVICES.iter().map(|service| format!("{service}.{self}"));
        std::iter::once(self.0.clone()).chain(services).collect()
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Domain {
    type Err = InvalidDomain;

    fn from_str(text: &str) -> Result<Self, InvalidDomain> {
        let lower = text.to_ascii_lowercase();
        let sound = lower.len() <= 240 && lower.split('.').all(is_label);
        // An address would make the names of its services senseless.
        let address = text.parse::<std::net::IpAddr>().is_ok();
        if sound && !address {
            return Ok(Self(lower));
        }
        Err(InvalidDomain(text.to_owned()))
    }
}

/// RFC 1123, 2.1.
fn is_label(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_names_are_domains() {
        assert_eq!(
            "DC.Example".parse::<Domain>().unwrap().as_str(),
            "dc.example"
        );
        for text in [
            "",
            ".",
            "a..b",
            "-a.b",
            "10.0.0.1",
            "a b",
            "dc.example\"",
            "a_b",
        ] {
            assert!(text.parse::<Domain>().is_err(), "{text}");
        }
    }

    #[test]
    fn services_stand_below_it() {
        let domain: Domain = "dc.example".parse().unwrap();
        assert_eq!(
            domain.names(),
            ["dc.example", "pubsub.dc.example", "conference.dc.example"]
        );
    }
}
