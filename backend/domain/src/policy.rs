//! What reaches beyond a machine.
//!
//! A definition decides what of the host a guest, and whoever may write its definition, can touch: files, devices, networks,
//! programs that run with the hypervisor's rights. The check names each such place, so that an agent can refuse it
//! and a plan can show it. It errs on the side of naming: what stands where libvirt reads and is not known here is
//! [`Unknown`](ReachKind::Unknown), and every absolute path outside of texts for people is a [`File`](ReachKind::File).

mod rules;

use std::{fmt, ops::Range};

use crate::{Attribute, Document, Element, Kind, Path, change::is_known};

use rules::{PATHS, RULES, Rule, Says};

/// How something reaches beyond a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReachKind {
    /// A file of the host: an image, a log, a socket.
    File,
    /// A folder of the host.
    Folder,
    /// A device of the host: a disk, a port, a source of chance.
    Device,
    /// A device of the host that is given to the guest (`<hostdev>`, `NVMe`, redirected USB).
    HostDevice,
    /// A program of the host that is run: the emulator, a boot loader, a daemon beside the guest.
    Program,
    /// A script of the host that is run.
    Script,
    /// Arguments, environment or settings handed to the hypervisor past libvirt.
    CommandLine,
    /// A kernel, its first file system or device tree from the host.
    Kernel,
    /// Firmware or its variables from a file of the host.
    Firmware,
    /// A bridge or interface of the host.
    HostNetwork,
    /// Another machine, or a port on which the host listens.
    Remote,
    /// Another process on the host that shares the guest's memory (vhost-user, shared memory).
    SharedMemory,
    /// What keeps the guest in its place is loosened or chosen: labels, cgroups, raw commands to disks.
    Confinement,
    /// Something that is not known here.
    Unknown,
}

impl fmt::Display for ReachKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReachKind::File => "a file of the host",
            ReachKind::Folder => "a folder of the host",
            ReachKind::Device => "a device of the host",
            ReachKind::HostDevice => "a device of the host for the guest alone",
            ReachKind::Program => "a program of the host",
            ReachKind::Script => "a script of the host",
            ReachKind::CommandLine => "settings handed to the hypervisor past libvirt",
            ReachKind::Kernel => "a kernel from the host",
            ReachKind::Firmware => "firmware from a file of the host",
            ReachKind::HostNetwork => "a network of the host",
            ReachKind::Remote => "another machine or an open port",
            ReachKind::SharedMemory => "memory shared with another process",
            ReachKind::Confinement => "what confines the guest",
            ReachKind::Unknown => "something unknown",
        })
    }
}

/// One place that reaches beyond a machine.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'d> {
    /// How.
    pub kind: ReachKind,
    /// The element.
    pub element: Element<'d>,
    /// The attribute that says it; `None` where the element does.
    pub attribute: Option<Attribute<'d>>,
}

impl Reach<'_> {
    /// Where it is.
    pub fn path(&self) -> Path {
        Path {
            attribute: self.attribute.map(|attribute| attribute.name().to_owned()),
            ..Path::to(&self.element)
        }
    }

    /// What is written there, raw.
    pub fn what(&self) -> String {
        match self.attribute {
            Some(attribute) => attribute.value(),
            None => self.element.text(),
        }
    }
}

impl fmt::Display for Reach<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{} reaches {}", self.path(), self.kind)
    }
}

impl Document {
    /// Everything in it that reaches beyond a machine, in the order of the text.
    pub fn reaches(&self) -> Vec<Reach<'_>> {
        let mut found = Vec::new();
        // Until where (bytes) nothing is followed, and where what is foreign is named already.
        let (mut silent, mut named) = (0, 0);
        for element in self.root().descendants() {
            let Range { start, end } = element.range();
            if start >= silent && is_for_people(element) {
                silent = end;
            }
            if start < silent {
                continue;
            }
            of_element(element, &mut found);
            if start >= named && is_foreign(element) {
                found.push(Reach::of(ReachKind::CommandLine, element));
                named = end;
            } else if start >= named && is_unknown(element) {
                found.push(Reach::of(ReachKind::Unknown, element));
            }
        }
        found
    }
}

impl<'d> Reach<'d> {
    fn of(kind: ReachKind, element: Element<'d>) -> Self {
        Reach {
            kind,
            element,
            attribute: None,
        }
    }
}

/// Texts that libvirt keeps and never follows: those of the document, and of the machine within a snapshot.
fn is_for_people(element: Element<'_>) -> bool {
    let is_text = matches!(
        element.name(),
        "metadata" | "title" | "description" | "name"
    );
    let Some(parent) = element.parent().filter(|_| is_text) else {
        return false;
    };
    let around = parent.parent();
    let is_kept = around.is_some_and(|around| {
        around.parent().is_none() && around.name() == Kind::Snapshot.element()
    });
    around.is_none() || (is_kept && parent.name() == Kind::Domain.element())
}

/// Elements of another namespace speak to the hypervisor past libvirt.
fn is_foreign(element: Element<'_>) -> bool {
    // Further in, a declaration without a prefix is inherited: the outermost element is the one that is named.
    let declared = element.attribute("xmlns");
    element.name().contains(':') || declared.is_some_and(|namespace| !namespace.is_empty())
}

/// Elements that libvirt may know, and this check does not.
fn is_unknown(element: Element<'_>) -> bool {
    let parent = element.parent();
    parent.is_some_and(|parent| is_known(parent, element.name()) == Some(false))
}

fn of_element<'d>(element: Element<'d>, found: &mut Vec<Reach<'d>>) {
    let first = found.len();
    found.extend(RULES.iter().filter_map(|rule| rule.meets(element)));
    // A rule that names the very place says more than that it is a path.
    let by_rules: Vec<Option<&str>> = found
        .iter()
        .skip(first)
        .map(|reach| reach.attribute.map(|attribute| attribute.name()))
        .collect();
    found.extend(paths(element).filter(|path| {
        let place = path.attribute.map(|attribute| attribute.name());
        !by_rules.contains(&place)
    }));
}

/// Absolute paths wherever they stand, and any path where one is expected.
fn paths(element: Element<'_>) -> impl Iterator<Item = Reach<'_>> {
    let is_harmless = rules::is_harmless(element);
    let attributes = element.attributes();
    let attributes =
        attributes.filter(|attribute| is_path(attribute.local_name(), &attribute.value()));
    let of_attributes = attributes.map(move |attribute| Reach {
        kind: ReachKind::File,
        element,
        attribute: Some(attribute),
    });
    let is_leaf = element.children().next().is_none();
    let is_path = is_leaf && is_path(element.local_name(), &element.text());
    let all = of_attributes.chain(is_path.then_some(Reach::of(ReachKind::File, element)));
    all.filter(move |_| !is_harmless)
}

fn is_path(name: &str, value: &str) -> bool {
    let value = value.trim();
    let is_expected = PATHS.contains(&name) && !value.is_empty();
    is_expected
        || value.starts_with('/')
        || value.starts_with("file:")
        || value.starts_with("unix:")
}

impl Rule {
    fn meets<'d>(&self, element: Element<'d>) -> Option<Reach<'d>> {
        let around = element.parent().map(|parent| parent.local_name());
        let is_here = self.within.is_empty() || around == Some(self.within);
        if element.local_name() != self.element || !is_here {
            return None;
        }
        let says = |name, fits: &dyn Fn(&str) -> bool| {
            let attribute = element.attribute_named(name)?;
            fits(&attribute.value()).then_some(Some(attribute))
        };
        let attribute = match self.says {
            Says::Anything => Some(None),
            Says::Has(name) => says(name, &|_| true),
            Says::Is(name, values) => says(name, &|value| values.contains(&value)),
            Says::IsNot(name, values) => says(name, &|value| !values.contains(&value)),
        };
        attribute.map(|attribute| Reach {
            kind: self.kind,
            element,
            attribute,
        })
    }
}

#[cfg(test)]
mod tests;
