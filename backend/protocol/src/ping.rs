//! Application-level ping (XEP-0199). The original answers it, and repeats the element.

use minidom::Element;

use crate::{
    ns,
    xml::{Build, ParseError, expect},
};

/// The request.
pub fn query() -> Element {
    Build::new("ping", ns::PING).done()
}

/// Reads a request, or the element that an original repeats in its answer.
pub fn parse(ping: &Element) -> Result<(), ParseError> {
    expect(ping, "ping")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_ping_is_a_ping() {
        parse(&query()).unwrap();
        assert!(parse(&"<pong xmlns='urn:xmpp:ping'/>".parse().unwrap()).is_err());
    }
}
