//! What a definition may reach that comes from somebody without rights on the host.
//!
//! Free: the machine's own files, common ones to read, and what its definition reaches already by the very same words. Everything else
//! needs `all` on the host: host devices, files elsewhere, programs, scripts, pass-through, networks of the host.
//!
//! A guest writes its own disk. If that is read as an image later, what the guest wrote decides which file of the host lies below it: so a
//! file keeps the format that it had, as far back as anybody remembers.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use archipel_domain::{Document, Element, Reach, ReachKind};
use archipel_protocol::{VmId, text::clean_line};

use crate::messages::Refusal;

/// Stands for the machine's id in the setting.
const PLACEHOLDER: &str = "{vm}";
/// Places that a refusal names.
const NAMED: usize = 4;
/// The longest value that a refusal shows, characters.
const SHOWN: usize = 80;
/// The format of bytes that mean nothing to the host.
const RAW: &str = "raw";
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

/// What is known of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// Its definition.
    pub(super) base: Option<&'a Document>,
    /// Its earlier ones.
    pub(super) earlier: &'a [Document],
    /// Files that libvirt has just made for it.
    pub(super) made: &'a [String],
}

/// Refuses what reaches beyond the machine and is not in its definition already.
pub(super) fn refuse_beyond(
    new: &Document,
    known: Known<'_>,
    vm: VmId,
    limits: &Limits,
) -> Result<(), Refusal> {
    let check = Check {
        vm,
        limits,
        units: known.base.map(units).unwrap_or_default(),
        known,
        new,
    };
    let reaches = new.reaches();
    let mut named: Vec<String> = reaches
        .iter()
        .filter_map(|reach| check.why(reach))
        .collect();
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
    known: Known<'a>,
    /// What the machine's definition says, piece by piece.
    units: Vec<String>,
    new: &'a Document,
}

impl Check<'_> {
    /// Why something is not free; `None`: it is.
    fn why(&self, reach: &Reach<'_>) -> Option<String> {
        if self.units.contains(&canonical(unit(reach.element))) {
            return None;
        }
        let what = reach.what();
        let what = what.trim();
        let is_free = match reach.kind {
            ReachKind::File => self.is_free_file(reach.element, what),
            ReachKind::Device => reach.element.name() == "backend" && CHANCE.contains(&what),
            ReachKind::Program => self.is_emulator(reach.element, what),
            _ => false,
        };
        if !is_free {
            return Some(told(reach));
        }
        let keeps = reach.kind != ReachKind::File || self.keeps_its_format(reach.element, what);
        (!keeps).then(|| {
            let shown = clean_line(what, SHOWN);
            format!("`{shown}` would be read in another format than before, and its guest wrote it")
        })
    }

    /// The machine's own file, or a common one that it only reads. What lies below an image is nobody's to choose.
    fn is_free_file(&self, element: Element<'_>, what: &str) -> bool {
        let folders = &self.limits.folders;
        let mut around = std::iter::successors(Some(element), Element::parent);
        !around.any(|outer| matches!(outer.name(), "backingStore" | "mirror"))
            && (is_own_file(what, self.vm, folders)
                || is_common_file(what, folders) && is_only_read(element))
    }

    fn is_emulator(&self, element: Element<'_>, what: &str) -> bool {
        let said = format!("<emulator>{what}</emulator>");
        element.name() == "emulator"
            && !what.contains(['<', '&'])
            && self.limits.capabilities.contains(&said)
    }

    /// Whether a disk is read as it always was. One of which nothing is remembered must not be there yet, or be of the agent's making.
    fn keeps_its_format(&self, source: Element<'_>, file: &str) -> bool {
        let Some(disk) = source.parent().filter(|disk| disk.name() == "disk") else {
            return true;
        };
        let said = format(disk);
        let texts = self.known.earlier.iter().chain(self.known.base);
        let before: Vec<String> = texts.flat_map(|text| formats(text, file)).collect();
        let now = formats(self.new, file);
        if before.iter().chain(&now).any(|format| *format != said) {
            return false;
        }
        said == RAW
            || !before.is_empty()
            || self.known.made.iter().any(|made| made == file)
            || is_absent(file)
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
            !own && !self.units.contains(&canonical(unit(*source)))
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
    let own: Vec<String> = folders
        .iter()
        .filter(|folder| folder.contains(PLACEHOLDER))
        .map(|folder| folder.replace(PLACEHOLDER, &vm.to_string()))
        .collect();
    lies_in(what, &own)
}

/// Whether a file lies where the files of all machines may lie that nobody writes: the setting names the folder without an id.
fn is_common_file(what: &str, folders: &[String]) -> bool {
    let common = folders
        .iter()
        .filter(|folder| !folder.contains(PLACEHOLDER));
    lies_in(what, &common.cloned().collect::<Vec<_>>())
}

/// Whether a disk is one that its guest cannot write.
fn is_only_read(source: Element<'_>) -> bool {
    let disk = source.parent().filter(|disk| disk.name() == "disk");
    disk.is_some_and(|disk| {
        let is_cdrom = disk.attribute("device").as_deref() == Some("cdrom");
        is_cdrom || disk.child("readonly").is_some()
    })
}

/// Written in the one way in which a path can be written, and without a link that leads out.
fn lies_in(what: &str, folders: &[String]) -> bool {
    let path = Path::new(what);
    let mut parts = path.components();
    let is_plain = parts.all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    let is_one = path.components().collect::<PathBuf>().as_os_str() == path.as_os_str();
    is_plain && is_one && path.is_absolute() && is_within(what, folders) && really(path, folders)
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

fn is_within(what: &str, folders: &[String]) -> bool {
    folders.iter().any(|folder| {
        let rest = what.strip_prefix(folder.as_str());
        rest.is_some_and(|rest| {
            rest.is_empty() || folder.ends_with('/') || rest.starts_with(['/', '-', '.'])
        })
    })
}

/// Links must not lead out. What is not on this machine cannot be followed.
fn really(path: &Path, folders: &[String]) -> bool {
    let Some(real) = real(path) else {
        return true;
    };
    real == path || real.to_str().is_some_and(|real| is_within(real, folders))
}

/// Whether nothing is there. What cannot be looked at may be.
fn is_absent(file: &str) -> bool {
    let found = Path::new(file).symlink_metadata();
    found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// As what a text has a file read.
fn formats(text: &Document, file: &str) -> Vec<String> {
    let devices = text.root().child("devices");
    let disks = devices.into_iter().flat_map(|devices| devices.all("disk"));
    let same = disks.filter(|disk| source_file(*disk).as_deref().map(str::trim) == Some(file));
    same.map(format).collect()
}

fn source_file(disk: Element<'_>) -> Option<String> {
    disk.child("source")?.attribute("file")
}

/// libvirt takes what is not said for raw.
fn format(disk: Element<'_>) -> String {
    let said = disk
        .child("driver")
        .and_then(|driver| driver.attribute("type"));
    said.unwrap_or_else(|| RAW.to_owned())
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
        let known = Known {
            base,
            ..Known::default()
        };
        let outcome = refuse_beyond(new, known, ID.parse().unwrap(), &limits);
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
            disk("/no/media/debian.iso", "raw").replace("<target", "<readonly/><target"),
            disk("/no/media/debian.iso", "raw")
                .replace("type='file'", "type='file' device='cdrom'"),
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
    fn no_way_of_writing_it_turns_a_guests_disk_into_an_image() {
        let file = format!("/no/images/{ID}/root");
        let base = devices(&disk(&file, "raw"));
        for other in ["//root", "/./root", "/root/", "/root/."] {
            let turned = devices(&disk(&format!("/no/images/{ID}{other}"), "qcow2"));
            assert!(refused(&turned, Some(&base)).is_some(), "{other}");
        }
        let below = "</source><backingStore type='file'><format type='qcow2'/><source file='FILE'/></backingStore>";
        let image = disk(&format!("/no/images/{ID}/new"), "qcow2").replace(
            "'/><target",
            &format!("'>{}<target", below.replace("FILE", &file)),
        );
        assert!(refused(&devices(&image), Some(&base)).is_some(), "{image}");
        let twice = devices(&(disk(&file, "raw") + &disk(&file, "qcow2").replace("vda", "vdb")));
        assert!(refused(&twice, Some(&base)).is_some());
    }

    #[test]
    fn a_format_is_remembered_when_the_disk_was_away() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let (there, new) = (
            folder.join(format!("{ID}-a")),
            folder.join(format!("{ID}-b")),
        );
        std::fs::write(&there, "what a guest wrote").unwrap();
        let text = |file: &Path, format: &str| devices(&disk(file.to_str().unwrap(), format));
        let limits = Limits {
            folders: vec![format!("{}/{PLACEHOLDER}", folder.display())],
            capabilities: String::new(),
        };
        let judge = |file: &Path, earlier: &[Document], made: &[String]| {
            let known = Known {
                base: None,
                earlier,
                made,
            };
            refuse_beyond(&text(file, "qcow2"), known, ID.parse().unwrap(), &limits).is_ok()
        };
        assert!(judge(&new, &[], &[]));
        assert!(!judge(&new, &[text(&new, "raw")], &[]));
        assert!(!judge(&there, &[], &[]));
        assert!(judge(&there, &[], &[there.to_str().unwrap().to_owned()]));
        assert!(judge(&there, &[text(&there, "qcow2")], &[]));
        assert!(!judge(
            &there,
            &[text(&there, "qcow2"), text(&there, "raw")],
            &[]
        ));
    }

    #[test]
    fn what_is_common_is_only_read() {
        let iso = "/no/media/debian.iso";
        assert!(refused(&devices(&disk(iso, "raw")), None).is_some());
        let log = format!("<serial type='file'><source path='{iso}'/></serial>");
        assert!(refused(&devices(&log), None).is_some());
        let folders = ["/no/media/".to_owned(), "/no/images/{vm}".to_owned()];
        let id = ID.parse().unwrap();
        assert!(!is_own_file(iso, id, &folders));
        assert!(is_own_file(&format!("/no/images/{ID}.raw"), id, &folders));
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
                Known::default(),
                ID.parse().unwrap(),
                &limits,
            )
        };
        assert!(judge("root.raw").is_ok());
        assert!(judge("out/passwd").is_err());
    }
}
