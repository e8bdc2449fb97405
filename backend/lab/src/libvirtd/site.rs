//! What a private daemon is made of, besides its process: a folder, settings, commands.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Driver;
use crate::{Process, Scratch, guest_user, program, watchdog};

/// A daemon's folder and how it is used.
#[derive(Debug)]
pub(super) struct Site {
    driver: Driver,
    scratch: Scratch,
}

impl Site {
    pub(super) fn new(driver: Driver) -> Result<Site> {
        let scratch = Scratch::new()?;
        // Nobody must be able to pass; the folder inside is its own.
        fs::set_permissions(scratch.path(), fs::Permissions::from_mode(0o711))?;
        let site = Site { driver, scratch };
        for folder in [
            "",
            "run",
            "config",
            "config/libvirt",
            "cache",
            "data",
            "images",
        ] {
            site.make_folder(folder)?;
        }
        site.write("config/libvirt/libvirtd.conf", &site.daemon_configuration())?;
        site.write(
            "config/libvirt/qemu.conf",
            include_str!("../../assets/qemu.conf"),
        )?;
        watchdog::end_guests_at_end(&site.home());
        Ok(site)
    }

    fn make_folder(&self, name: &str) -> Result<()> {
        let folder = self.home().join(name);
        fs::create_dir(&folder)
            .with_context(|| format!("could not make `{}`", folder.display()))?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        guest_user::hand_over(&folder)
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        guest_user::hand_over(&self.scratch.write(Path::new("home").join(name), text)?)
    }

    fn daemon_configuration(&self) -> String {
        format!(
            "auth_unix_rw = \"none\"\nhost_uuid = \"{}\"\nlog_outputs = \"2:file:{}\"\n",
            random_uuid(),
            self.log().display()
        )
    }

    pub(super) fn home(&self) -> PathBuf {
        self.scratch.path().join("home")
    }

    /// A file beside the daemon's home, for the lab's own use.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.home().join("run/libvirt/libvirt-sock")
    }

    fn log(&self) -> PathBuf {
        self.home().join("log")
    }

    pub(super) fn uri(&self) -> String {
        let driver = match self.driver {
            Driver::Test => "test+unix:///default",
            Driver::Qemu => "qemu+unix:///session",
        };
        format!("{driver}?socket={}", self.socket().display())
    }

    pub(super) fn spawn(&self) -> Result<Process> {
        let mut command = Command::new(program("libvirtd").context("libvirtd is not installed")?);
        command
            .arg("--config")
            .arg(self.home().join("config/libvirt/libvirtd.conf"))
            .arg("--pid-file")
            .arg(self.home().join("libvirtd.pid"))
            .current_dir("/");
        self.confine(&mut command);
        let output = self.file("output");
        Process::spawn("libvirtd", guest_user::run_as(command), &output)
    }

    /// Every folder a libvirt program would look for lies in ours.
    fn confine(&self, command: &mut Command) {
        let home = self.home();
        command
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .env("HOME", &home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_DATA_HOME", home.join("data"));
    }

    pub(super) fn virsh_command(&self) -> Command {
        let mut command = Command::new("virsh");
        self.confine(&mut command);
        command.args(["--quiet", "--connect", &self.uri()]);
        command
    }

    /// What the daemon has said.
    pub(super) fn logged(&self) -> String {
        [self.file("output"), self.log()]
            .iter()
            .filter_map(|file| fs::read_to_string(file).ok())
            .collect()
    }
}

/// A version 4 uuid.
fn random_uuid() -> String {
    let bits = rand::random::<u128>() & !(0xf << 76) | (0x4 << 76);
    let hex = format!("{bits:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}
