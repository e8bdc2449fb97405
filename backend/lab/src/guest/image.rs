//! The kernel and the initial file system of a guest.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use directories::ProjectDirs;

use crate::guest_user;

const MAKE: &str = include_str!("../../assets/mk-guest.sh");

/// A kernel and an initial file system, kept in the user's cache folder.
#[derive(Debug, Clone)]
pub struct GuestImage {
    folder: PathBuf,
}

impl GuestImage {
    /// The programs guests need, for [`crate::missing`].
    pub const PROGRAMS: [&'static str; 5] = [
        "libvirtd",
        "qemu-system-x86_64",
        "qemu-img",
        "busybox",
        "cpio",
    ];

    /// The cached image, made now if there is none.
    ///
    /// # Errors
    ///
    /// When no kernel can be had: neither a package to download nor a readable one under `/boot`.
    pub async fn get() -> Result<GuestImage> {
        let cache = cache_folder()?;
        // Another recipe makes another image.
        let image = GuestImage {
            folder: cache.join(format!("guest-{:08x}", checksum(MAKE))),
        };
        if !image.initrd().is_file() {
            image
                .make(&cache)
                .await
                .context("could not make a guest's kernel and initial file system")?;
        }
        Ok(image)
    }

    /// The kernel.
    pub fn kernel(&self) -> PathBuf {
        self.folder.join("vmlinuz")
    }

    /// The compressed initial file system.
    pub fn initrd(&self) -> PathBuf {
        self.folder.join("initrd.gz")
    }

    /// Made aside and moved into place at once: another process may want it too.
    async fn make(&self, cache: &Path) -> Result<()> {
        std::fs::create_dir_all(cache)?;
        let aside = tempfile::Builder::new()
            .prefix("making-")
            .tempdir_in(cache)?;
        let output = tokio::process::Command::new("/bin/sh")
            .args(["-c", MAKE, "mk-guest"])
            .arg(aside.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        let moved = std::fs::rename(aside.path(), &self.folder);
        ensure!(
            moved.is_ok() || self.initrd().is_file(),
            "could not write `{}`",
            self.folder.display()
        );
        Ok(())
    }

    /// Copies kernel and initial file system to where the guest's user may read them.
    pub(super) fn copy_into(&self, folder: &Path) -> Result<(PathBuf, PathBuf)> {
        let copy = |from: PathBuf, name: &str| -> Result<PathBuf> {
            let to = folder.join(name);
            if !to.exists() {
                std::fs::copy(&from, &to)
                    .with_context(|| format!("could not copy `{}`", from.display()))?;
                guest_user::hand_over(&to)?;
            }
            Ok(to)
        };
        Ok((
            copy(self.kernel(), "vmlinuz")?,
            copy(self.initrd(), "initrd.gz")?,
        ))
    }
}

fn cache_folder() -> Result<PathBuf> {
    let places =
        ProjectDirs::from("", "", "archipel-lab").context("this user has no home folder")?;
    Ok(places.cache_dir().to_owned())
}

/// FNV-1a, 32 bits: tells two recipes apart, guards nothing.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
