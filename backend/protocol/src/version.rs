//! Software version (XEP-0092): which program an entity is. Anybody may ask, every entity answers.

use minidom::Element;

use crate::{
    ns,
    text::clean_line,
    xml::{Build, ParseError, child, expect},
};

/// The longest text of a field, in characters.
const TEXT_LIMIT: usize = 128;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Version {
    /// The program.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The request.
pub fn query() -> Element {
    Build::new("query", ns::VERSION).done()
}

impl Version {
    /// `<query xmlns='jabber:iq:version'><name>…</name><version>…</version></query>`. The operating system is nobody's business.
    pub fn to_element(&self) -> Element {
        let leaf = |name: &str, text: &str| Build::new(name, ns::VERSION).text(text);
        Build::new("query", ns::VERSION)
            .child(leaf("name", &self.name))
            .child(leaf("version", &self.version))
            .done()
    }

    /// Reads an answer.
    pub fn parse(query: &Element) -> Result<Self, ParseError> {
        expect(query, "query")?;
        let line = |name| {
            child(query, name)
                .map(|leaf| clean_line(&leaf.text(), TEXT_LIMIT))
                .unwrap_or_default()
        };
        Ok(Self {
            name: line("name"),
            version: line("version"),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_version_comes_back() {
        let version = Version {
            name: "archipel-agent".into(),
            version: "0.1.0".into(),
        };
        assert_eq!(Version::parse(&version.to_element()).unwrap(), version);
        assert_eq!(Version::parse(&query()).unwrap(), Version::default());
        assert!(Version::parse(&"<x xmlns='jabber:iq:version'/>".parse().unwrap()).is_err());
    }
}
