//! `free`: removes the machine: its run, its definition, what was written about it, and of its disks what is asked for.

use archipel_domain::{Document, Kind};
use archipel_hypervisor::{Driver, ErrorKind, View};
use archipel_protocol::{
    Element, Failure, Request, VmId,
    vm_resources::{Action, Disks},
};

use super::{Answer, Call, Change, Outcome, copies};
use crate::{
    access::PolicyChange,
    definitions::{is_own_file, own_folder, read},
    host::Host,
    messages::Refusal,
    modules::{Note, Stop},
    store::Store,
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(free(host, call))
}

fn free(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::VmResources(Action::Free { disks }) = call.command.request else {
        return Err(call.unknown());
    };
    removal(host, call.vm()?, disks, Vec::new())
}

/// The removal of a machine that the agent looks after and that is not protected.
pub(crate) fn removal(
    host: &Host,
    vm: VmId,
    disks: Option<Disks>,
    payload: Vec<Element>,
) -> Result<Change, Failure> {
    let machine = host.state.machines.get(vm).ok_or(Refusal::NoMachine(vm))?;
    if !machine.managed {
        return Err(Refusal::NotManaged(machine.name.clone()).into());
    }
    if machine.protected {
        return Err(Refusal::Protected(machine.name.clone()).into());
    }
    if let Some(copies) = copies(host, vm).filter(|_| disks != Some(Disks::Keep)) {
        let name = machine.name.clone();
        return Err(Refusal::CopiesNeed { name, copies }.into());
    }
    let removal = Removal {
        vm,
        disks,
        folders: host.state.folders.clone(),
        changes: host.state.access.without(vm),
        store: host.tools.store.clone(),
    };
    Ok(Change {
        vm,
        verb: "free",
        act: Box::new(move |driver| removal.remove(driver, payload)),
        settled: |_| None,
    })
}

struct Removal {
    vm: VmId,
    disks: Option<Disks>,
    folders: Vec<String>,
    /// What takes away what is granted for it alone.
    changes: Vec<PolicyChange>,
    store: Store,
}

impl Removal {
    fn remove(&self, driver: &dyn Driver, payload: Vec<Element>) -> Result<Outcome, Stop> {
        let text = read(driver, self.vm, View::Next)?;
        let files = self.files(driver, text.as_deref())?;
        self.stop(driver)?;
        let remark = delete(driver, &files);
        if self.disks != Some(Disks::Keep) {
            self.delete_folders(driver);
        }
        let forgotten = self.store.forget_machine(self.vm, &self.changes);
        let policy = forgotten.map_err(|error| Stop::from(Refusal::Store(error.to_string())))?;
        let mut notes = vec![
            Note::Tagged(self.vm, Vec::new()),
            Note::Freed(self.vm),
            Note::Push("hypervisor", "free"),
        ];
        if !self.changes.is_empty() {
            notes.push(Note::Granted(Box::new(policy), self.changes.clone()));
        }
        notes.extend((!remark.is_empty()).then_some(Note::Remark(remark)));
        Ok(Outcome { payload, notes })
    }

    /// What is to be deleted, told before anything is lost.
    fn files(&self, driver: &dyn Driver, text: Option<&str>) -> Result<Vec<String>, Stop> {
        let Some(text) = text.filter(|_| self.disks != Some(Disks::Keep)) else {
            return Ok(Vec::new());
        };
        let mut files = disks(text);
        if self.disks.is_none() {
            files.retain(|file| is_own_file(file, self.vm, &self.folders));
        }
        let others = others(driver, self.vm)?;
        files.retain(|file| !others.contains(file));
        Ok(files)
    }

    /// A folder that is the machine's own goes when it is empty and a pool knows it; else it stays.
    fn delete_folders(&self, driver: &dyn Driver) {
        for folder in &self.folders {
            if let Some(own) = own_folder(folder, self.vm) {
                let _ = driver.delete_volume(&own);
            }
        }
    }

    fn stop(&self, driver: &dyn Driver) -> Result<(), Stop> {
        let persistent = match driver.domain(self.vm) {
            Ok(domain) => domain.persistent,
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if persistent {
            driver.undefine(self.vm)?;
        }
        match driver.power(self.vm, archipel_hypervisor::Power::Destroy) {
            Err(error) if error.kind != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Files that are this machine's disks, to write and for it alone.
fn disks(text: &str) -> Vec<String> {
    files(text, |disk| {
        let kind = disk.attribute("device");
        let is_disk = kind.is_none_or(|kind| kind == "disk");
        is_disk && disk.child("readonly").is_none() && disk.child("shareable").is_none()
    })
}

fn files(text: &str, wanted: impl Fn(archipel_domain::Element<'_>) -> bool) -> Vec<String> {
    let Ok(document) = Document::parse_as(Kind::Domain, text) else {
        return Vec::new();
    };
    let devices = document.root().child("devices");
    let disks = devices.into_iter().flat_map(|devices| devices.all("disk"));
    disks
        .filter(|disk| wanted(*disk))
        .filter_map(|disk| disk.child("source")?.attribute("file"))
        .collect()
}

/// Every file that other machines name.
fn others(driver: &dyn Driver, vm: VmId) -> Result<Vec<String>, Stop> {
    let mut named = Vec::new();
    for domain in driver.domains()?.iter().filter(|domain| domain.id != vm) {
        for view in [View::Next, View::Live] {
            // One that is gone meanwhile names nothing.
            if let Ok(text) = driver.secure_definition(domain.id, view) {
                named.extend(files(&text, |_| true));
            }
        }
    }
    Ok(named)
}

/// What could not be deleted stays, and is told.
fn delete(driver: &dyn Driver, files: &[String]) -> String {
    let kept: Vec<String> = files
        .iter()
        .filter_map(|file| {
            let error = driver.delete_volume(file).err()?;
            Some(format!("`{file}` stays: {error}"))
        })
        .collect();
    kept.join("; ")
}
