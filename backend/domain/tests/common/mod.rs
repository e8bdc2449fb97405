//! What the tests of documents share.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_types
)]

use std::{fs, ops::Range, path::PathBuf};

use archipel_domain::{Document, Edit, Element, Path};

/// A document of `tests/documents`.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The file's name without its ending.
    pub name: String,
    /// The file itself.
    pub file: PathBuf,
    /// What is in it.
    pub document: Document,
}

/// All documents of our own.
pub fn samples() -> Vec<Sample> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
    let mut samples: Vec<Sample> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| sample(entry.unwrap().path()))
        .collect();
    samples.sort_by(|one, other| one.name.cmp(&other.name));
    samples
}

fn sample(file: PathBuf) -> Sample {
    let text = fs::read_to_string(&file).unwrap();
    let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
    let document = Document::parse(text.as_str()).unwrap_or_else(|why| panic!("{name}: {why}"));
    assert_eq!(document.text(), text, "{name}: parsed and printed");
    Sample {
        name,
        file,
        document,
    }
}

pub fn named(name: &str) -> Sample {
    samples()
        .into_iter()
        .find(|sample| sample.name == name)
        .unwrap()
}

/// Something of a document that can be set, and where it is.
#[derive(Debug, Clone)]
pub struct Node {
    pub path: Path,
    pub place: Range<usize>,
}

/// Every attribute, and every element without elements.
pub fn nodes(document: &Document) -> Vec<Node> {
    document
        .root()
        .descendants()
        .flat_map(|element| nodes_of(document, &element))
        .collect()
}

fn nodes_of(document: &Document, element: &Element<'_>) -> Vec<Node> {
    let own = document.path_to(element);
    let place = element.range();
    let attributes = element.attributes().map(|attribute| Node {
        path: format!("{own}/@{}", attribute.name())
            .trim_start_matches("./")
            .parse()
            .unwrap(),
        place: place.clone(),
    });
    let is_leaf = element.children().next().is_none();
    let text = is_leaf.then(|| Node {
        path: own.clone(),
        place: place.clone(),
    });
    attributes.chain(text).collect()
}

/// Sets a node; it must read back, nothing outside of its element may change, and the undo must lead back.
pub fn set_one(name: &str, document: &Document, node: &Node, value: &str) {
    let edit = Edit::set(node.path.clone(), value);
    let edited = document
        .edited(&[edit])
        .unwrap_or_else(|why| panic!("{name}: {}: {why}", node.path));
    let after = &edited.document;
    assert_eq!(
        after.get(&node.path).as_deref(),
        Some(value),
        "{name}: {}",
        node.path
    );
    let (before, behind) = (
        &document.text()[..node.place.start],
        &document.text()[node.place.end..],
    );
    assert!(
        after.text().starts_with(before) && after.text().ends_with(behind),
        "{name}: {} changed something else",
        node.path
    );
    assert_eq!(
        &after.edited(&edited.undo).unwrap().document,
        document,
        "{name}: {}",
        node.path
    );
}

/// What of the old text is no longer there: the part between what both texts begin and end with.
pub fn lost<'t>(old: &'t str, new: &str) -> &'t str {
    let same = |pair: &(u8, u8)| pair.0 == pair.1;
    let start = old.bytes().zip(new.bytes()).take_while(same).count();
    let shorter = old.len().min(new.len()) - start;
    let end = old
        .bytes()
        .rev()
        .zip(new.bytes().rev())
        .take(shorter)
        .take_while(same)
        .count();
    old.get(start..old.len() - end)
        .unwrap_or("a character was cut")
}
