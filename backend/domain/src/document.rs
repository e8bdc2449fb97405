//! The documents of libvirt.

use std::fmt;

use crate::{Element, XmlError, tree::Tree};

/// Which of libvirt's documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A machine's definition, `<domain>`.
    Domain,
    /// A virtual network, `<network>`.
    Network,
    /// A network filter, `<filter>`.
    Filter,
    /// A storage pool, `<pool>`.
    Pool,
    /// A storage volume, `<volume>`.
    Volume,
    /// A machine's snapshot, `<domainsnapshot>`.
    Snapshot,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 6] = [
        Kind::Domain,
        Kind::Network,
        Kind::Filter,
        Kind::Pool,
        Kind::Volume,
        Kind::Snapshot,
    ];

    /// The name of its outermost element.
    pub const fn element(self) -> &'static str {
        match self {
            Kind::Domain => "domain",
            Kind::Network => "network",
            Kind::Filter => "filter",
            Kind::Pool => "pool",
            Kind::Volume => "volume",
            Kind::Snapshot => "domainsnapshot",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.element())
    }
}

/// One of libvirt's documents: a text that is well-formed, and the tree over it.
///
/// Printing gives back every byte that was parsed. Two documents are equal when their texts are.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    kind: Kind,
    tree: Tree,
}

impl Document {
    /// Reads a document of any kind.
    pub fn parse(text: impl Into<String>) -> Result<Document, XmlError> {
        let tree = Tree::parse(text.into())?;
        let name = tree.root().name();
        let kind = Kind::ALL.into_iter().find(|kind| kind.element() == name);
        kind.map(|kind| Document { kind, tree })
            .ok_or(XmlError::Unknown)
    }

    /// Reads a document of this kind; [`XmlError::Unexpected`] is any other.
    pub fn parse_as(kind: Kind, text: impl Into<String>) -> Result<Document, XmlError> {
        let tree = rooted(text.into(), kind.element())?;
        Ok(Document { kind, tree })
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The text, every byte as it was.
    pub fn text(&self) -> &str {
        self.tree.text()
    }

    /// The text, every byte as it was.
    pub fn into_text(self) -> String {
        self.tree.into_text()
    }

    /// The outermost element.
    pub fn root(&self) -> Element<'_> {
        self.tree.root()
    }
}

/// Only what it is and how long: the text may hold secrets.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({}, {} bytes)", self.kind, self.text().len())
    }
}

/// The tree of a text whose outermost element has this name.
pub(crate) fn rooted(text: String, root: &'static str) -> Result<Tree, XmlError> {
    let tree = Tree::parse(text)?;
    if tree.root().name() == root {
        Ok(tree)
    } else {
        Err(XmlError::Unexpected(root))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn documents_are_told_apart() {
        for kind in Kind::ALL {
            let text = format!("<{kind}/>");
            assert_eq!(Document::parse(text.as_str()).unwrap().kind(), kind);
            assert_eq!(Document::parse_as(kind, text).unwrap().kind(), kind);
        }
        assert_eq!(Document::parse("<secret/>"), Err(XmlError::Unknown));
        assert_eq!(
            Document::parse_as(Kind::Pool, "<network/>"),
            Err(XmlError::Unexpected("pool"))
        );
    }

    #[test]
    fn an_error_never_quotes_the_document() {
        for text in [
            "<domain><graphics passwd='hunter2&hunter2;'/></domain>",
            "<hunter2/>",
            "<domain><hunter2></domain>",
        ] {
            let error = Document::parse(text).unwrap_err();
            let shown = format!("{error}{error:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        let held = Document::parse("<domain><a passwd='hunter2'>hunter2</a></domain>").unwrap();
        let element = held.root().children().next();
        let attribute = element.and_then(|element| element.attributes().next());
        let shown = format!("{held:?}{element:?}{attribute:?}{:?}", held.machine());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
