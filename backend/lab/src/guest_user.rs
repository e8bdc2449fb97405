//! The user that libvirt daemons and their guests run as: oneself, but `nobody` in root's place.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

/// The user and group that own nothing.
const NOBODY: u32 = 65534;

/// Gives a file or folder to that user.
pub(crate) fn hand_over(path: &Path) -> Result<()> {
    if is_nobody() {
        chown(path, Some(NOBODY), Some(NOBODY))
            .with_context(|| format!("could not give `{}` to nobody", path.display()))?;
    }
    Ok(())
}

/// Makes a command run as that user.
pub(crate) fn run_as(mut command: Command) -> Command {
    if is_nobody() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn is_nobody() -> bool {
    rustix::process::geteuid().is_root()
}
