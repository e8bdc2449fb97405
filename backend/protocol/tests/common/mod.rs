//! What the tests over recorded and composed stanzas share.

// Each test uses a part of it; tests may read files, the crate may not.
#![allow(dead_code, clippy::disallowed_methods, clippy::disallowed_types)]

use archipel_protocol::{Element, bounded};

/// libvirt's documents carry it when they come from an original.
const ARTIFICIAL: &str = "http://www.gajim.org/xmlns/undeclared";

/// Attributes that mean yes or no: their spellings are the same to the original, and so to the comparison.
const FLAGS: [&str; 7] = [
    "permission_value",
    "start",
    "gzip",
    "include_iso",
    "humans_only",
    "undefine",
    "force_update",
];

/// A file of stanzas as one element. Comments, which XMPP forbids, are notes to the reader.
pub(crate) fn read(path: &std::path::Path) -> Element {
    let text = std::fs::read_to_string(path).unwrap();
    let text = without_comments(&text);
    bounded(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn without_comments(text: &str) -> String {
    let mut parts = text.split("<!--");
    let mut kept = parts.next().unwrap().to_owned();
    for part in parts {
        kept.push_str(part.split_once("-->").unwrap().1);
    }
    kept
}

/// All files with this ending, in order.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|why| panic!("{folder}: {why}"));
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|own| own == ending))
        .collect();
    files.sort();
    files
}

/// An element as text in which order, prefixes and white space between elements no longer matter. Elements of libvirt's documents
/// count as being of no namespace, wherever they stand.
pub(crate) fn canonical(element: &Element) -> String {
    let mut attributes: Vec<_> = element
        .attrs()
        .iter()
        .map(|((_, name), value)| format!("{name}={:?}", plain(name.as_str(), value)))
        .collect();
    attributes.sort();
    let mut children: Vec<_> = element.children().map(canonical).collect();
    children.sort();
    let text = element.text();
    let namespace = if element.ns() == ARTIFICIAL {
        String::new()
    } else {
        element.ns()
    };
    format!(
        "<{} {{{namespace}}} {}>{}{}</>",
        element.name(),
        attributes.join(" "),
        text.trim(),
        children.concat()
    )
}

fn plain<'a>(name: &str, value: &'a str) -> &'a str {
    if !FLAGS.contains(&name) {
        return value;
    }
    match value.to_lowercase().as_str() {
        "1" | "true" | "yes" | "y" | "oui" | "o" => "1",
        _ => "0",
    }
}

/// Whether two elements say the same; the difference if not.
pub(crate) fn same(left: &Element, right: &Element) -> Result<(), String> {
    let (left, right) = (canonical(left), canonical(right));
    if left == right {
        return Ok(());
    }
    Err(format!("not the same:\n  {left}\n  {right}"))
}

/// The child of this local name.
pub(crate) fn child<'a>(element: &'a Element, name: &str) -> Option<&'a Element> {
    element.children().find(|child| child.name() == name)
}
