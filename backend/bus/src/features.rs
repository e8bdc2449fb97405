//! What a server offers (RFC 6120, 4.3.2), read tolerantly: an offer this build does not know must not spoil the others.

use minidom::Element;
use xmpp_parsers::ns;

/// The features that matter here.
// Each offer stands for itself.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Features {
    pub(crate) starttls: bool,
    pub(crate) registration: bool,
    pub(crate) management: bool,
    /// SASL mechanisms in the server's order.
    pub(crate) mechanisms: Vec<String>,
    /// Whether channel binding by `tls-exporter` is announced (XEP-0440).
    pub(crate) exporter: bool,
}

impl Features {
    /// Reads `<stream:features/>`.
    pub(crate) fn read(element: &Element) -> Self {
        Self {
            starttls: element.has_child("starttls", ns::TLS),
            registration: element.has_child("register", ns::REGISTER_FEATURE),
            management: element.has_child("sm", ns::SM),
            mechanisms: grandchildren(element, "mechanisms", ns::SASL)
                .map(|child| child.text().trim().to_owned())
                .collect(),
            exporter: grandchildren(element, "sasl-channel-binding", ns::SASL_CB)
                .any(|child| child.attr("type") == Some("tls-exporter")),
        }
    }
}

fn grandchildren<'a>(
    element: &'a Element,
    name: &str,
    namespace: &str,
) -> impl Iterator<Item = &'a Element> {
    element
        .get_child(name, namespace)
        .into_iter()
        .flat_map(Element::children)
}

/// Condition and text of a stream error, a SASL failure or a stanza error: they are built alike (RFC 6120, 4.9.2, 6.5, 8.3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    /// Local name of the defined condition.
    pub(crate) name: String,
    text: Option<String>,
}

/// The longest text of a server that a message repeats, in characters.
const SHOWN: usize = 200;

impl Condition {
    /// Reads the children of an error element.
    pub(crate) fn read(element: &Element) -> Self {
        let name = element
            .children()
            .find(|child| child.name() != "text")
            .map_or("no reason given", Element::name);
        let text = element
            .children()
            .find(|child| child.name() == "text")
            .map(Element::text);
        Self {
            name: shown(name),
            text: text
                .map(|text| shown(&text))
                .filter(|text| !text.is_empty()),
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        self.text.iter().try_for_each(|text| write!(f, " ({text})"))
    }
}

fn shown(text: &str) -> String {
    archipel_protocol::text::clean_line(text, SHOWN)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn offers_are_read_past_unknown_ones() {
        let element: Element = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>
            <sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='of-tomorrow'/></sasl-channel-binding>
            <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>OF-TOMORROW</mechanism><mechanism> SCRAM-SHA-1 </mechanism></mechanisms>
            <register xmlns='http://jabber.org/features/iq-register'/><sm xmlns='urn:xmpp:sm:3'><optional/></sm></stream:features>"
            .parse()
            .unwrap();
        let features = Features::read(&element);
        assert_eq!(features.mechanisms, ["OF-TOMORROW", "SCRAM-SHA-1"]);
        assert!(
            features.registration
                && features.management
                && !features.exporter
                && !features.starttls
        );
    }

    #[test]
    fn conditions_are_cleaned_for_display() {
        let element: Element = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/><text>no\n\u{202e}way</text></failure>"
            .parse()
            .unwrap();
        assert_eq!(
            Condition::read(&element).to_string(),
            "not-authorized (no way)"
        );
    }
}
