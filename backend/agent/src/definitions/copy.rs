//! A copy of a machine: its disks by libvirt's storage calls, then its definition, with what belongs to one machine alone left out.

use archipel_domain::{Document, Edit, Element, Path, PathError};
use archipel_hypervisor::{Copying, Driver, View, Volume, VolumeCopy};
use archipel_protocol::VmId;

use super::{Definition, New, Writer, read};
use crate::{
    messages::Refusal,
    modules::{Making, Note, Outcome, Stop},
    store::Store,
};

/// A copy that is to be made.
#[derive(Debug)]
pub(crate) struct Copy {
    /// Of this machine.
    pub(crate) of: VmId,
    /// Whose name this is.
    pub(crate) name: String,
    /// The new machine.
    pub(crate) vm: VmId,
    /// How its disks are made.
    pub(crate) how: Copying,
    pub(crate) store: Store,
}

/// A disk that gets a file of its own.
struct Disk {
    /// Where it stands in the definition.
    path: Path,
    /// What it is called in the guest: `vda`.
    target: String,
    file: String,
    format: String,
}

impl Copy {
    /// All of it, or nothing: what was made is removed where something fails.
    pub(crate) fn make(self, driver: &dyn Driver, making: Making) -> Result<Outcome, Stop> {
        let text = self.at_rest(driver)?;
        let definition = Definition::parse(&text)?;
        let disks = self.disks(definition.document())?;
        let mut made = Vec::new();
        let done = self.steps(driver, &making.writer, &definition, &disks, &mut made);
        let done = done.and_then(|()| self.unchanged(driver, &text));
        let base = (self.how == Copying::Linked && !disks.is_empty()).then_some(self.of);
        match done.and_then(|()| making.keep(driver, base)) {
            Ok(mut outcome) => {
                outcome
                    .notes
                    .push(Note::Remark(format!("of `{}`", self.name)));
                Ok(outcome)
            }
            Err(why) => {
                self.give_up(driver, &made);
                Err(why)
            }
        }
    }

    /// The definition of the machine, which must be off.
    fn at_rest(&self, driver: &dyn Driver) -> Result<String, Stop> {
        let domain = driver.domain(self.of)?;
        if domain.state.is_active() || domain.saved {
            return Err(Refusal::NotOff(self.name.clone()).into());
        }
        let text = read(driver, self.of, View::Next)?;
        Ok(text.ok_or_else(|| Refusal::NotDefined(self.name.clone()))?)
    }

    /// Others may act by other ways than the agent.
    fn unchanged(&self, driver: &dyn Driver, before: &str) -> Result<(), Stop> {
        match self.at_rest(driver) {
            Ok(text) if text == before => Ok(()),
            _ => Err(Refusal::ChangedMeanwhile(self.name.clone()).into()),
        }
    }

    fn steps(
        &self,
        driver: &dyn Driver,
        writer: &Writer,
        definition: &Definition,
        disks: &[Disk],
        made: &mut Vec<Volume>,
    ) -> Result<(), Stop> {
        for disk in disks {
            made.push(self.disk(driver, disk)?);
        }
        let edits = edits(definition.document(), disks, made).map_err(|why| bad(&why))?;
        let copied = definition.document().edited(&edits);
        let copied = copied.map_err(|why| bad(&why))?.document;
        let files = made.iter().map(|volume| volume.path.clone()).collect();
        let new = New::Copy(copied.into_text(), files);
        writer.write(driver, &new).map(drop)
    }

    /// Noted before it is made, so that one that an agent left half made is found.
    fn disk(&self, driver: &dyn Driver, disk: &Disk) -> Result<Volume, Stop> {
        let name = format!("{}-{}.{}", self.vm, disk.target, self.format(disk));
        let folder = disk.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let noted = self.store.begin_file(self.vm, &format!("{folder}/{name}"));
        noted.map_err(|error| Stop::from(Refusal::Store(error.to_string())))?;
        let copied = driver.copy_volume(&VolumeCopy {
            from: disk.file.clone(),
            format: disk.format.clone(),
            name,
            how: self.how,
        });
        copied.map_err(|error| match error.kind {
            archipel_hypervisor::ErrorKind::NotFound => self.no_file(disk).into(),
            _ => error.into(),
        })
    }

    fn format<'a>(&self, disk: &'a Disk) -> &'a str {
        match self.how {
            Copying::Full => &disk.format,
            Copying::Linked => "qcow2",
        }
    }

    fn no_file(&self, disk: &Disk) -> Refusal {
        Refusal::NoFile {
            name: self.name.clone(),
            disk: disk.target.clone(),
        }
    }

    /// The disks that are the machine's alone; what is only read, or shared on purpose, both may use.
    fn disks(&self, document: &Document) -> Result<Vec<Disk>, Refusal> {
        let devices = document.root().child("devices");
        let all = devices.into_iter().flat_map(|devices| devices.all("disk"));
        all.filter(|disk| is_own(*disk))
            .map(|disk| {
                let said = |child: &str, name: &str| disk.child(child)?.attribute(name);
                let found = Disk {
                    path: document.path_to(&disk),
                    target: said("target", "dev").unwrap_or_default(),
                    file: said("source", "file").unwrap_or_default(),
                    format: said("driver", "type").unwrap_or_else(|| "raw".to_owned()),
                };
                if found.file.is_empty() || !is_plain(&found.target) || !is_plain(&found.format) {
                    return Err(self.no_file(&found));
                }
                Ok(found)
            })
            .collect()
    }

    /// What cannot be removed now is tried again when the agent starts.
    fn give_up(&self, driver: &dyn Driver, made: &[Volume]) {
        // It may be that nothing was defined yet.
        let _ = driver.undefine(self.vm);
        let mut left = false;
        for volume in made {
            if let Err(error) = driver.delete_volume(&volume.path) {
                tracing::warn!(%error, path = volume.path, "a file of a copy that failed stays");
                left = true;
            }
        }
        if !left && let Err(error) = self.store.forget_machine(self.vm, &[]) {
            tracing::warn!(%error, "a copy that failed is still noted");
        }
    }
}

/// A disk to write that no other machine is meant to share.
fn is_own(disk: Element<'_>) -> bool {
    let kind = disk.attribute("device");
    let is_disk = kind.is_none_or(|kind| kind == "disk" || kind == "lun");
    is_disk && disk.child("readonly").is_none() && disk.child("shareable").is_none()
}

/// What may become part of the name of a file.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// What makes of a definition that of a copy: other files, and nothing that only one machine may have.
fn edits(document: &Document, disks: &[Disk], made: &[Volume]) -> Result<Vec<Edit>, PathError> {
    let mut edits = Vec::new();
    for (disk, volume) in disks.iter().zip(made) {
        for (what, value) in [
            ("source/@file", &volume.path),
            ("driver/@type", &volume.format),
        ] {
            let path = format!("{}/{what}", disk.path).parse()?;
            edits.push(Edit::set(path, value.as_str()));
        }
    }
    let mut gone: Vec<Edit> = one_of_a_kind(document.root())
        .map(|element| Edit::Remove {
            path: document.path_to(&element),
        })
        .collect();
    // From the end on: a path counts what stands before it.
    gone.reverse();
    edits.extend(gone);
    Ok(edits)
}

/// What libvirt makes anew for a machine that lacks it: ids, addresses of interfaces, firmware's variables, what lies below a disk.
fn one_of_a_kind(root: Element<'_>) -> impl Iterator<Item = Element<'_>> {
    let device = |name, child| {
        let devices = root.child("devices").into_iter();
        let all = devices.flat_map(move |devices| devices.all(name));
        all.filter_map(move |device| device.child(child))
    };
    let below = |parent: &str, child| root.child(parent).and_then(|parent| parent.child(child));
    let system = below("sysinfo", "system").into_iter();
    let entries = system.flat_map(|system| system.all("entry"));
    let named = |entry: &Element<'_>| entry.attribute("name").is_some_and(|name| name == "uuid");
    let ids = [
        root.child("uuid"),
        root.child("genid"),
        below("os", "nvram"),
    ];
    ids.into_iter()
        .flatten()
        .chain(entries.filter(named))
        .chain(device("disk", "backingStore"))
        .chain(device("interface", "mac"))
}

fn bad(why: &impl ToString) -> Refusal {
    Refusal::BadDefinition(why.to_string())
}
