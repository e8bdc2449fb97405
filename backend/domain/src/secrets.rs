//! What must not leave the host with a definition.

use std::ops::Range;

use roxmltree::{Attribute, Node};

use crate::{XmlError, document};

/// Stands where a secret was. Longer than any VNC password, so that it is never one.
pub const MASK: &str = "archipel:unchanged";

/// The definition without its `<description>`: the original agent kept the password of the machine's account there.
/// Every other byte stays.
pub fn without_description(xml: &str) -> Result<String, XmlError> {
    let tree = document::domain(xml)?;
    Ok(apply(xml, descriptions(tree.root_element())))
}

/// The definition with [`MASK`] in the place of each password (`passwd`, wherever it stands) and each cookie of a network disk:
/// all that libvirt itself holds back without `VIR_DOMAIN_XML_SECURE`. Every other byte stays.
pub fn masked(xml: &str) -> Result<String, XmlError> {
    let tree = document::domain(xml)?;
    Ok(apply(xml, secrets(xml, tree.root_element())))
}

/// The definition as it may be shown: [`masked`], and [`without_description`].
pub fn shareable(xml: &str) -> Result<String, XmlError> {
    let tree = document::domain(xml)?;
    let root = tree.root_element();
    let mut edits = descriptions(root);
    edits.extend(secrets(xml, root));
    Ok(apply(xml, edits))
}

/// Puts other text in the place of a piece.
struct Edit {
    place: Range<usize>,
    text: &'static str,
}

fn descriptions(root: Node<'_, '_>) -> Vec<Edit> {
    let found = root
        .children()
        .filter(|node| node.tag_name().name() == "description");
    found
        .map(|node| Edit {
            place: node.range(),
            text: "",
        })
        .collect()
}

fn secrets(xml: &str, root: Node<'_, '_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    for node in root.descendants() {
        let passwords = node
            .attributes()
            .filter(|attribute| attribute.name() == "passwd");
        edits.extend(passwords.map(|attribute| mask(value_of(xml, attribute))));
        edits.extend(cookie(node).map(mask));
    }
    edits
}

fn mask(place: Range<usize>) -> Edit {
    Edit { place, text: MASK }
}

/// Between the quotes. Not the parser's own range of the value: it is wrong behind hundreds of spaces.
fn value_of(xml: &str, attribute: Attribute<'_, '_>) -> Range<usize> {
    let whole = attribute.range();
    let source = xml.get(whole.clone()).unwrap_or_default();
    let opening = source.find(['"', '\'']).map_or(0, |at| at + 1);
    whole.start + opening..whole.end.saturating_sub(1).max(whole.start + opening)
}

/// What is inside a `<cookie>`, from its first piece to its last.
fn cookie(node: Node<'_, '_>) -> Option<Range<usize>> {
    if !node.has_tag_name("cookie") {
        return None;
    }
    let first = node.first_child()?.range();
    let last = node.last_child()?.range();
    Some(first.start..last.end)
}

/// One edit inside another (a password within a description) is done with it.
fn apply(xml: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.place.start);
    let mut out = String::with_capacity(xml.len());
    let mut done = 0;
    for edit in edits {
        if edit.place.start >= done {
            out.push_str(xml.get(done..edit.place.start).unwrap_or_default());
            out.push_str(edit.text);
            done = edit.place.end;
        }
    }
    out.push_str(xml.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests;
