//! The programs the demo shows, from the folder of its own.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::Choices;
use crate::GuestImage;

/// Where the operator's program is.
pub(super) struct Operator(pub(super) PathBuf);

/// Where the agent and the operator's program are.
pub(super) struct Programs {
    pub(super) agent: PathBuf,
    pub(super) operator: Operator,
}

/// Finds the operator's program, and refuses to begin without the server.
pub(super) fn operator() -> Result<Operator> {
    if let Some(reason) = crate::missing(&["prosody"]) {
        bail!("{reason}");
    }
    built("archipel").map(Operator)
}

impl Programs {
    /// Finds them, and refuses to begin when anything else is missing.
    pub(super) fn find(choices: Choices) -> Result<Programs> {
        let mut needed = vec!["prosody", "libvirtd", "virsh"];
        if choices.real_guests {
            needed.extend(GuestImage::PROGRAMS);
        }
        if let Some(reason) = crate::missing(&needed) {
            bail!("{reason}");
        }
        Ok(Programs {
            agent: built("archipel-agent")?,
            operator: Operator(built("archipel")?),
        })
    }
}

/// The program of this name beside the demo's own.
fn built(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context("could not find the demo's own folder")?;
    let path = own.with_file_name(name);
    if !path.is_file() {
        bail!(
            "`{}` is not built; run: cargo build --workspace",
            path.display()
        );
    }
    Ok(path)
}
