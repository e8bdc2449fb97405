//! Helpers shared by all payloads: typed reading, and writing that cannot produce invalid XML.

use std::str::FromStr;

use minidom::Element;
use rxml::NcName;

/// Why a payload was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Another element than the expected one.
    #[error("expected <{expected}>, got <{got}>")]
    WrongElement {
        /// Local name of the element that belongs here.
        expected: &'static str,
        /// Local name that arrived, shortened.
        got: String,
    },
    /// A required child is absent.
    #[error("<{parent}> has no <{child}>")]
    MissingChild {
        /// Local name of the element read.
        parent: &'static str,
        /// Local name of the absent child.
        child: &'static str,
    },
    /// A required attribute is absent.
    #[error("<{element}> has no attribute `{attribute}`")]
    MissingAttribute {
        /// Local name of the element read.
        element: String,
        /// The absent attribute.
        attribute: &'static str,
    },
    /// An attribute or text that is not of its type.
    #[error("`{field}`: {reason}")]
    Invalid {
        /// Attribute or element that holds the value.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A namespace or action that this build does not know.
    #[error("`{action}` of `{namespace}` is not known")]
    Unknown {
        /// Namespace of the request.
        namespace: String,
        /// Action of the request.
        action: String,
    },
}

impl ParseError {
    /// An [`ParseError::Invalid`] for `field`.
    pub fn invalid(field: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Invalid {
            field,
            reason: reason.to_string(),
        }
    }
}

/// The longest text of a refused value that an error repeats, in characters.
const SHOWN: usize = 40;

/// `text` cut for display in an error.
pub(crate) fn shown(text: &str) -> String {
    crate::text::clean_line(text, SHOWN)
}

/// The name of an attribute as a constant.
macro_rules! name {
    ($text:literal) => {
        rxml::xml_ncname!($text).to_owned()
    };
}
pub(crate) use name;

/// Builds an element; values are made valid XML on the way in.
pub(crate) struct Build(Element);

impl Build {
    pub(crate) fn new(name: &str, namespace: &str) -> Self {
        Self(Element::bare(name, namespace))
    }

    /// Goes on with an element that is there already; its values must be valid XML.
    pub(crate) fn of(element: Element) -> Self {
        Self(element)
    }

    // By value, so that call sites read as a list of attributes.
    #[allow(clippy::needless_pass_by_value)]
    pub(crate) fn attr(mut self, name: NcName, value: impl ToString) -> Self {
        let value = crate::text::valid_xml(value.to_string());
        self.0
            .set_attr(rxml::Namespace::NONE, name, value.into_owned());
        self
    }

    pub(crate) fn maybe(self, name: NcName, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.append_text_node(crate::text::valid_xml(text));
        self
    }

    pub(crate) fn child(mut self, child: impl Into<Element>) -> Self {
        self.0.append_child(child.into());
        self
    }

    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        for child in children {
            self.0.append_child(child);
        }
        self
    }

    /// Whether the element has this local name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.0.name() == name
    }

    /// Whether the element has got this attribute already.
    pub(crate) fn has(&self, attribute: &str) -> bool {
        self.0.attr(attribute).is_some()
    }

    /// The namespace that children inherit.
    pub(crate) fn namespace(&self) -> String {
        self.0.ns()
    }

    pub(crate) fn done(self) -> Element {
        self.0
    }
}

impl From<Build> for Element {
    fn from(build: Build) -> Self {
        build.0
    }
}

/// The attribute `attribute` parsed, or `None` where it is absent or empty.
pub(crate) fn optional<T: FromStr>(
    element: &Element,
    attribute: &'static str,
) -> Result<Option<T>, ParseError>
where
    T::Err: std::fmt::Display,
{
    match element.attr(attribute).map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|why| ParseError::invalid(attribute, format!("{why} ({})", shown(text)))),
    }
}

/// The attribute `attribute` parsed; absent or empty is an error.
pub(crate) fn required<T: FromStr>(
    element: &Element,
    attribute: &'static str,
) -> Result<T, ParseError>
where
    T::Err: std::fmt::Display,
{
    optional(element, attribute)?.ok_or_else(|| ParseError::MissingAttribute {
        element: shown(element.name()),
        attribute,
    })
}

/// The attribute `attribute` as text; absent is the empty text.
pub(crate) fn text(element: &Element, attribute: &str) -> String {
    element.attr(attribute).unwrap_or_default().to_owned()
}

/// Yes and no as the original writes them, in any capitals.
pub(crate) fn flag(element: &Element, attribute: &str) -> bool {
    element
        .attr(attribute)
        .is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "1" | "true" | "yes"))
}

/// Refuses an element of another name.
pub(crate) fn expect(element: &Element, name: &'static str) -> Result<(), ParseError> {
    if element.name() == name {
        return Ok(());
    }
    Err(ParseError::WrongElement {
        expected: name,
        got: shown(element.name()),
    })
}

/// The error for the absence of a child.
pub(crate) fn no_child(element: &Element, child: &'static str) -> ParseError {
    ParseError::MissingChild {
        parent: known_parent(element.name()),
        child,
    }
}

/// The name of an element that has required children, for an error.
fn known_parent(name: &str) -> &'static str {
    const PARENTS: [&str; 8] = [
        "query", "archipel", "time", "item", "pubsub", "command", "x", "vCard",
    ];
    let mut parents = PARENTS.into_iter();
    parents
        .find(|known| *known == name)
        .unwrap_or("the element")
}

/// The first child with this local name, or the error for its absence.
pub(crate) fn require<'a>(
    element: &'a Element,
    name: &'static str,
) -> Result<&'a Element, ParseError> {
    child(element, name).ok_or_else(|| no_child(element, name))
}

/// The first child with this local name, whatever its namespace: the original lets children inherit theirs or not.
pub(crate) fn child<'a>(element: &'a Element, name: &str) -> Option<&'a Element> {
    element.children().find(|child| child.name() == name)
}

/// Bytes of an embedded document that are read at most.
pub(crate) const DOCUMENT_LIMIT: usize = 256 * 1024;
/// Depth to which an embedded document may nest.
const DEPTH_LIMIT: usize = 64;

/// An embedded document, such as a libvirt definition, as an element. The text is bounded to 256 KiB and to 64 levels before
/// any tree is built, because trees are built recursively.
pub fn bounded(document: &str) -> Result<Element, ParseError> {
    if document.len() > DOCUMENT_LIMIT {
        return Err(ParseError::invalid("document", "longer than 256 KiB"));
    }
    if depth(document)? > DEPTH_LIMIT {
        return Err(ParseError::invalid(
            "document",
            "nested deeper than 64 levels",
        ));
    }
    // libvirt's documents have no namespace; without a default one the tree builder refuses them.
    Element::from_reader_with_prefixes(document.as_bytes(), String::new())
        .map_err(|why| ParseError::invalid("document", why))
}

fn depth(document: &str) -> Result<usize, ParseError> {
    let mut reader = rxml::Reader::new(document.as_bytes());
    let (mut now, mut deepest) = (0_usize, 0_usize);
    loop {
        match reader
            .read()
            .map_err(|why| ParseError::invalid("document", why))?
        {
            None => return Ok(deepest),
            Some(rxml::Event::StartElement(..)) => now += 1,
            Some(rxml::Event::EndElement(_)) => now = now.saturating_sub(1),
            Some(_) => {}
        }
        deepest = deepest.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_bounded() {
        assert!(bounded("<domain type='test'><name>a</name></domain>").is_ok());
        let deep = "<a>".repeat(30_000) + &"</a>".repeat(30_000);
        assert!(bounded(&deep).is_err());
        assert!(bounded(&format!("<a>{}</a>", "x".repeat(300_000))).is_err());
        assert!(bounded("<a").is_err());
    }
}
