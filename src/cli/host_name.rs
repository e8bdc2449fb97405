//! A host as a person names it.

use std::{fmt, str::FromStr};

use archipel_protocol::HypervisorId;

/// `hv01`, which is an account of one's own bus, or a whole address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostName(String);

/// A text that names no host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotAHost(String);

impl fmt::Display for NotAHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` names no host: write hv01, for one of your own bus, or an address such as hv01@dc.example",
            self.0
        )
    }
}

impl std::error::Error for NotAHost {}

impl HostName {
    /// Its account, where the bus is that of `domain`.
    pub(super) fn at(&self, domain: impl fmt::Display) -> Result<HypervisorId, NotAHost> {
        let Self(text) = self;
        let whole = if text.contains('@') {
            text.clone()
        } else {
            format!("{text}@{domain}")
        };
        whole.parse().map_err(|_| NotAHost(text.clone()))
    }
}

impl FromStr for HostName {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        let name = Self(text.to_owned());
        name.at("dc.example").map(|_| name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_is_one_of_the_own_bus() {
        let at = |text: &str| {
            let name: Result<HostName, NotAHost> = text.parse();
            name.map(|name| name.at("dc.example").unwrap().to_string())
        };
        assert_eq!(at("hv01").unwrap(), "hv01@dc.example");
        assert_eq!(at("hv01@b.example").unwrap(), "hv01@b.example");
        assert!(at("").is_err() && at("a@").is_err() && at("hv 01").is_err());
    }
}
