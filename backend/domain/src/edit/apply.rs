//! Making edits.

use super::{
    Edit, EditError, MAX_EDITS, Target,
    grow::{grow, is_declared},
};
use crate::{
    Document, Element, MASK, Path,
    change::{self, Cut, insert},
    path::Place,
    text::is_speakable,
    tree::Tree,
};

/// A document after a list of edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The outcome.
    pub document: Document,
    /// The edits that lead back, byte for byte, while nothing else has changed. Empty when nothing had to change. They hold what
    /// was there: perhaps secrets.
    pub undo: Vec<Edit>,
}

impl Document {
    /// Makes the edits, one after the other; all or none. A value that is there already changes nothing.
    pub fn edited(&self, edits: &[Edit]) -> Result<Edited, EditError> {
        let mut document = self.clone();
        let mut undo = Vec::new();
        let mut count = 0;
        for edit in edits {
            let steps = plain(&document, edit)?;
            count += steps.len();
            if count > MAX_EDITS {
                return Err(EditError::TooMany { count });
            }
            for edit in steps {
                document = step(document, &edit, &mut undo)?;
            }
        }
        undo.reverse();
        Ok(Edited { document, undo })
    }
}

/// A field's edit as those of paths.
pub(super) fn plain(document: &Document, edit: &Edit) -> Result<Vec<Edit>, EditError> {
    match edit {
        Edit::Set {
            target: Target::Field(name),
            value,
        } => name.setting(document, value),
        Edit::Unset {
            target: Target::Field(name),
        } => name.unsetting(document),
        other => Ok(vec![other.clone()]),
    }
}

fn step(document: Document, edit: &Edit, undo: &mut Vec<Edit>) -> Result<Document, EditError> {
    let Some(replacement) = replacement(&document, edit)? else {
        return Ok(document);
    };
    let document = replaced(&document, &replacement)?;
    if let Edit::Set {
        target: Target::Path(path),
        value,
    } = edit
    {
        read_back(&document, path, value)?;
    }
    undo.push(replacement.swapped());
    Ok(document)
}

/// What was set must be what is read: a filter of the path may be about the very value.
fn read_back(document: &Document, path: &Path, value: &str) -> Result<(), EditError> {
    let found: Vec<String> = path
        .places(document.root())
        .map(|place| place.value())
        .collect();
    if matches!(found.as_slice(), [one] if one == value) {
        return Ok(());
    }
    Err(EditError::Unclear {
        path: path.to_string(),
        why: "it would not lead to the value that is set",
    })
}

/// The document with one text in the place of another.
fn replaced(document: &Document, replacement: &Edit) -> Result<Document, EditError> {
    let Edit::Replace { at, old, new } = replacement else {
        return Ok(document.clone());
    };
    let text = document.text();
    let changed = EditError::Changed { at: *at };
    let (before, rest) = text.split_at_checked(*at).ok_or(changed.clone())?;
    let after = rest.strip_prefix(old.as_str()).ok_or(changed)?;
    Ok(Document::parse_as(
        document.kind(),
        [before, new, after].concat(),
    )?)
}

/// The one replacement that an edit comes down to; `None` when all is as it should be.
fn replacement(document: &Document, edit: &Edit) -> Result<Option<Edit>, EditError> {
    let cuts = match edit {
        Edit::Set {
            target: Target::Path(path),
            value,
        } => set(document, path, value)?,
        Edit::Unset {
            target: Target::Path(path),
        } => unset(document, path)?,
        Edit::Add { parent, xml } => add(document, parent, xml)?,
        Edit::Remove { path } => remove(document, path)?,
        Edit::Replace { .. } => return Ok(Some(edit.clone())),
        // `plain` has left none.
        Edit::Set { .. } | Edit::Unset { .. } => Vec::new(),
    };
    Ok(merged(document.text(), cuts))
}

/// Several cuts as one that reaches from the first to the last.
fn merged(text: &str, mut cuts: Vec<Cut>) -> Option<Edit> {
    let at = cuts.iter().map(|cut| cut.place.start).min()?;
    let end = cuts.iter().map(|cut| cut.place.end).max()?;
    for cut in &mut cuts {
        cut.place.start -= at;
        cut.place.end -= at;
    }
    let old = text.get(at..end)?.to_owned();
    let new = change::cut(&old, cuts);
    Some(Edit::Replace { at, old, new })
}

fn set(document: &Document, path: &Path, value: &str) -> Result<Vec<Cut>, EditError> {
    let named = || path.to_string();
    if value == MASK {
        return Err(EditError::Mask { path: named() });
    }
    if !value.chars().all(is_speakable) {
        return Err(EditError::Unspeakable { path: named() });
    }
    match (path.elements(document.root()).as_slice(), &path.attribute) {
        ([], _) => grow(document, path, value),
        ([one], Some(name)) => {
            is_declared(*one, name)?;
            Ok(change::set_attribute(*one, name, value))
        }
        ([one], None) => {
            change::set_text(*one, value).ok_or_else(|| EditError::HoldsElements { path: named() })
        }
        (several, _) => Err(EditError::Several {
            path: named(),
            count: several.len(),
        }),
    }
}

fn unset(document: &Document, path: &Path) -> Result<Vec<Cut>, EditError> {
    let there = path.places(document.root()).next().is_some();
    if there {
        remove(document, path)
    } else {
        Ok(Vec::new())
    }
}

fn remove(document: &Document, path: &Path) -> Result<Vec<Cut>, EditError> {
    let places: Vec<Place<'_>> = path.places(document.root()).collect();
    match places.as_slice() {
        [Place::Attribute(element, attribute)] => {
            Ok(vec![change::drop_attribute(*element, *attribute)])
        }
        [Place::Element(element)] if element.parent().is_none() => Err(EditError::Outermost),
        [Place::Element(element)] => Ok(vec![change::remove(*element)]),
        [] => Err(EditError::Nothing {
            path: path.to_string(),
        }),
        several => Err(EditError::Several {
            path: path.to_string(),
            count: several.len(),
        }),
    }
}

fn add(document: &Document, parent: &Path, xml: &str) -> Result<Vec<Cut>, EditError> {
    let xml = xml.trim();
    let path = || parent.to_string();
    if xml.contains(MASK) {
        return Err(EditError::Mask { path: path() });
    }
    let tree = Tree::parse(xml.to_owned()).ok();
    // A comment or declaration beside it would not be an element.
    let added = tree
        .as_ref()
        .map(Tree::root)
        .filter(|root| root.source() == xml);
    let added = added.ok_or_else(|| EditError::NoElement { path: path() })?;
    let into = one(document, parent)?;
    prefixes_are_declared(added, into)?;
    Ok(vec![insert(into, added.name(), |_, _| xml.to_owned())])
}

/// In what is added, or where it goes.
fn prefixes_are_declared(added: Element<'_>, into: Element<'_>) -> Result<(), EditError> {
    added.descendants().try_for_each(|element| {
        let attributes = element.attributes().map(|attribute| attribute.name());
        let mut names = std::iter::once(element.name()).chain(attributes);
        names.try_for_each(|name| is_declared(element, name).or_else(|_| is_declared(into, name)))
    })
}

fn one<'d>(document: &'d Document, path: &Path) -> Result<Element<'d>, EditError> {
    if path.attribute.is_some() {
        return Err(EditError::Nothing {
            path: path.to_string(),
        });
    }
    match path.elements(document.root()).as_slice() {
        [one] => Ok(*one),
        [] => Err(EditError::Nothing {
            path: path.to_string(),
        }),
        several => Err(EditError::Several {
            path: path.to_string(),
            count: several.len(),
        }),
    }
}
