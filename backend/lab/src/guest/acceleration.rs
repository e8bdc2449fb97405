//! Whether the hardware helps.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::{GuestImage, READY};
use crate::wait::{Patience, until};
use crate::{Process, Scratch, guest_user, program};

/// How long KVM may take to show that it boots a Linux here.
const PROBE: Patience = Patience(Duration::from_secs(8));

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

    pub(super) fn domain_type(self) -> &'static str {
        match self {
            Acceleration::Kvm => "kvm",
            Acceleration::Tcg => "qemu",
        }
    }
}

async fn boots_under_kvm(image: &GuestImage) -> Result<bool> {
    let scratch = Scratch::new()?;
    fs::set_permissions(scratch.path(), fs::Permissions::from_mode(0o711))?;
    let output = scratch.path().join("serial");
    let command = guest_user::run_as(bare_qemu(image, scratch.path())?);
    let mut qemu = Process::spawn("QEMU", command, &output)?;
    until("a boot under KVM", PROBE, async || {
        let said = fs::read(&output).unwrap_or_default();
        let booted = String::from_utf8_lossy(&said).contains(READY);
        (booted || !qemu.is_running()).then_some(booted)
    })
    .await
}

/// A machine with a processor, memory and a serial line.
fn bare_qemu(image: &GuestImage, folder: &Path) -> Result<Command> {
    let (kernel, initrd) = image.copy_into(folder)?;
    let mut command = Command::new(program("qemu-system-x86_64").context("QEMU is not installed")?);
    command
        .args([
            "-nodefaults",
            "-no-user-config",
            "-accel",
            "kvm",
            "-m",
            "128",
        ])
        .args([
            "-display",
            "none",
            "-serial",
            "stdio",
            "-append",
            "console=ttyS0 quiet panic=-1",
        ])
        .arg("-kernel")
        .arg(kernel)
        .arg("-initrd")
        .arg(initrd);
    Ok(command)
}
