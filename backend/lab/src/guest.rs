//! Real guests: a tiny Linux under QEMU.

mod acceleration;
mod image;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::template::render;
use crate::wait::{Patience, until};
use crate::{Libvirtd, Scratch, guest_user, program};

pub use acceleration::Acceleration;
pub use image::GuestImage;

/// What a guest's serial line says when its system is up.
const READY: &str = "LAB-GUEST-READY";

/// A guest without hardware help boots in three seconds on an idle machine, and shares a busy one.
const BOOT: Patience = Patience::seconds(120);

/// A guest defined under a private libvirt daemon. Its name and number give its uuid and hardware address.
#[derive(Debug, Clone)]
pub struct Guest {
    name: String,
    uuid: String,
    mac: String,
    disk: PathBuf,
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
        let guest = Guest {
            uuid: format!("6c616200-0000-4000-8000-{number:012x}"),
            mac: format!("52:54:00:6c:61:{number:02x}"),
            disk: images.join(format!("{name}.qcow2")),
            serial: images.join(format!("{name}.serial")),
            name,
        };
        make_disk(&guest.disk).await?;
        let scratch = Scratch::new()?;
        let definition = guest.definition(how, image.copy_into(&images)?)?;
        let file = scratch.write("guest.xml", &definition)?;
        libvirt
            .virsh(&["define", &file.display().to_string()])
            .await?;
        Ok(guest)
    }

    fn definition(
        &self,
        how: Acceleration,
        (kernel, initrd): (PathBuf, PathBuf),
    ) -> Result<String> {
        let emulator = program("qemu-system-x86_64").context("QEMU is not installed")?;
        let text = |path: &Path| path.display().to_string();
        Ok(render(
            include_str!("../assets/guest.xml"),
            &[
                ("TYPE", how.domain_type()),
                ("NAME", &self.name),
                ("UUID", &self.uuid),
                ("MAC", &self.mac),
                ("EMULATOR", &text(&emulator)),
                ("KERNEL", &text(&kernel)),
                ("INITRD", &text(&initrd)),
                ("DISK", &text(&self.disk)),
                ("SERIAL", &text(&self.serial)),
            ],
        ))
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
    let mut command = Command::new(program("qemu-img").context("qemu-img is not installed")?);
    command
        .args(["create", "-q", "-f", "qcow2"])
        .arg(disk)
        .arg("64M");
    let output = tokio::process::Command::from(guest_user::run_as(command))
        .output()
        .await?;
    ensure!(
        output.status.success(),
        "could not make a disk: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}
