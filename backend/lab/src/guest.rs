//! Real guests: a tiny Linux under QEMU.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use directories::ProjectDirs;

use crate::wait::{Patience, until};
use crate::{Libvirtd, Process, Scratch, program};

const MAKE: &str = include_str!("../assets/mk-guest.sh");
const DEFINITION: &str = include_str!("../assets/guest.xml");

/// What a guest's serial line says when its system is up.
const READY: &str = "LAB-GUEST-READY";

/// How long KVM may take to show that it boots a Linux here.
const PROBE: Patience = Patience(Duration::from_secs(8));

/// A guest without hardware help boots in three seconds on an idle machine, and shares a busy one.
const BOOT: Patience = Patience::seconds(120);

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
}

/// How a guest's processor is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceleration {
    /// By the hardware.
    Kvm,
    /// By QEMU's translator: slower to boot, works everywhere.
    Tcg,
}

impl Acceleration {
    /// KVM if it boots the guest within eight seconds here, else TCG: `/dev/kvm` alone proves little, a nested one
    /// may open and then crawl.
    pub async fn probe(image: &GuestImage) -> Acceleration {
        if !Path::new("/dev/kvm").exists() {
            return Acceleration::Tcg;
        }
        match boots_under_kvm(image).await {
            Ok(true) => Acceleration::Kvm,
            _ => Acceleration::Tcg,
        }
    }

    fn domain_type(self) -> &'static str {
        match self {
            Acceleration::Kvm => "kvm",
            Acceleration::Tcg => "qemu",
        }
    }
}

async fn boots_under_kvm(image: &GuestImage) -> Result<bool> {
    let scratch = Scratch::new()?;
    std::fs::set_permissions(
        scratch.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )?;
    let (kernel, initrd) = image.copy_into(scratch.path())?;
    let mut command =
        std::process::Command::new(program("qemu-system-x86_64").context("no QEMU here")?);
    command
        .args([
            "-nodefaults",
            "-no-user-config",
            "-accel",
            "kvm",
            "-m",
            "128",
            "-display",
            "none",
            "-serial",
            "stdio",
        ])
        .arg("-kernel")
        .arg(kernel)
        .arg("-initrd")
        .arg(initrd)
        .args(["-append", "console=ttyS0 quiet panic=-1"]);
    let output = scratch.path().join("serial");
    let mut qemu = Process::spawn("QEMU", Libvirtd::as_guest_user(command), &output)?;
    until("a boot under KVM", PROBE, async || {
        let said = std::fs::read(&output).unwrap_or_default();
        let booted = String::from_utf8_lossy(&said).contains(READY);
        (booted || !qemu.is_running()).then_some(booted)
    })
    .await
}

impl GuestImage {
    /// Copies kernel and initial file system to where the guest's user may read them.
    fn copy_into(&self, folder: &Path) -> Result<(PathBuf, PathBuf)> {
        let copy = |from: PathBuf, name: &str| -> Result<PathBuf> {
            let to = folder.join(name);
            if !to.exists() {
                std::fs::copy(&from, &to)
                    .with_context(|| format!("could not copy `{}`", from.display()))?;
                Libvirtd::hand_over(&to)?;
            }
            Ok(to)
        };
        Ok((
            copy(self.kernel(), "vmlinuz")?,
            copy(self.initrd(), "initrd.gz")?,
        ))
    }
}

/// A guest defined under a private libvirt daemon. Its name and number give its uuid and hardware address.
#[derive(Debug, Clone)]
pub struct Guest {
    name: String,
    uuid: String,
    serial: PathBuf,
}

impl Guest {
    /// Defines guest `number` (1 to 255) with a 64 MiB disk of its own; does not start it.
    ///
    /// # Errors
    ///
    /// When its files cannot be made or libvirt refuses the definition.
    pub async fn define(
        libvirt: &Libvirtd,
        image: &GuestImage,
        how: Acceleration,
        number: u8,
    ) -> Result<Guest> {
        let name = format!("guest{number:02}");
        let images = libvirt.images();
        let (kernel, initrd) = image.copy_into(&images)?;
        let disk = images.join(format!("{name}.qcow2"));
        make_disk(&disk).await?;
        let guest = Guest {
            uuid: format!("6c616200-0000-4000-8000-{number:012x}"),
            serial: images.join(format!("{name}.serial")),
            name,
        };
        let place = |path: &Path| path.display().to_string();
        let xml = crate::template::render(
            DEFINITION,
            &[
                ("TYPE", how.domain_type()),
                ("NAME", &guest.name),
                ("UUID", &guest.uuid),
                ("MAC", &format!("52:54:00:6c:61:{number:02x}")),
                (
                    "EMULATOR",
                    &place(&program("qemu-system-x86_64").context("QEMU is not installed")?),
                ),
                ("KERNEL", &place(&kernel)),
                ("INITRD", &place(&initrd)),
                ("DISK", &place(&disk)),
                ("SERIAL", &place(&guest.serial)),
            ],
        );
        let scratch = Scratch::new()?;
        let file = scratch.write("guest.xml", &xml)?;
        libvirt.virsh(&["define", &place(&file)]).await?;
        Ok(guest)
    }

    /// Its name in libvirt.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its uuid.
    pub fn uuid(&self) -> &str {
        &self.uuid
    }

    /// What its serial line has said since it was defined, over all its boots.
    pub fn serial(&self) -> String {
        let said = std::fs::read(&self.serial).unwrap_or_default();
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Waits until its system has come up `times` times since it was defined.
    ///
    /// # Errors
    ///
    /// When that does not come; the text holds the end of its serial line.
    pub async fn wait_for_boot(&self, times: usize) -> Result<()> {
        let what = format!("boot {times} of `{}`", self.name);
        let booted = until(&what, BOOT, async || {
            (self.serial().matches(READY).count() >= times).then_some(())
        });
        if let Err(error) = booted.await {
            let serial = self.serial();
            let end: Vec<&str> = serial.lines().rev().take(10).collect();
            bail!("{error}; the end of its serial line, last first: {end:?}");
        }
        Ok(())
    }
}

async fn make_disk(disk: &Path) -> Result<()> {
    let mut command =
        std::process::Command::new(program("qemu-img").context("qemu-img is not installed")?);
    command
        .args(["create", "-q", "-f", "qcow2"])
        .arg(disk)
        .arg("64M");
    let output = tokio::process::Command::from(Libvirtd::as_guest_user(command))
        .output()
        .await?;
    ensure!(
        output.status.success(),
        "could not make a disk: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
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
