//! Last activity (XEP-0012): for how long nothing has happened with an entity. Only who may see its presence is told.

use minidom::Element;

use crate::{
    ns,
    xml::{Build, ParseError, expect, name, required},
};

/// The request.
pub fn query() -> Element {
    Build::new("query", ns::LAST).done()
}

/// The answer: nothing has happened for so many seconds.
pub fn answer(seconds: u64) -> Element {
    Build::new("query", ns::LAST)
        .attr(name!("seconds"), seconds)
        .done()
}

/// Reads an answer: seconds.
pub fn parse(query: &Element) -> Result<u64, ParseError> {
    expect(query, "query")?;
    required(query, "seconds")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn seconds_come_back() {
        assert_eq!(parse(&answer(42)).unwrap(), 42);
        assert!(parse(&query()).is_err());
        assert!(parse(&"<x xmlns='jabber:iq:last' seconds='1'/>".parse().unwrap()).is_err());
    }
}
