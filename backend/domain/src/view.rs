//! A machine's definition, read with types.
//!
//! Views only read; what is read here is changed by the [field](crate::fields) of the same name or by its path. Words that
//! libvirt adds to now and then (models, buses, types) are texts. What libvirt fills in where nothing is said is not guessed.

mod device;
mod disk;
mod processor;
mod start;

use crate::{Amount, Document, Element, Kind, XmlError, field::of_element};

pub use device::{Address, Balloon, Character, Graphics, Interface, InterfaceSource};
pub use disk::{Disk, DiskSource};
pub use processor::{Cpu, CpuFeature, Topology, Vcpus};
pub use start::{BootStep, Clock, Feature, Firmware, Lifecycle, Timer};

/// A machine's definition (`<domain>`), also the one within a snapshot.
#[derive(Debug, Clone, Copy)]
pub struct Machine<'d> {
    root: Element<'d>,
}

impl Document {
    /// The machine that it defines: a domain's own, a snapshot's as it was; `None` for other documents.
    pub fn machine(&self) -> Option<Machine<'_>> {
        let root = self.root();
        match self.kind() {
            Kind::Domain => Some(Machine { root }),
            Kind::Snapshot => root.child("domain").map(|root| Machine { root }),
            _ => None,
        }
    }
}

impl<'d> Machine<'d> {
    /// `<domain>`.
    pub fn element(&self) -> Element<'d> {
        self.root
    }

    /// `type` of `<domain>`: `kvm`, `qemu`, `xen` ...
    pub fn hypervisor(&self) -> Option<String> {
        self.root.attribute("type")
    }

    /// `<name>`, raw: it may hold anything that XML can say.
    pub fn name(&self) -> Option<String> {
        word(self.root, "name")
    }

    /// `<uuid>` as written; libvirt makes one up where there is none.
    pub fn uuid(&self) -> Option<String> {
        word(self.root, "uuid").map(|uuid| uuid.trim().to_owned())
    }

    /// `<title>`: a short text for people.
    pub fn title(&self) -> Option<String> {
        word(self.root, "title")
    }

    /// `<description>`: a text for people.
    pub fn description(&self) -> Option<String> {
        word(self.root, "description")
    }

    /// The children of `<metadata>`: what applications keep with the machine, each in its own namespace.
    pub fn metadata(&self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        let metadata = self.root.child("metadata").into_iter();
        metadata.flat_map(|metadata| metadata.children())
    }

    /// `<memory>`: the most memory at start.
    pub fn memory(&self) -> Result<Option<Amount>, XmlError> {
        amount(self.root, "memory")
    }

    /// `<currentMemory>`: memory that the balloon leaves at start; all of [`memory`](Self::memory) where nothing is said.
    pub fn current_memory(&self) -> Result<Option<Amount>, XmlError> {
        match amount(self.root, "currentMemory")? {
            None => self.memory(),
            said => Ok(said),
        }
    }

    /// `<vcpu>`: processors; one where nothing is said.
    pub fn vcpus(&self) -> Result<Vcpus, XmlError> {
        Vcpus::of(self.root)
    }

    /// `<cpu>`: the processor that the guest sees.
    pub fn cpu(&self) -> Option<Cpu> {
        self.root.child("cpu").map(Cpu::of)
    }

    /// `type` of `<os>`: `hvm`, `xen`, `exe` ...
    pub fn os_type(&self) -> Option<String> {
        word(self.root.child("os")?, "type").map(|kind| kind.trim().to_owned())
    }

    /// `machine` of `<os><type>`: the board that is emulated.
    pub fn board(&self) -> Option<String> {
        self.root.child("os")?.child("type")?.attribute("machine")
    }

    /// `arch` of `<os><type>`: the processor's architecture.
    pub fn architecture(&self) -> Option<String> {
        self.root.child("os")?.child("type")?.attribute("arch")
    }

    /// What runs first.
    pub fn firmware(&self) -> Firmware {
        Firmware::of(self.root)
    }

    /// What is tried when it boots, in this order: `<boot dev>` of `<os>`, or the devices' own `<boot order>`.
    pub fn boot(&self) -> Vec<BootStep<'d>> {
        start::boot(self.root)
    }

    /// `<clock>`.
    pub fn clock(&self) -> Option<Clock> {
        self.root.child("clock").map(Clock::of)
    }

    /// The children of `<features>`.
    pub fn features(&self) -> Vec<Feature> {
        start::features(self.root)
    }

    /// What follows when the guest ends.
    pub fn lifecycle(&self) -> Lifecycle {
        Lifecycle::of(self.root)
    }

    /// `<disk>`s: disks and drives with their media.
    pub fn disks(&self) -> impl Iterator<Item = Disk<'d>> + use<'d> {
        self.devices("disk").map(Disk::of)
    }

    /// `<interface>`s: network cards.
    pub fn interfaces(&self) -> impl Iterator<Item = Interface<'d>> + use<'d> {
        self.devices("interface").map(Interface::of)
    }

    /// `<graphics>`: how its screen is shown.
    pub fn graphics(&self) -> impl Iterator<Item = Graphics<'d>> + use<'d> {
        self.devices("graphics").map(Graphics::of)
    }

    /// `<serial>`s.
    pub fn serials(&self) -> impl Iterator<Item = Character<'d>> + use<'d> {
        self.devices("serial").map(Character::of)
    }

    /// `<console>`s; the first one is often a serial device again.
    pub fn consoles(&self) -> impl Iterator<Item = Character<'d>> + use<'d> {
        self.devices("console").map(Character::of)
    }

    /// `<memballoon>`.
    pub fn balloon(&self) -> Option<Balloon<'d>> {
        self.devices("memballoon").next().map(Balloon::of)
    }

    /// The devices of any kind, by the name of their element.
    pub fn devices(&self, name: &'d str) -> impl Iterator<Item = Element<'d>> + use<'d> {
        let devices = self.root.child("devices").into_iter();
        devices.flat_map(move |devices| devices.all(name))
    }
}

/// The text of a child.
fn word(parent: Element<'_>, name: &str) -> Option<String> {
    parent.child(name).map(|child| child.text())
}

/// What an attribute of a child says.
fn said(parent: Element<'_>, child: &str, attribute: &str) -> Option<String> {
    parent.child(child)?.attribute(attribute)
}

/// An attribute of a child as a number; what is none is nothing.
fn number(parent: Element<'_>, child: &str, attribute: &str) -> Option<u64> {
    said(parent, child, attribute)?.trim().parse().ok()
}

/// An amount beside its unit.
fn amount(parent: Element<'_>, element: &'static str) -> Result<Option<Amount>, XmlError> {
    let Some(node) = parent.child(element) else {
        return Ok(None);
    };
    let wanted = "an amount of memory, such as 1048576 with the unit KiB";
    of_element(node, "KiB")
        .map(Some)
        .ok_or(XmlError::Invalid { element, wanted })
}

#[cfg(test)]
mod tests;
