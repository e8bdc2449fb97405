//! Documents of libvirt inside payloads: definitions, networks, snapshots, capabilities.
//!
//! On the wire they are elements. The original puts `xmlns='http://www.gajim.org/xmlns/undeclared'` on them or lets them inherit the
//! namespace of the request; libvirt's own documents have none. Here a document is kept in libvirt's form and written in the
//! inherited one. Namespaces of extensions (`qemu:commandline`) stay.

use minidom::{Element, Node};
use rxml::NcNameStr;

use crate::{
    table::{Codec, Record},
    xml::{Build, ParseError, bounded, child, no_child},
};

/// A document of libvirt as it travels inside a payload.
#[derive(Clone, PartialEq)]
pub struct Document(Element);

/// Only the name: a definition may hold passwords.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Document").field(&self.name()).finish()
    }
}

impl Document {
    /// From text; bounded to 256 KiB and 64 levels.
    pub fn from_text(text: &str) -> Result<Self, ParseError> {
        bounded(text).map(|element| Self::from_wire(&element))
    }

    /// From an element of a payload, whatever namespace it has got on its way.
    pub fn from_wire(element: &Element) -> Self {
        Self(moved(element, &element.ns(), ""))
    }

    /// Local name of the outermost element, such as `domain`.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The text, without any namespace of ours.
    pub fn text(&self) -> String {
        let text = String::from(&self.0);
        let bare = text.replacen(" xmlns=''", "", 1);
        bare.replacen(" xmlns=\"\"", "", 1)
    }

    /// The trimmed text of a direct child, such as the `name` of a domain.
    pub fn leaf(&self, name: &str) -> Option<String> {
        leaf_text(&self.0, name)
    }

    /// The trimmed text of a child of a direct child, such as `parent/name` of a snapshot.
    pub fn leaf_below(&self, parent: &str, name: &str) -> Option<String> {
        leaf_text(child(&self.0, parent)?, name)
    }

    /// The document without the direct children of this name: a machine's `description` holds its account's password.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut kept = Element::bare(self.0.name(), "");
        copy_attributes(&self.0, &mut kept);
        for node in self.0.nodes() {
            if node.as_element().is_none_or(|child| child.name() != name) {
                kept.append_node(node.clone());
            }
        }
        Self(kept)
    }

    /// The element as a child of a payload in `namespace`.
    pub(crate) fn to_wire(&self, namespace: &str) -> Element {
        moved(&self.0, "", namespace)
    }

    /// The document without one attribute of its outermost element, and that attribute.
    pub(crate) fn split_attribute(&self, name: &str) -> (Self, Option<String>) {
        let mut kept = Element::bare(self.0.name(), "");
        for ((namespace, key), value) in self.0.attrs() {
            if key.as_str() != name {
                kept.set_attr(namespace.clone(), key.clone(), value.clone());
            }
        }
        for node in self.0.nodes() {
            kept.append_node(node.clone());
        }
        (Self(kept), self.0.attr(name).map(str::to_owned))
    }
}

fn leaf_text(element: &Element, name: &str) -> Option<String> {
    let text = child(element, name)?.text();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// `element` with everything of namespace `from` moved to `to`.
fn moved(element: &Element, from: &str, to: &str) -> Element {
    let own = element.ns();
    let mut copy = Element::bare(element.name(), if own == from { to } else { own.as_str() });
    copy_attributes(element, &mut copy);
    for node in element.nodes() {
        match node {
            Node::Element(child) => copy.append_node(Node::Element(moved(child, from, to))),
            Node::Text(text) => copy.append_text_node(crate::text::valid_xml(text)),
        }
    }
    copy
}

fn copy_attributes(from: &Element, to: &mut Element) {
    for ((namespace, name), value) in from.attrs() {
        let value = crate::text::valid_xml(value);
        to.set_attr(namespace.clone(), name.clone(), value.into_owned());
    }
}

/// As a child element.
pub(crate) struct Embedded;

impl Codec<Document> for Embedded {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Document, ParseError> {
        <Self as Codec<Option<Document>>>::read(element, name)?
            .ok_or_else(|| no_child(element, name.as_str()))
    }

    fn write(value: &Document, _: &'static NcNameStr, build: Build) -> Build {
        let element = value.to_wire(&build.namespace());
        build.child(element)
    }
}

impl Codec<Option<Document>> for Embedded {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Option<Document>, ParseError> {
        Ok(child(element, name.as_str()).map(Document::from_wire))
    }

    fn write(value: &Option<Document>, name: &'static NcNameStr, build: Build) -> Build {
        match value {
            Some(value) => <Self as Codec<Document>>::write(value, name, build),
            None => build,
        }
    }
}

/// Answers that are documents of one name; other children are passed over.
macro_rules! documents {
    ($($(#[$doc:meta])* $name:ident = $element:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name(pub Document);

        impl Record for $name {
            const NAME: &'static str = $element;

            fn read(element: &Element) -> Result<Self, ParseError> {
                Ok(Self(Document::from_wire(element)))
            }

            fn write(&self, build: Build) -> Build {
                Build::of(self.0.to_wire(&build.namespace()))
            }
        }
    )* };
}

documents! {
    /// What libvirt and its host can do.
    Capabilities = "capabilities";
    /// A snapshot, with a whole definition inside.
    SnapshotDocument = "domainsnapshot";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_artificial_namespace_is_dropped_and_others_stay() {
        let element: Element = "<domain xmlns='http://www.gajim.org/xmlns/undeclared' type='kvm'><name>a</name><q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:arg value='-x'/></q:commandline></domain>"
            .parse()
            .unwrap();
        let document = Document::from_wire(&element);
        assert!(document.text().starts_with("<domain type="));
        assert!(document.text().contains("schemas/domain/qemu"));
        assert_eq!(Document::from_text(&document.text()).unwrap(), document);
        assert_eq!(document.leaf("name").as_deref(), Some("a"));
    }

    #[test]
    fn a_document_inherits_the_namespace_of_its_payload() {
        let document = Document::from_text("<domain><name>a</name></domain>").unwrap();
        let wire = document.to_wire("archipel:vm:definition");
        assert_eq!(wire.ns(), "archipel:vm:definition");
        assert_eq!(
            wire.children().next().unwrap().ns(),
            "archipel:vm:definition"
        );
        assert_eq!(Document::from_wire(&wire), document);
    }

    #[test]
    fn a_password_can_be_left_out() {
        let text = "<domain><name>a</name><description>a@b::::secret</description></domain>";
        let document = Document::from_text(text).unwrap();
        assert!(!document.without("description").text().contains("secret"));
    }
}
