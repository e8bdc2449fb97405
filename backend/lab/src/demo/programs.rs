//! The programs the demo shows, from the folder of its own.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::Choices;
use crate::GuestImage;

/// Where the agent and the operator's program are.
pub(super) struct Programs {
    pub(super) agent: PathBuf,
    pub(super) operator: PathBuf,
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
        let own = std::env::current_exe().context("could not find the demo's own folder")?;
        let folder = own.parent().unwrap_or(Path::new("."));
        Ok(Programs {
            agent: built(folder, "archipel-agent")?,
            operator: built(folder, "archipel")?,
        })
    }
}

fn built(folder: &Path, name: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    if !path.is_file() {
        bail!(
            "`{}` is not built; run: cargo build --workspace",
            path.display()
        );
    }
    Ok(path)
}
