//! Edits that take edits back, in words.

use super::{Edit, EditError, Target, apply::plain};
use crate::{
    Document, Path,
    path::{Filter, Place, Step},
    tree::Tree,
};

impl Edit {
    /// The edits that bring back what this one changes, given the document before it.
    ///
    /// Unlike [`Edited::undo`](super::Edited::undo) they name what they change: they can be read, and made after other
    /// changes, too. What comes back means the same; white space, quotes and the place among elements of the same name may
    /// differ.
    pub fn inverse(&self, before: &Document) -> Result<Vec<Edit>, EditError> {
        if let Edit::Set { target, .. } = self
            && let Target::Field(name) = target
            && let Some(value) = before.field(name)?
        {
            let target = target.clone();
            return Ok(vec![Edit::Set { target, value }]);
        }
        let mut document = before.clone();
        let mut back = Vec::new();
        for edit in plain(before, self)? {
            back.extend(of_path(&document, &edit)?);
            document = document.edited(&[edit])?.document;
        }
        back.reverse();
        Ok(back)
    }
}

/// What takes an edit of a path back; nothing where it changes nothing.
fn of_path(before: &Document, edit: &Edit) -> Result<Option<Edit>, EditError> {
    match edit {
        Edit::Set {
            target: Target::Path(path),
            ..
        } => Ok(Some(match before.get(path) {
            Some(value) => Edit::set(path.clone(), value),
            None => Edit::Unset {
                target: Target::Path(first_missing(before, path)),
            },
        })),
        Edit::Unset {
            target: Target::Path(path),
        }
        | Edit::Remove { path } => Ok(returning(before, path)),
        Edit::Add { parent, xml } => removing(before, parent, xml).map(Some),
        Edit::Replace { .. } => Ok(Some(edit.clone().swapped())),
        // `plain` has left none.
        Edit::Set { .. } | Edit::Unset { .. } => Ok(None),
    }
}

/// The outermost of what is made when a path is set.
fn first_missing(before: &Document, path: &Path) -> Path {
    let mut here = vec![before.root()];
    for (at, step) in path.steps.iter().enumerate() {
        here = here
            .iter()
            .flat_map(|element| step.select(*element))
            .collect();
        if here.is_empty() {
            let steps = path.steps.iter().take(at + 1).cloned().collect();
            return Path {
                steps,
                attribute: None,
            };
        }
    }
    path.clone()
}

/// What brings back an attribute or an element with all that is in it.
fn returning(before: &Document, path: &Path) -> Option<Edit> {
    match path.places(before.root()).next()? {
        Place::Attribute(_, attribute) => Some(Edit::set(path.clone(), attribute.value())),
        Place::Element(element) => Some(Edit::Add {
            parent: Path::to(&element.parent()?),
            xml: element.source().to_owned(),
        }),
    }
}

/// What takes an added element away: it comes behind all others of its name.
fn removing(before: &Document, parent: &Path, xml: &str) -> Result<Edit, EditError> {
    let broken = |_| EditError::NoElement {
        path: parent.to_string(),
    };
    let tree = Tree::parse(xml.trim().to_owned()).map_err(broken)?;
    let name = tree.root().name();
    let around = parent.elements(before.root()).into_iter();
    let twins = around
        .flat_map(|element| element.children())
        .filter(|child| child.name() == name)
        .count();
    let mut path = parent.clone();
    path.steps.push(Step {
        name: Some(name.to_owned()),
        filters: vec![Filter::Position(twins + 1)],
    });
    Ok(Edit::Remove { path })
}
