//! What reaches beyond a machine.
//!
//! A definition decides what of the host a guest, and whoever may write its definition, can touch: files, devices, networks,
//! programs that run with the hypervisor's rights. The check names each such place, so that an agent can refuse it
//! and a plan can show it. It errs on the side of naming: what stands where libvirt reads and is not known here is
//! [`Unknown`](ReachKind::Unknown), and every absolute path outside of texts for people is a [`File`](ReachKind::File).

mod rules;

use std::fmt;

use crate::{Attribute, Document, Element, Path, change::is_known};

use rules::{RULES, Rule, Says};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// How.
    pub kind: ReachKind,
    /// Where in the document.
    pub path: Path,
    /// What is written there, at most 200 characters; raw.
    pub what: String,
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{} reaches {}", self.path, self.kind)
    }
}

impl Document {
    /// Everything in it that reaches beyond a machine, in the order of the text.
    pub fn reaches(&self) -> Vec<Reach> {
        let elements = self.root().descendants();
        elements
            .filter(|element| !is_for_people(*element))
            .flat_map(of_element)
            .collect()
    }
}

/// Texts that libvirt keeps and never follows.
fn is_for_people(element: Element<'_>) -> bool {
    let mut outwards = std::iter::successors(Some(element), Element::parent);
    outwards.any(|element| {
        let within = element
            .parent()
            .and_then(|parent| parent.parent())
            .is_none();
        within
            && matches!(
                element.name(),
                "metadata" | "title" | "description" | "name"
            )
            && element.parent().is_some()
    })
}

fn of_element(element: Element<'_>) -> Vec<Reach> {
    let mut found: Vec<Reach> = RULES
        .iter()
        .filter_map(|rule| rule.meets(element))
        .collect();
    found.extend(foreign(element));
    let paths = paths(element);
    // A rule that names the very place says more than that it is a path.
    let new: Vec<Reach> = paths
        .filter(|path| !found.iter().any(|known| known.path == path.path))
        .collect();
    found.extend(new);
    found
}

fn reach(kind: ReachKind, element: Element<'_>, attribute: Option<&str>, what: &str) -> Reach {
    Reach {
        kind,
        path: Path {
            attribute: attribute.map(str::to_owned),
            ..Path::to(&element)
        },
        what: what.trim().chars().take(200).collect(),
    }
}

/// Elements of another namespace speak to the hypervisor past libvirt; others that libvirt may know, and this check does not.
fn foreign(element: Element<'_>) -> Option<Reach> {
    let parent = element.parent();
    let namespace = element.namespace();
    if let Some(namespace) = namespace {
        let is_outermost = parent.is_none_or(|parent| parent.namespace().is_none());
        return is_outermost.then(|| reach(ReachKind::CommandLine, element, None, &namespace));
    }
    if element.name().contains(':') {
        return Some(reach(ReachKind::CommandLine, element, None, element.name()));
    }
    let is_unknown = parent.is_some_and(|parent| is_known(parent, element.name()) == Some(false));
    is_unknown.then(|| reach(ReachKind::Unknown, element, None, element.name()))
}

/// Absolute paths, wherever they stand.
fn paths(element: Element<'_>) -> impl Iterator<Item = Reach> {
    let is_inside_guest = rules::is_inside_guest(element);
    let of_attribute = move |attribute: Attribute<'_>| {
        let value = attribute.value();
        (!is_inside_guest && is_path(&value))
            .then(|| reach(ReachKind::File, element, Some(attribute.name()), &value))
    };
    let text = element.children().next().is_none().then(|| element.text());
    let of_text = text.filter(|text| !is_inside_guest && is_path(text));
    let of_text = of_text.map(|text| reach(ReachKind::File, element, None, &text));
    element.attributes().filter_map(of_attribute).chain(of_text)
}

fn is_path(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('/') || text.starts_with("file:") || text.starts_with("unix:")
}

impl Rule {
    fn meets(&self, element: Element<'_>) -> Option<Reach> {
        let around = element.parent().map(|parent| parent.local_name());
        if element.local_name() != self.element
            || !(self.within.is_empty() || around == Some(self.within))
        {
            return None;
        }
        let (attribute, what) = match self.says {
            Says::Anything => (None, element.text()),
            Says::Has(name) => (Some(name), element.attribute(name)?),
            Says::Is(name, values) => (
                Some(name),
                element
                    .attribute(name)
                    .filter(|value| values.contains(&value.as_str()))?,
            ),
            Says::IsNot(name, values) => (
                Some(name),
                element
                    .attribute(name)
                    .filter(|value| !values.contains(&value.as_str()))?,
            ),
        };
        Some(reach(self.kind, element, attribute, &what))
    }
}

#[cfg(test)]
mod tests;
