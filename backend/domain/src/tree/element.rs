//! Looking at elements.

use std::{fmt, ops::Range};

use super::{AttributePlace, ElementPlace, Node, NodeKind, Root, Span, Tree};
use crate::text::{Spot, decoded};

/// An element of a document. Names are compared as written, with their prefix.
#[derive(Clone, Copy)]
pub struct Element<'t> {
    tree: &'t Tree,
    id: usize,
    place: ElementPlace,
    whole: Span,
}

/// Two of one tree, at one place. (Elements of different trees are never the same.)
impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }
}

/// An attribute of an element.
#[derive(Clone, Copy)]
pub struct Attribute<'t> {
    tree: &'t Tree,
    place: AttributePlace,
}

/// Anything that stands between two tags.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'t> {
    tree: &'t Tree,
    id: usize,
    node: &'t Node,
}

/// Without what is in it: it may hold secrets.
impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({} at {:?})", self.name(), self.range())
    }
}

/// Without its value: it may be a secret.
impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attribute({})", self.name())
    }
}

impl<'t> Element<'t> {
    pub(super) fn root(tree: &'t Tree) -> Self {
        let Root { id, place, whole } = tree.root;
        Element {
            tree,
            id,
            place,
            whole,
        }
    }

    fn of(tree: &'t Tree, id: usize) -> Option<Self> {
        let node = tree.node(id)?;
        match node.kind {
            NodeKind::Element(place) => Some(Element {
                tree,
                id,
                place,
                whole: node.place,
            }),
            _ => None,
        }
    }

    /// The name as written, with its prefix.
    pub fn name(&self) -> &'t str {
        self.tree.source(self.place.name)
    }

    /// The name without its prefix: how libvirt compares the children of `<devices>`.
    pub fn local_name(&self) -> &'t str {
        local(self.name())
    }

    /// The element around it.
    pub fn parent(&self) -> Option<Element<'t>> {
        Element::of(self.tree, self.tree.node(self.id)?.parent?)
    }

    /// The elements in it, in order.
    pub fn children(&self) -> impl Iterator<Item = Element<'t>> + use<'t> {
        self.pieces().filter_map(|piece| piece.element())
    }

    /// The elements in it of this name.
    pub fn all(&self, name: &'t str) -> impl Iterator<Item = Element<'t>> + use<'t> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The first element in it of this name.
    pub fn child(&self, name: &str) -> Option<Element<'t>> {
        self.children().find(|child| child.name() == name)
    }

    /// Itself and everything within, in the order of the text.
    pub fn descendants(&self) -> impl Iterator<Item = Element<'t>> + use<'t> {
        let (tree, end) = (self.tree, self.whole.end);
        // Nodes are kept in the order of their beginnings.
        let range = self.id..tree.nodes.len();
        range
            .map_while(move |id| tree.node(id).map(|node| (id, node)))
            .take_while(move |(_, node)| node.place.start < end)
            .filter_map(move |(id, _)| Element::of(tree, id))
    }

    /// Its attributes, in order.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'t>> + use<'t> {
        let tree = self.tree;
        let Span { start, end } = self.place.attributes;
        let list = tree.attributes.get(start..end).unwrap_or_default();
        list.iter().map(move |place| Attribute {
            tree,
            place: *place,
        })
    }

    /// What an attribute says, if it is there.
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.attribute_named(name)
            .map(|attribute| attribute.value())
    }

    pub(crate) fn attribute_named(&self, name: &str) -> Option<Attribute<'t>> {
        self.attributes().find(|attribute| attribute.name() == name)
    }

    /// Its own text, all pieces of it (a CDATA section is a piece), references resolved.
    pub fn text(&self) -> String {
        self.pieces().filter_map(|piece| piece.text()).collect()
    }

    /// Where it is in the document's text, bytes.
    pub fn range(&self) -> Range<usize> {
        self.whole.start..self.whole.end
    }

    /// Its source.
    pub fn source(&self) -> &'t str {
        self.tree.source(self.whole)
    }

    /// The namespace of its name, if one is declared.
    pub fn namespace(&self) -> Option<String> {
        let declaration = match self.name().rsplit_once(':') {
            Some((prefix, _)) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        let mut here = Some(*self);
        while let Some(element) = here {
            if let Some(found) = element.attribute(&declaration) {
                return Some(found).filter(|name| !name.is_empty());
            }
            here = element.parent();
        }
        None
    }

    pub(crate) fn pieces(&self) -> impl Iterator<Item = Piece<'t>> + use<'t> {
        let tree = self.tree;
        let piece = move |id: usize| tree.node(id).map(|node| Piece { tree, id, node });
        std::iter::successors(self.place.first.and_then(piece), move |before| {
            before.node.next.and_then(piece)
        })
    }

    pub(crate) fn whole(&self) -> Span {
        self.whole
    }

    pub(crate) fn inside(&self) -> Span {
        self.place.inside
    }

    pub(crate) fn name_place(&self) -> Span {
        self.place.name
    }

    /// `<a/>`: no end tag of its own.
    pub(crate) fn is_closed_at_once(&self) -> bool {
        self.whole == self.place.open
    }

    pub(crate) fn document_text(&self) -> &'t str {
        self.tree.text()
    }
}

impl<'t> Attribute<'t> {
    /// The name as written, with its prefix.
    pub fn name(&self) -> &'t str {
        self.tree.source(self.place.name)
    }

    /// The name without its prefix.
    pub fn local_name(&self) -> &'t str {
        local(self.name())
    }

    /// What it says, references resolved.
    pub fn value(&self) -> String {
        decoded(
            self.tree.source(self.place.value),
            Spot::Quoted(self.quote()),
        )
    }

    /// Between the quotes.
    pub(crate) fn value_place(&self) -> Span {
        self.place.value
    }

    /// From the name to behind the closing quote.
    pub(crate) fn whole(&self) -> Span {
        Span {
            start: self.place.name.start,
            end: self.place.value.end + 1,
        }
    }

    pub(crate) fn quote(&self) -> char {
        let end = self.place.value.end;
        let double = self.tree.text().as_bytes().get(end) == Some(&b'"');
        if double { '"' } else { '\'' }
    }
}

impl<'t> Piece<'t> {
    pub(crate) fn place(&self) -> Span {
        self.node.place
    }

    pub(crate) fn element(&self) -> Option<Element<'t>> {
        Element::of(self.tree, self.id)
    }

    pub(crate) fn is_comment(&self) -> bool {
        self.node.kind == NodeKind::Comment
    }

    /// Characters that are the parent's text, as a reader gets them.
    pub(crate) fn text(&self) -> Option<String> {
        let source = self.tree.source(self.node.place);
        match self.node.kind {
            NodeKind::Text => Some(decoded(source, Spot::Content)),
            NodeKind::Cdata => {
                let bare = source.strip_prefix("<![CDATA[")?.strip_suffix("]]>")?;
                Some(bare.replace("\r\n", "\n").replace('\r', "\n"))
            }
            _ => None,
        }
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}
