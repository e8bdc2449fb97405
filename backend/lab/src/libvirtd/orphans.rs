//! Guests whose daemon is gone.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

/// Kills the guests of the daemon that lived in `home`: QEMU put itself out of every group of ours. A pid file's number
/// is believed only if that process names the folder on its command line, for it may be another's by now.
pub(super) fn end_guests(home: &Path) {
    let files = fs::read_dir(home.join("run/libvirt/qemu/run"));
    for entry in files.into_iter().flatten().flatten() {
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "pid")
        {
            let number = fs::read_to_string(entry.path()).unwrap_or_default();
            end_guest(number.trim(), home);
        }
    }
}

fn end_guest(number: &str, home: &Path) {
    let command_line = fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
    if !String::from_utf8_lossy(&command_line).contains(&*home.to_string_lossy()) {
        return;
    }
    if let Some(pid) = number.parse().ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::KILL);
    }
}
