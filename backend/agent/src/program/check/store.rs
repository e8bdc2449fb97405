//! Whether the agent can keep what outlives it. The store itself is only read.

use std::{
    fs, io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    time::Duration,
};

use archipel_bus::probe::Check;
use archipel_config::finding::{Fault, Finding, Severity};

use super::{Host, existing};
use crate::store::{self, FILE};

pub(super) static CHECK: Check<Host> = Check {
    id: "store",
    about: "Whether the store can be written, is whole and is kept from others",
    deadline: Duration::from_mins(1),
    alone: false,
    faults: &[&UNWRITABLE, &DAMAGED, &SET_ASIDE, &EXPOSED],
    run: |host| Box::pin(run(host)),
};

static UNWRITABLE: Fault = Fault {
    id: "store.unwritable",
    severity: Severity::Problem,
    title: "The state folder cannot be written",
    why: "The agent does not start: it must note each operation before it acts, or it could do one twice.",
    todo: "Make the folder, owned by the agent's user, mode 0700; or correct state_dir in agent.toml.",
    prosody: "",
    ejabberd: "",
};

static DAMAGED: Fault = Fault {
    id: "store.damaged",
    severity: Severity::Problem,
    title: "The store is damaged",
    why: "Secrets of accounts, grants and the journal of operations are in it. At its next start the agent sets it aside and begins anew: machines come back from libvirt, secrets as far as they can be read, rights and tags do not.",
    todo: "Stop the agent, look at the disk, bring the file back from a backup.",
    prosody: "",
    ejabberd: "",
};

static SET_ASIDE: Fault = Fault {
    id: "store.set-aside",
    severity: Severity::Warning,
    title: "A damaged store was set aside",
    why: "The agent found it damaged when it started and began anew: whoever was granted something has to be granted it again, and the audit begins at 1.",
    todo: "Look at the disk; bring a backup back, or grant anew; then move the file that is named away.",
    prosody: "",
    ejabberd: "",
};

static EXPOSED: Fault = Fault {
    id: "store.exposed",
    severity: Severity::Problem,
    title: "Other users of this host can read the store",
    why: "It holds the secrets of the accounts that the agent made.",
    todo: "chmod 600 agent.sqlite3*; chmod 700 the folder around it.",
    prosody: "",
    ejabberd: "",
};

async fn run(host: &Host) -> Vec<Finding> {
    let folder = host.settings.state_dir.clone();
    let looked = tokio::task::spawn_blocking(move || look(&folder)).await;
    looked.unwrap_or_default()
}

fn look(folder: &Path) -> Vec<Finding> {
    let file = folder.join(FILE);
    let on = file.display().to_string();
    let mut found = Vec::new();
    if let Err(error) = try_to_write(&existing(folder)) {
        let seen = error.to_string();
        found.push(Finding::of(&UNWRITABLE, folder.display().to_string(), seen));
    }
    if !file.exists() {
        if found.is_empty() {
            found.push(Finding::ok(CHECK.id, on, "made at the first start"));
        }
        return found;
    }
    for aside in store::aside(folder) {
        found.push(Finding::of(&SET_ASIDE, aside.display().to_string(), ""));
    }
    if is_exposed(&file) {
        found.push(Finding::of(&EXPOSED, &on, ""));
    }
    match integrity(&file) {
        Ok(()) if found.is_empty() => found.push(Finding::ok(CHECK.id, on, "whole")),
        Ok(()) => {}
        Err(problem) => found.push(Finding::of(&DAMAGED, on, problem)),
    }
    found
}

/// Makes a file and removes it. Rights alone do not tell: a file system may be mounted for reading only.
fn try_to_write(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".archipel-check-{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(&probe)?;
    fs::remove_file(&probe)
}

fn is_exposed(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

/// The database's own quick check, beside an agent that may run.
fn integrity(file: &Path) -> Result<(), String> {
    let said = store::look(file)
        .and_then(|connection| {
            connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
        })
        .map_err(|error| error.to_string())?;
    if said == "ok" { Ok(()) } else { Err(said) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn found(folder: &Path) -> Vec<&'static str> {
        look(folder).iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn a_sound_store_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("a state? #1");
        assert_eq!(found(&state), ["store"]);
        assert!(!state.exists());
        drop(crate::store::Store::open(&state).unwrap());
        let before = fs::read_dir(&state).unwrap().count();
        assert_eq!(found(&state), ["store"]);
        assert_eq!(fs::read_dir(&state).unwrap().count(), before);
    }

    #[test]
    fn damage_and_exposure_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        drop(crate::store::Store::open(&state).unwrap());
        let file = state.join(FILE);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(found(&state), ["store.exposed"]);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&file, "SQLite format 3\0 and nothing else").unwrap();
        assert_eq!(found(&state), ["store.damaged"]);
        drop(crate::store::Store::open(&state).unwrap());
        assert_eq!(found(&state), ["store.set-aside"]);
        assert_eq!(found(Path::new("/proc/archipel")), ["store.unwritable"]);
    }
}
