//! What a definition may reach that comes from somebody without rights on the host.
//!
//! Free: the machine's own files, and what its definition reaches already by the very same words. Everything else needs `all` on the
//! host: host devices, files elsewhere, programs, scripts, pass-through, networks of the host.

use std::path::{Component, Path, PathBuf};

use archipel_domain::{Document, Element, Reach, ReachKind};
use archipel_protocol::{VmId, text::clean_line};

use crate::messages::Refusal;

/// Stands for the machine's id in the setting.
const PLACEHOLDER: &str = "{vm}";
/// Places that a refusal names.
const NAMED: usize = 4;
/// The longest value that a refusal shows, characters.
const SHOWN: usize = 80;
/// Sources of chance that give nothing away.
const CHANCE: &[&str] = &["/dev/urandom", "/dev/random"];

/// What is free.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Where a machine's files lie, its id in the place of `{vm}`.
    pub(crate) folders: Vec<String>,
    /// libvirt's capabilities: the emulators in it are free.
    pub(crate) capabilities: String,
}

/// Refuses what reaches beyond the machine and is not in `base` already.
pub(super) fn refuse_beyond(
    new: &Document,
    base: Option<&Document>,
    vm: VmId,
    limits: &Limits,
) -> Result<(), Refusal> {
    let known: Vec<String> = base.map(units).unwrap_or_default();
    let check = Check {
        vm,
        limits,
        base,
        known,
    };
    let reaches = new.reaches();
    let beyond = reaches.iter().filter(|reach| !check.is_free(reach));
    let mut named: Vec<String> = beyond.map(told).collect();
    named.extend(check.volumes(new));
    if named.is_empty() {
        return Ok(());
    }
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    let mut text = named.join("; ");
    if more > 0 {
        text = format!("{text}; and {more} more");
    }
    Err(Refusal::Reaches(text))
}

fn told(reach: &Reach<'_>) -> String {
    format!("{reach} (`{}`)", clean_line(&reach.what(), SHOWN))
}

struct Check<'a> {
    vm: VmId,
    limits: &'a Limits,
    base: Option<&'a Document>,
    /// What the base says, piece by piece.
    known: Vec<String>,
}

impl Check<'_> {
    fn is_free(&self, reach: &Reach<'_>) -> bool {
        if self.known.contains(&canonical(unit(reach.element))) {
            return true;
        }
        let what = reach.what();
        let what = what.trim();
        match reach.kind {
            ReachKind::File => {
                is_own_file(what, self.vm, &self.limits.folders)
                    && self.keeps_its_format(reach.element, what)
            }
            ReachKind::Device => reach.element.name() == "backend" && CHANCE.contains(&what),
            ReachKind::Program => self.is_emulator(reach.element, what),
            _ => false,
        }
    }

    fn is_emulator(&self, element: Element<'_>, what: &str) -> bool {
        let said = format!("<emulator>{what}</emulator>");
        element.name() == "emulator"
            && !what.contains(['<', '&'])
            && self.limits.capabilities.contains(&said)
    }

    /// A guest writes its own disk: one that was raw and is read as an image from now on leads wherever the guest wrote.
    fn keeps_its_format(&self, source: Element<'_>, file: &str) -> bool {
        let Some(disk) = source.parent().filter(|disk| disk.name() == "disk") else {
            return true;
        };
        let devices = self.base.and_then(|base| base.root().child("devices"));
        let mut same = devices
            .into_iter()
            .flat_map(|devices| devices.all("disk"))
            .filter(|other| source_file(*other).as_deref() == Some(file));
        same.all(|other| format(other) == format(disk))
    }

    /// Volumes are files of the host under another name.
    fn volumes(&self, new: &Document) -> Vec<String> {
        let id = self.vm.to_string();
        let sources = new
            .root()
            .descendants()
            .filter(|element| element.name() == "source" && element.attribute("pool").is_some());
        let beyond = sources.filter(|source| {
            let own = source
                .attribute("volume")
                .is_some_and(|volume| volume.starts_with(&id));
            !own && !self.known.contains(&canonical(unit(*source)))
        });
        beyond
            .map(|source| {
                let volume = source.attribute("volume").unwrap_or_default();
                let path = new.path_to(&source);
                format!(
                    "/{path} reaches a volume of the host (`{}`)",
                    clean_line(&volume, SHOWN)
                )
            })
            .collect()
    }
}

/// Whether a file is the machine's own: as it is written, and where its folder really is.
pub(crate) fn is_own_file(what: &str, vm: VmId, folders: &[String]) -> bool {
    let path = Path::new(what);
    let plain = path
        .components()
        .all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    plain && path.is_absolute() && is_within(what, vm, folders) && really(path, vm, folders)
}

/// The folder in which the files of all machines lie, as `setting` says.
pub(crate) fn common_folder(setting: &str) -> String {
    let common = setting.split(PLACEHOLDER).next().unwrap_or_default();
    common.strip_suffix('/').unwrap_or(common).to_owned()
}

/// The folder of one machine that `setting` stands for; `None`: it is for many.
pub(crate) fn own_folder(setting: &str, vm: VmId) -> Option<String> {
    let own = setting.strip_suffix('/').unwrap_or(setting);
    own.ends_with(PLACEHOLDER)
        .then(|| own.replace(PLACEHOLDER, &vm.to_string()))
}

fn is_within(what: &str, vm: VmId, folders: &[String]) -> bool {
    let id = vm.to_string();
    folders.iter().any(|folder| {
        let folder = folder.replace(PLACEHOLDER, &id);
        let rest = what.strip_prefix(&folder);
        rest.is_some_and(|rest| {
            rest.is_empty() || folder.ends_with('/') || rest.starts_with(['/', '-', '.'])
        })
    })
}

/// Links must not lead out. What is not on this machine cannot be followed.
fn really(path: &Path, vm: VmId, folders: &[String]) -> bool {
    let Some(real) = real(path) else {
        return true;
    };
    real == path
        || real
            .to_str()
            .is_some_and(|real| is_within(real, vm, folders))
}

fn source_file(disk: Element<'_>) -> Option<String> {
    disk.child("source")?.attribute("file")
}

/// libvirt takes what is not said for raw.
fn format(disk: Element<'_>) -> String {
    let said = disk
        .child("driver")
        .and_then(|driver| driver.attribute("type"));
    said.unwrap_or_else(|| "raw".to_owned())
}

fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| {
        let folder = path.parent()?.canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    })
}

/// What is compared as a whole: a device, else the element itself.
fn unit(element: Element<'_>) -> Element<'_> {
    let mut outwards = std::iter::successors(Some(element), Element::parent);
    let device = outwards.find(|outer| {
        let around = outer.parent();
        around.is_some_and(|around| around.name() == "devices" && is_child_of_root(around))
    });
    device.unwrap_or(element)
}

fn is_child_of_root(element: Element<'_>) -> bool {
    element
        .parent()
        .is_some_and(|around| around.parent().is_none())
}

/// Every device and every element outside of devices.
fn units(document: &Document) -> Vec<String> {
    let all = document.root().descendants();
    let mut units: Vec<String> = all.map(|element| canonical(unit(element))).collect();
    units.sort();
    units.dedup();
    units
}

/// The same for texts that differ in white space, quotes and the order of attributes only.
fn canonical(element: Element<'_>) -> String {
    let mut attributes: Vec<(String, String)> = element
        .attributes()
        .map(|attribute| (attribute.name().to_owned(), attribute.value()))
        .collect();
    attributes.sort();
    let children: Vec<String> = element.children().map(canonical).collect();
    let text = if children.is_empty() {
        element.text()
    } else {
        String::new()
    };
    let around = element.parent().map(|parent| parent.name().to_owned());
    format!(
        "{around:?} {} {attributes:?} {:?} {children:?}",
        element.name(),
        text.trim()
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ID: &str = "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01";

    fn domain(inside: &str) -> Document {
        Document::parse(format!("<domain type='kvm'>{inside}</domain>")).unwrap()
    }

    fn devices(inside: &str) -> Document {
        domain(&format!("<devices>{inside}</devices>"))
    }

    fn refused(new: &Document, base: Option<&Document>) -> Option<String> {
        let limits = Limits {
            folders: vec!["/no/images/{vm}".into(), "/no/media/".into()],
            capabilities: "<emulator>/usr/bin/qemu-system-x86_64</emulator>".into(),
        };
        let outcome = refuse_beyond(new, base, ID.parse().unwrap(), &limits);
        outcome.err().map(|refusal| refusal.to_string())
    }

    fn disk(file: &str, format: &str) -> String {
        format!(
            "<disk type='file'><driver name='qemu' type='{format}'/><source file='{file}'/><target dev='vda'/></disk>"
        )
    }

    #[test]
    fn own_files_chance_and_the_usual_emulator_are_free() {
        for inside in [
            disk(&format!("/no/images/{ID}/root.qcow2"), "qcow2"),
            disk(&format!("/no/images/{ID}-vda.raw"), "raw"),
            disk("/no/media/debian.iso", "raw"),
            "<emulator>/usr/bin/qemu-system-x86_64</emulator>".to_owned(),
            "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>".to_owned(),
            "<interface type='network'><source network='default'/></interface>".to_owned(),
            format!("<disk type='volume'><source pool='p' volume='{ID}-vda'/></disk>"),
        ] {
            assert_eq!(refused(&devices(&inside), None), None, "{inside}");
        }
    }

    #[test]
    fn everything_else_is_named() {
        for inside in [
            disk("/etc/shadow", "raw"),
            disk(&format!("/no/images/{ID}/../../../etc/shadow"), "raw"),
            disk(&format!("/no/images/{ID}x/root.raw"), "raw"),
            disk("/no/images/other.raw", "raw"),
            "<disk type='block'><source dev='/dev/sda'/><target dev='vda'/></disk>".to_owned(),
            "<disk type='volume'><source pool='p' volume='other'/></disk>".to_owned(),
            "<hostdev mode='subsystem' type='pci'><source><address domain='0' bus='1' slot='0' function='0'/></source></hostdev>".to_owned(),
            "<emulator>/tmp/mine</emulator>".to_owned(),
            "<interface type='bridge'><source bridge='br0'/></interface>".to_owned(),
            "<interface type='ethernet'><script path='/tmp/x'/></interface>".to_owned(),
            "<filesystem type='mount'><source dir='/'/><target dir='root'/></filesystem>".to_owned(),
            "<rng model='virtio'><backend model='random'>/dev/sda</backend></rng>".to_owned(),
        ] {
            let text = refused(&devices(&inside), None).unwrap_or_else(|| inside.clone());
            assert!(text.contains("reaches"), "{text}");
        }
        let command = "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-x'/></qemu:commandline>";
        assert!(refused(&domain(command), None).is_some());
        assert!(refused(&domain("<os><kernel>/boot/vmlinuz</kernel></os>"), None).is_some());
    }

    #[test]
    fn what_is_there_already_stays_as_it_is_and_not_otherwise() {
        let given = "<hostdev mode='subsystem' type='usb'><source startupPolicy='optional'><vendor id='0x1'/></source></hostdev>";
        let same = given.replace('\'', "\"").replace("><", ">\n  <");
        let base = devices(given);
        assert_eq!(refused(&devices(&same), Some(&base)), None);
        let other = given.replace("0x1", "0x2");
        assert!(refused(&devices(&other), Some(&base)).is_some());
        let loader = |boot: &str| {
            domain(&format!(
                "<os><loader>/usr/share/x</loader><boot dev='{boot}'/></os>"
            ))
        };
        assert_eq!(refused(&loader("cdrom"), Some(&loader("hd"))), None);
    }

    #[test]
    fn a_disk_that_the_guest_wrote_keeps_its_format() {
        let file = format!("/no/images/{ID}/root");
        let base = devices(&disk(&file, "raw"));
        let turned = devices(&disk(&file, "qcow2"));
        assert!(refused(&turned, Some(&base)).is_some());
        assert_eq!(refused(&base, Some(&base)), None);
    }

    #[test]
    fn links_do_not_lead_out() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join(ID);
        std::fs::create_dir(&own).unwrap();
        std::os::unix::fs::symlink("/etc", own.join("out")).unwrap();
        let limits = Limits {
            folders: vec![format!(
                "{}/{PLACEHOLDER}",
                folder.path().canonicalize().unwrap().display()
            )],
            capabilities: String::new(),
        };
        let judge = |name: &str| {
            let file = format!(
                "{}/{ID}/{name}",
                folder.path().canonicalize().unwrap().display()
            );
            refuse_beyond(
                &devices(&disk(&file, "raw")),
                None,
                ID.parse().unwrap(),
                &limits,
            )
        };
        assert!(judge("root.raw").is_ok());
        assert!(judge("out/passwd").is_err());
    }
}
