//! Typed edits: changes of a document as data.
//!
//! ```text
//! set memory 8GiB                          a field, in its own units
//! set disk[vda].cache none                 a field of a device
//! set /devices/disk[2]/driver/@io native   anything, by path
//! unset title
//! add /devices <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
//! remove /devices/interface[2]
//! replace 412 "old text" "new text"        bytes; what an undo consists of
//! ```
//!
//! An edit changes the node that it names and no other byte. What it needs and is not there (`set` through missing parents)
//! is written in libvirt's order and in the document's own manner.

mod apply;
mod error;
mod grow;
mod inverse;
mod parse;
mod words;

use std::fmt;

use crate::{FieldName, Path};

pub use apply::Edited;
pub use error::EditError;
pub use parse::SyntaxError;

/// The most edits of one list; a field's edit may count as several.
pub const MAX_EDITS: usize = 256;

/// One change. [`Display`](fmt::Display) writes what [`FromStr`](std::str::FromStr) reads; one edit is one line.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Edit {
    /// Gives something a value; makes it when it is not there.
    Set {
        /// What.
        target: Target,
        /// A field's in the field's units; at a path the text itself.
        value: String,
    },
    /// Takes something away if it is there.
    Unset {
        /// What.
        target: Target,
    },
    /// Writes an element into another.
    Add {
        /// Into which; there must be exactly one.
        parent: Path,
        /// The element's source.
        xml: String,
    },
    /// Takes away the one element or attribute at a path.
    Remove {
        /// Where; there must be exactly one.
        path: Path,
    },
    /// Puts other text in the place of a text.
    Replace {
        /// Where, bytes from the beginning.
        at: usize,
        /// What must be there.
        old: String,
        /// What comes there.
        new: String,
    },
}

/// What an edit is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A field with a type of its own.
    Field(FieldName),
    /// Anything else; written with a leading `/`.
    Path(Path),
}

impl Edit {
    /// `set PATH VALUE`.
    pub fn set(path: Path, value: impl Into<String>) -> Edit {
        Edit::Set {
            target: Target::Path(path),
            value: value.into(),
        }
    }

    /// What takes a [`Replace`](Edit::Replace) back.
    pub(crate) fn swapped(self) -> Edit {
        match self {
            Edit::Replace { at, old, new } => Edit::Replace {
                at,
                old: new,
                new: old,
            },
            other => other,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Field(name) => name.fmt(f),
            Target::Path(path) => write!(f, "/{path}"),
        }
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Edit::Set { target, value } => write!(f, "set {target} {}", words::plain(value)),
            Edit::Unset { target } => write!(f, "unset {target}"),
            Edit::Add { parent, xml } => write!(f, "add /{parent} {}", words::plain(xml)),
            Edit::Remove { path } => write!(f, "remove /{path}"),
            Edit::Replace { at, old, new } => {
                write!(
                    f,
                    "replace {at} {} {}",
                    words::quoted(old),
                    words::quoted(new)
                )
            }
        }
    }
}

/// Without the values: they may be secrets.
impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Edit::Set { target, .. } => write!(f, "Set({target})"),
            Edit::Unset { target } => write!(f, "Unset({target})"),
            Edit::Add { parent, .. } => write!(f, "Add(/{parent})"),
            Edit::Remove { path } => write!(f, "Remove(/{path})"),
            Edit::Replace { at, old, new } => {
                write!(f, "Replace({at}, {} by {} bytes)", old.len(), new.len())
            }
        }
    }
}

#[cfg(test)]
mod tests;
