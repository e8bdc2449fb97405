//! Entity time (XEP-0202): what an entity's clock says. Anybody may ask; operators measure the skew of a host's clock with it.

use jiff::Timestamp;
use minidom::Element;

use crate::{
    ns,
    xml::{Build, ParseError, expect, require},
};

/// The request.
pub fn query() -> Element {
    Build::new("time", ns::TIME).done()
}

/// The answer `<time><tzo>+00:00</tzo><utc>…</utc></time>`. The zone is always UTC, as everywhere on our wire.
pub fn answer(now: Timestamp) -> Element {
    Build::new("time", ns::TIME)
        .child(Build::new("tzo", ns::TIME).text("+00:00"))
        .child(Build::new("utc", ns::TIME).text(&now.to_string()))
        .done()
}

/// Reads an answer.
pub fn parse(time: &Element) -> Result<Timestamp, ParseError> {
    expect(time, "time")?;
    let utc = require(time, "utc")?;
    utc.text()
        .trim()
        .parse()
        .map_err(|why| ParseError::invalid("utc", why))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_time_comes_back() {
        let now: Timestamp = "2026-11-20T10:00:00.25Z".parse().unwrap();
        assert_eq!(parse(&answer(now)).unwrap(), now);
        assert!(parse(&query()).is_err());
        let odd = "<time xmlns='urn:xmpp:time'><utc>noon</utc></time>";
        assert!(parse(&odd.parse().unwrap()).is_err());
    }
}
