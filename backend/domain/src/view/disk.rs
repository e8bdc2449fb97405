//! Disks and drives.

use super::{number, said, word};
use crate::Element;

/// `<disk>`.
#[derive(Debug, Clone)]
pub struct Disk<'d> {
    /// The element itself.
    pub element: Element<'d>,
    /// `device`: `disk`, `cdrom`, `floppy`, `lun`; libvirt takes `disk` where nothing is said.
    pub device: String,
    /// `dev` of `<target>`: its name, as in `vda`.
    pub target: Option<String>,
    /// `bus` of `<target>`.
    pub bus: Option<String>,
    /// `<source>`: what is behind it; a drive may be empty.
    pub source: DiskSource,
    /// `type` of `<driver>`: the image's format.
    pub format: Option<String>,
    /// `cache` of `<driver>`.
    pub cache: Option<String>,
    /// `discard` of `<driver>`: whether the guest may give space back.
    pub discard: Option<String>,
    /// `<serial>`: the number that the guest sees.
    pub serial: Option<String>,
    /// `<readonly>`.
    pub is_readonly: bool,
    /// `<shareable>`.
    pub is_shareable: bool,
    /// `order` of `<boot>`, from 1.
    pub boot_order: Option<u64>,
}

/// What is behind a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskSource {
    /// A drive without a medium.
    Empty,
    /// `file`: an image on the host.
    File(String),
    /// `dev`: a device of the host.
    Device(String),
    /// `dir`: a folder of the host, shown as a disk.
    Folder(String),
    /// `pool` and `volume`.
    Volume {
        /// The pool's name.
        pool: String,
        /// The volume's name.
        volume: String,
    },
    /// `protocol`, `name` and the first `<host>`: over the network.
    Network {
        /// `rbd`, `iscsi`, `nbd`, `https` ...
        protocol: String,
        /// What it is called there.
        name: Option<String>,
        /// `name` of the first `<host>`.
        host: Option<String>,
    },
    /// Anything else, by the disk's `type`.
    Other(String),
}

impl<'d> Disk<'d> {
    pub(super) fn of(element: Element<'d>) -> Disk<'d> {
        Disk {
            element,
            device: element
                .attribute("device")
                .unwrap_or_else(|| "disk".to_owned()),
            target: said(element, "target", "dev"),
            bus: said(element, "target", "bus"),
            source: DiskSource::of(element),
            format: said(element, "driver", "type"),
            cache: said(element, "driver", "cache"),
            discard: said(element, "driver", "discard"),
            serial: word(element, "serial"),
            is_readonly: element.child("readonly").is_some(),
            is_shareable: element.child("shareable").is_some(),
            boot_order: number(element, "boot", "order"),
        }
    }
}

impl DiskSource {
    fn of(disk: Element<'_>) -> DiskSource {
        let said = |name| said(disk, "source", name);
        let kind = disk.attribute("type").unwrap_or_else(|| "file".to_owned());
        let source = match kind.as_str() {
            "file" => said("file").map(DiskSource::File),
            "block" => said("dev").map(DiskSource::Device),
            "dir" => said("dir").map(DiskSource::Folder),
            "volume" => said("pool")
                .zip(said("volume"))
                .map(|(pool, volume)| DiskSource::Volume { pool, volume }),
            "network" => said("protocol").map(|protocol| DiskSource::Network {
                protocol,
                name: said("name"),
                host: disk
                    .child("source")
                    .and_then(|source| super::said(source, "host", "name")),
            }),
            _ => disk
                .child("source")
                .map(|_| DiskSource::Other(kind.clone())),
        };
        source.unwrap_or(DiskSource::Empty)
    }
}
