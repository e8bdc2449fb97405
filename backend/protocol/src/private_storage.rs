//! What an account keeps on its server for itself (XEP-0049): what separates the parts of nested groups' names (XEP-0083), and the
//! settings of the original's client, which nobody else can read.

use minidom::Element;

use crate::{
    ns,
    text::clean_line,
    xml::{Build, ParseError, expect, require},
};

/// What separates the parts of a nested group's name where nothing is stored.
pub const DELIMITER: &str = "::";

fn wrapped(child: Build) -> Element {
    Build::new("query", ns::PRIVATE).child(child).done()
}

/// The request for the delimiter.
pub fn ask_delimiter() -> Element {
    wrapped(Build::new("roster", ns::ROSTER_DELIMITER))
}

/// The request that stores the delimiter.
pub fn store_delimiter(delimiter: &str) -> Element {
    wrapped(Build::new("roster", ns::ROSTER_DELIMITER).text(delimiter))
}

/// Reads the delimiter; `None` where nothing is stored.
pub fn parse_delimiter(query: &Element) -> Result<Option<String>, ParseError> {
    expect(query, "query")?;
    let text = clean_line(&require(query, "roster")?.text(), 16);
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// The request for the settings of the original's client.
pub fn ask_preferences() -> Element {
    wrapped(Build::new("archipel", ns::PREFERENCES))
}

/// The request that stores settings of the original's client, in the form that it gave them.
pub fn store_preferences(blob: &str) -> Element {
    wrapped(Build::new("archipel", ns::PREFERENCES).text(blob))
}

/// Reads the settings of the original's client: one opaque text; `None` where nothing is stored.
pub fn parse_preferences(query: &Element) -> Result<Option<String>, ParseError> {
    expect(query, "query")?;
    let text = require(query, "archipel")?.text();
    if text.len() > crate::xml::DOCUMENT_LIMIT {
        return Err(ParseError::invalid("archipel", "longer than 256 KiB"));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_stored_comes_back() {
        let stored = store_delimiter(DELIMITER);
        assert_eq!(parse_delimiter(&stored).unwrap().as_deref(), Some("::"));
        assert_eq!(parse_delimiter(&ask_delimiter()).unwrap(), None);
        let stored = store_preferences("a;b");
        assert_eq!(parse_preferences(&stored).unwrap().as_deref(), Some("a;b"));
        assert_eq!(parse_preferences(&ask_preferences()).unwrap(), None);
    }

    #[test]
    fn other_answers_are_refused() {
        assert!(parse_delimiter(&ask_preferences()).is_err());
        assert!(parse_preferences(&ask_delimiter()).is_err());
        let long = store_preferences(&"x".repeat(300_000));
        assert!(parse_preferences(&long).is_err());
    }
}
