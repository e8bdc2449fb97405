//! Reading a document within bounds.

use roxmltree::{Document, Node, ParsingOptions};

/// The longest document that is read, bytes. libvirt's own definitions stay below 100 KiB.
pub const MAX_BYTES: usize = 1 << 20;

/// The most nodes of a tree: bounds its memory at about ten times that of the text.
const MAX_NODES: u32 = 100_000;

/// Why a document was not read. Never quotes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Longer than [`MAX_BYTES`].
    #[error("the document is {bytes} bytes long; at most {MAX_BYTES} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not well-formed, with a document type, or with too many elements.
    #[error("the document is no well-formed XML: look at line {line}, column {column}")]
    Malformed {
        /// From 1.
        line: u32,
        /// From 1.
        column: u32,
    },
    /// Another document than the one that was asked for.
    #[error("the document is not the expected one: its outermost element is not <{0}>")]
    Unexpected(&'static str),
    /// An element without which libvirt takes no definition.
    #[error("the definition has no <{0}>")]
    Missing(&'static str),
    /// An element that does not hold what it must.
    #[error("the definition's <{element}> is not {wanted}")]
    Invalid {
        /// Which.
        element: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
}

/// The tree of a machine's definition.
pub(crate) fn domain(text: &str) -> Result<Document<'_>, XmlError> {
    rooted(text, "domain")
}

/// The tree of a document. The parser walks without recursion, refuses document types (and so entities) and counts nodes.
pub(crate) fn rooted<'i>(text: &'i str, root: &'static str) -> Result<Document<'i>, XmlError> {
    if text.len() > MAX_BYTES {
        return Err(XmlError::TooLong { bytes: text.len() });
    }
    let options = ParsingOptions {
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let tree = Document::parse_with_options(text, options).map_err(|error| malformed(&error))?;
    if tree.root_element().has_tag_name(root) {
        Ok(tree)
    } else {
        Err(XmlError::Unexpected(root))
    }
}

/// Only the place: the parser's words quote what it met.
fn malformed(error: &roxmltree::Error) -> XmlError {
    let place = error.pos();
    XmlError::Malformed {
        line: place.row,
        column: place.col,
    }
}

/// The first child element of this name.
pub(crate) fn child<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    parent.children().find(|node| node.has_tag_name(name))
}

/// An element's own text, all pieces of it (a CDATA section is a piece).
pub(crate) fn text_of(node: Node<'_, '_>) -> String {
    node.children()
        .filter_map(|piece| piece.is_text().then(|| piece.text()).flatten())
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!(
            "<domain>{}{}</domain>",
            "<a>".repeat(90_000),
            "</a>".repeat(90_000)
        );
        let reader = std::thread::Builder::new().stack_size(128 << 10);
        let read = reader.spawn(move || domain(&deep).map(|tree| tree.descendants().count()));
        assert_eq!(read.unwrap().join().unwrap(), Ok(90_002));
    }

    #[test]
    fn size_is_bounded() {
        let long = format!("<domain>{}</domain>", " ".repeat(MAX_BYTES));
        assert!(matches!(domain(&long), Err(XmlError::TooLong { .. })));
        let crowd = format!("<domain>{}</domain>", "<a/>".repeat(150_000));
        assert!(matches!(domain(&crowd), Err(XmlError::Malformed { .. })));
    }

    #[test]
    fn entities_are_refused() {
        let bomb = "<!DOCTYPE domain [<!ENTITY a 'x'>]><domain><name>&a;</name></domain>";
        assert!(matches!(domain(bomb), Err(XmlError::Malformed { .. })));
    }

    #[test]
    fn an_error_never_quotes_the_document() {
        for text in [
            "<domain><graphics passwd='hunter2&hunter2;'/></domain>",
            "<hunter2/>",
            "<domain><hunter2></domain>",
        ] {
            let error = domain(text).unwrap_err();
            assert!(
                !format!("{error}{error:?}").contains("hunter2"),
                "{error:?}"
            );
        }
    }
}
