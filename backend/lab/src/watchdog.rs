//! Nothing outlives the process that started it, however that process ends.
//!
//! A dropped owner stops what it started. A killed process drops nothing, and neither does a static at a normal
//! end. So one small shell per process listens on a pipe to which the lab writes what is alive; the kernel closes
//! that pipe when the process is gone, and the shell then ends and removes what is still on its list.

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

const SCRIPT: &str = include_str!("../assets/watchdog.sh");

/// The pipe; `None` where no shell could be started, and then only the owners clean up.
static PIPE: OnceLock<Option<Mutex<ChildStdin>>> = OnceLock::new();

/// Ends the process group `pid` at the end.
pub(crate) fn end_at_end(pid: u32) {
    tell("+", "group", OsStr::new(&pid.to_string()));
}

/// The process group is gone; its number may soon be another's.
pub(crate) fn ended(pid: u32) {
    tell("-", "group", OsStr::new(&pid.to_string()));
}

/// Ends the guests of the libvirt daemon that lives in `home` at the end.
pub(crate) fn end_guests_at_end(home: &Path) {
    tell("+", "guests", home.as_os_str());
}

/// Its guests are ended already.
pub(crate) fn guests_ended(home: &Path) {
    tell("-", "guests", home.as_os_str());
}

/// Removes the folder or file at the end.
pub(crate) fn remove_at_end(path: &Path) {
    tell("+", "path", path.as_os_str());
}

/// The path is gone already, or shall stay.
pub(crate) fn keep(path: &Path) {
    tell("-", "path", path.as_os_str());
}

fn tell(sign: &str, kind: &str, value: &OsStr) {
    let Some(pipe) = PIPE.get_or_init(start) else {
        return;
    };
    let mut line = format!("{sign} {kind} ").into_bytes();
    line.extend_from_slice(value.as_bytes());
    line.push(b'\n');
    let mut pipe = pipe.lock().unwrap_or_else(PoisonError::into_inner);
    // A lost watchdog costs the clean-up after a crash, nothing else.
    let _ = pipe.write_all(&line);
}

fn start() -> Option<Mutex<ChildStdin>> {
    let child = Command::new("/bin/sh")
        .args(["-c", SCRIPT, "archipel-lab-watchdog"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Out of reach of an interrupt typed at the terminal.
        .process_group(0)
        .current_dir("/")
        .spawn();
    child.ok()?.stdin.map(Mutex::new)
}
