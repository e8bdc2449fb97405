//! What two answers have in common.

use std::{collections::BTreeSet, fmt};

use archipel_protocol::{Element, Failure, Iq, answer::body, failure::FailureKind};

/// Documents of libvirt: what stands in them is libvirt's.
const DOCUMENTS: &[&str] = &["domain", "capabilities", "domainsnapshot"];

/// An answer, without its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A success with elements of these paths and attributes.
    Done(BTreeSet<String>),
    /// A refusal for want of a permission.
    Denied,
    /// Another refusal.
    Refused,
    /// None.
    Silence,
}

impl Answer {
    /// Of an answer that came.
    pub(crate) fn of(iq: &Iq) -> Self {
        match iq.error() {
            None => {
                let mut shape = BTreeSet::new();
                inside(&body(iq), "", &mut shape);
                Self::Done(shape)
            }
            Some(_) if Failure::parse(iq).kind == FailureKind::Forbidden => Self::Denied,
            Some(_) => Self::Refused,
        }
    }

    /// Whether `ours` says all that this says. A list that is empty in one of them is a list nevertheless.
    pub(crate) fn covers(&self, ours: &Self) -> bool {
        match (self, ours) {
            (Self::Done(original), Self::Done(ours)) => original.is_subset(ours) || ours.is_empty(),
            _ => self == ours,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done(_) => "does it",
            Self::Denied => "denies it",
            Self::Refused => "refuses it",
            Self::Silence => "is silent",
        })
    }
}

fn inside(parent: &Element, path: &str, shape: &mut BTreeSet<String>) {
    for child in parent.children() {
        let path = format!("{path}/{}", child.name());
        shape.insert(path.clone());
        if DOCUMENTS.contains(&child.name()) {
            continue;
        }
        for ((_, name), _) in child.attrs() {
            shape.insert(format!("{path}@{name}"));
        }
        inside(child, &path, shape);
    }
}
