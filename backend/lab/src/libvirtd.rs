//! A private libvirt daemon.
//!
//! It runs in libvirt's *session* manner: an ordinary user's daemon, all of whose folders hang on `HOME` and the `XDG_*`
//! variables. Those point into a folder of its own, so neither the system's libvirt nor the user's is touched or
//! even looked at, and any number of daemons run side by side. Root's daemons run as `nobody`: libvirt gives root
//! no session, and a second system daemon would fight the first one over its locks.

mod keeper;
mod orphans;
mod site;

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::scratch::write_private;
use crate::{Process, watchdog};

use keeper::Keeper;
use site::Site;

/// Which of libvirt's drivers is used through the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// `test:///default`: machines that exist in the daemon's memory, shared by all its clients. They are gone after
    /// a restart, which begins with the stock domain `test` again.
    Test,
    /// Real guests under QEMU, with user-mode networking. They survive the daemon.
    Qemu,
}

/// A running private libvirt daemon. Dropping it kills it and its guests and removes its folder.
#[derive(Debug)]
pub struct Libvirtd {
    process: Process,
    /// `None` while the daemon is stopped.
    keeper: Option<Keeper>,
    site: Site,
}

impl Libvirtd {
    /// Starts a daemon for this driver and waits until it answers.
    ///
    /// # Errors
    ///
    /// When libvirt is not installed, or the daemon ends or does not answer; the text holds what it logged.
    pub async fn start(driver: Driver) -> Result<Libvirtd> {
        if let Some(reason) = crate::missing(&["libvirtd", "virsh"]) {
            return Err(anyhow!(reason).context("could not start a private libvirt daemon"));
        }
        let site = Site::new(driver)?;
        let mut process = site.spawn()?;
        let keeper = Keeper::open(&site, &mut process).await?;
        Ok(Libvirtd {
            process,
            keeper: Some(keeper),
            site,
        })
    }

    /// The URI under which anybody on this machine who may enter its folder reaches the driver.
    pub fn uri(&self) -> String {
        self.site.uri()
    }

    /// The daemon's socket.
    pub fn socket(&self) -> PathBuf {
        self.site.socket()
    }

    /// A folder the daemon's guests can read and write, for their images.
    pub fn images(&self) -> PathBuf {
        self.site.home().join("images")
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Runs one virsh command against it and returns what it printed.
    ///
    /// # Errors
    ///
    /// When the command fails, with what virsh said.
    pub async fn virsh(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.site.virsh_command();
        command.args(arguments).stdin(Stdio::null());
        run(command).await
    }

    /// Runs many virsh commands, one a line, through one connection. Like virsh, goes on after one that fails.
    ///
    /// # Errors
    ///
    /// When the connection cannot be opened or the *last* command fails.
    pub async fn virsh_script(&self, script: &str) -> Result<String> {
        let file = self.site.file("script");
        write_private(&file, script)?;
        let mut command = self.site.virsh_command();
        command.stdin(File::open(file)?);
        run(command).await
    }

    /// Ends the daemon the polite way and waits. QEMU guests go on running.
    pub async fn stop(&mut self) {
        self.keeper = None;
        self.process.stop().await;
    }

    /// Kills the daemon, as a crash would, and waits. QEMU guests go on running.
    pub async fn kill(&mut self) {
        self.keeper = None;
        self.process.kill().await;
    }

    /// Starts it again on the same socket; stops it before if it runs. QEMU guests are found again.
    ///
    /// # Errors
    ///
    /// As [`Libvirtd::start`].
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await;
        self.process = self.site.spawn()?;
        self.keeper = Some(Keeper::open(&self.site, &mut self.process).await?);
        Ok(())
    }
}

impl Drop for Libvirtd {
    fn drop(&mut self) {
        // First the daemon: it would report and forget guests that end while it watches.
        self.process.kill_now();
        orphans::end_guests(&self.site.home());
        watchdog::guests_ended(&self.site.home());
    }
}

async fn run(command: Command) -> Result<String> {
    let shown = format!("{command:?}");
    let output = tokio::process::Command::from(command)
        .kill_on_drop(true)
        .output()
        .await
        .context("could not run virsh")?;
    if !output.status.success() {
        bail!(
            "{shown}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned())
}
