//! Paths: how a piece of a document is named.
//!
//! A small part of `XPath`, relative to the outermost element:
//!
//! ```text
//! memory                                      an element (its value is its text)
//! memory/@unit                                an attribute
//! devices/disk[2]/source/@file                the second disk
//! devices/disk[target/@dev='vda']/driver      the disk whose target says so
//! devices/*/alias/@name                       whatever the element is called
//! qemu:commandline/qemu:arg[@value='-S']      names are compared as written, with their prefix
//! ```

mod address;
mod parse;

use std::fmt;

use crate::{Attribute, Document, Element};

pub use parse::PathError;

/// The longest path, bytes.
pub const MAX_PATH_BYTES: usize = 2048;

/// The most elements a path leads through.
pub const MAX_STEPS: usize = 32;

/// Names a piece of a document. [`Display`](fmt::Display) writes what [`FromStr`](std::str::FromStr) reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    pub(crate) steps: Vec<Step>,
    pub(crate) attribute: Option<String>,
}

/// From an element to some of its children.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Step {
    /// `None` is `*`.
    pub(crate) name: Option<String>,
    pub(crate) filters: Vec<Filter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Filter {
    /// The one at this place among those that passed so far, from 1.
    Position(usize),
    /// Those that hold this value there.
    Equals { at: Plain, value: String },
    /// Those that have it at all.
    Has(Plain),
}

/// A path without filters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Plain {
    pub(crate) names: Vec<String>,
    pub(crate) attribute: Option<String>,
}

/// What a path leads to.
#[derive(Debug, Clone, Copy)]
pub enum Place<'t> {
    /// An element; its value is its text.
    Element(Element<'t>),
    /// An attribute of an element.
    Attribute(Element<'t>, Attribute<'t>),
}

impl Place<'_> {
    /// What is there, references resolved.
    pub fn value(&self) -> String {
        match self {
            Place::Element(element) => element.text(),
            Place::Attribute(_, attribute) => attribute.value(),
        }
    }
}

impl Document {
    /// The value at a path, if there is one: the first where there are several.
    pub fn get(&self, path: &Path) -> Option<String> {
        path.places(self.root()).next().map(|place| place.value())
    }

    /// Everything a path leads to, in the order of the text.
    pub fn all<'d>(&'d self, path: &'d Path) -> impl Iterator<Item = Place<'d>> {
        path.places(self.root())
    }

    /// The path that leads to this element and no other.
    pub fn path_to(&self, element: &Element<'_>) -> Path {
        Path::to(element)
    }
}

impl Path {
    pub(crate) fn to(element: &Element<'_>) -> Path {
        address::of(element)
    }

    /// What it leads to from an element, in the order of the text.
    pub fn places<'t: 'p, 'p>(&'p self, from: Element<'t>) -> impl Iterator<Item = Place<'t>> + 'p {
        let found = self.elements(from).into_iter();
        found.filter_map(|element| match &self.attribute {
            None => Some(Place::Element(element)),
            Some(name) => element
                .attribute_named(name)
                .map(|attribute| Place::Attribute(element, attribute)),
        })
    }

    /// The elements that its steps lead to, whether or not they have its attribute.
    pub(crate) fn elements<'t>(&self, from: Element<'t>) -> Vec<Element<'t>> {
        self.steps.iter().fold(vec![from], |here, step| {
            here.iter()
                .flat_map(|element| step.select(*element))
                .collect()
        })
    }
}

impl Step {
    pub(crate) fn select<'t>(&self, parent: Element<'t>) -> Vec<Element<'t>> {
        let named = |child: &Element<'t>| self.name.as_deref().is_none_or(|n| n == child.name());
        let found = parent.children().filter(named).collect();
        self.filters
            .iter()
            .fold(found, |found, filter| filter.pass(found))
    }
}

impl Filter {
    fn pass<'t>(&self, mut found: Vec<Element<'t>>) -> Vec<Element<'t>> {
        match self {
            Filter::Position(position) => {
                let at = position.saturating_sub(1);
                found.get(at).map(|one| vec![*one]).unwrap_or_default()
            }
            Filter::Equals { at, value } => {
                found.retain(|element| at.values(*element).any(|found| found == *value));
                found
            }
            Filter::Has(at) => {
                found.retain(|element| at.values(*element).next().is_some());
                found
            }
        }
    }
}

impl Plain {
    fn values<'t>(&self, from: Element<'t>) -> impl Iterator<Item = String> + use<'t, '_> {
        let elements = self.names.iter().fold(vec![from], |here, name| {
            here.iter()
                .flat_map(|element| element.children().filter(|child| child.name() == name))
                .collect()
        });
        elements
            .into_iter()
            .filter_map(|element| match &self.attribute {
                None => Some(element.text()),
                Some(name) => element.attribute(name),
            })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for step in &self.steps {
            write!(f, "{between}{step}")?;
            between = "/";
        }
        match &self.attribute {
            Some(name) => write!(f, "{between}@{name}"),
            None if self.steps.is_empty() => f.write_str("."),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_deref().unwrap_or("*"))?;
        for filter in &self.filters {
            match filter {
                Filter::Position(position) => write!(f, "[{position}]")?,
                Filter::Has(at) => write!(f, "[{at}]")?,
                Filter::Equals { at, value } => {
                    let quote = if value.contains('\'') { '"' } else { '\'' };
                    write!(f, "[{at}={quote}{value}{quote}]")?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attribute = self.attribute.iter().map(|name| format!("@{name}"));
        let parts: Vec<String> = self.names.iter().cloned().chain(attribute).collect();
        f.write_str(&parts.join("/"))
    }
}

#[cfg(test)]
mod tests;
