//! A document's text and the tree over it.
//!
//! The tree owns nothing but places: every byte of the text lies in exactly one leaf (a tag, a text, a comment ...), so
//! printing is handing back the text, and an edit is a splice of it. Reading walks with a stack of its own, within bounds.

mod cursor;
mod element;
mod parse;

pub use element::{Attribute, Element};

use std::fmt;

use crate::XmlError;

/// The longest document that is read, bytes. libvirt's own definitions stay below 100 KiB.
pub const MAX_BYTES: usize = 1 << 20;

/// The most elements within one another: where libxml2, with which libvirt reads, ends too.
pub const MAX_DEPTH: usize = 256;

/// The most elements, texts, comments and instructions of a document: bounds the tree at about 20 MB.
pub const MAX_NODES: usize = 100_000;

/// The most attributes of a document.
pub const MAX_ATTRIBUTES: usize = 100_000;

/// The most attributes of one element.
pub const MAX_ELEMENT_ATTRIBUTES: usize = 256;

/// From and to, bytes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A text that is well-formed XML.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Tree {
    text: String,
    nodes: Vec<Node>,
    attributes: Vec<AttributePlace>,
    root: Root,
}

/// The outermost element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Root {
    id: usize,
    place: ElementPlace,
    whole: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    kind: NodeKind,
    place: Span,
    parent: Option<usize>,
    next: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NodeKind {
    Element(ElementPlace),
    Text,
    Cdata,
    Comment,
    /// A processing instruction or the XML declaration.
    Instruction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ElementPlace {
    name: Span,
    /// The start tag with its brackets.
    open: Span,
    /// Between the tags; empty behind the tag where there is only one.
    inside: Span,
    /// Its part of the tree's attributes.
    attributes: Span,
    first: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct AttributePlace {
    name: Span,
    /// Between the quotes.
    value: Span,
}

/// Only how long it is: the text may hold secrets.
impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({} bytes)", self.text.len())
    }
}

impl Tree {
    /// Reads a text. Document types (and so entities) are refused.
    pub(crate) fn parse(text: String) -> Result<Tree, XmlError> {
        parse::parse(text)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    pub(crate) fn root(&self) -> Element<'_> {
        Element::root(self)
    }

    /// The source of a place.
    pub(crate) fn source(&self, place: Span) -> &str {
        self.text.get(place.start..place.end).unwrap_or_default()
    }

    fn node(&self, id: usize) -> Option<&Node> {
        self.nodes.get(id)
    }
}

#[cfg(test)]
mod tests;
