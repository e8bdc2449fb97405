//! A private libvirt daemon.
//!
//! It runs in libvirt's *session* manner: an ordinary user's daemon, all of whose folders hang on `HOME` and the `XDG_*`
//! variables. Those point into a folder of its own, so neither the system's libvirt nor the user's is touched or
//! even looked at, and any number of daemons run side by side. Root's daemons run as `nobody`: libvirt gives root
//! no session, and a second system daemon would fight the first one over its locks.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::wait::{Patience, until};
use crate::{Process, Scratch, program, watchdog};

/// The user and group that own nothing, where root runs the daemon.
const NOBODY: u32 = 65534;

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
    /// Keeps the test driver's machines alive: the daemon forgets them with the last connection.
    keeper: Option<Process>,
    site: Site,
}

#[derive(Debug)]
struct Site {
    driver: Driver,
    scratch: Scratch,
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
        let keeper = site.open(&mut process).await?;
        Ok(Libvirtd {
            process,
            keeper,
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
        self.site.virsh(arguments).await
    }

    /// Runs many virsh commands, one a line, through one connection. Like virsh, goes on after one that fails.
    ///
    /// # Errors
    ///
    /// When the connection cannot be opened or the *last* command fails.
    pub async fn virsh_script(&self, script: &str) -> Result<String> {
        let file = self.site.scratch.write("script", script)?;
        let mut command = self.site.virsh_command();
        command.stdin(fs::File::open(file)?);
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
        self.keeper = self.site.open(&mut self.process).await?;
        Ok(())
    }

    /// Gives a path below the daemon's folder to the user its guests run as.
    pub(crate) fn hand_over(path: &Path) -> Result<()> {
        if as_nobody() {
            chown(path, Some(NOBODY), Some(NOBODY))
                .with_context(|| format!("could not give `{}` to nobody", path.display()))?;
        }
        Ok(())
    }

    /// A command that runs as the user its guests run as.
    pub(crate) fn as_guest_user(mut command: Command) -> Command {
        if as_nobody() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

impl Drop for Libvirtd {
    fn drop(&mut self) {
        // First the daemon: it would report and forget guests that end while it watches.
        self.process.kill_now();
        end_guests(&self.site.home());
        watchdog::guests_ended(&self.site.home());
    }
}

impl Site {
    fn new(driver: Driver) -> Result<Site> {
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
            include_str!("../assets/qemu.conf"),
        )?;
        watchdog::end_guests_at_end(&site.home());
        Ok(site)
    }

    fn make_folder(&self, name: &str) -> Result<()> {
        let folder = self.home().join(name);
        fs::create_dir(&folder)
            .with_context(|| format!("could not make `{}`", folder.display()))?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        Libvirtd::hand_over(&folder)
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        Libvirtd::hand_over(&self.scratch.write(Path::new("home").join(name), text)?)
    }

    fn daemon_configuration(&self) -> String {
        let mut uuid = rand::random::<u128>();
        uuid = uuid & !(0xf << 76) | (0x4 << 76);
        let hex = format!("{uuid:032x}");
        let uuid = format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        );
        format!(
            "auth_unix_rw = \"none\"\nhost_uuid = \"{uuid}\"\nlog_outputs = \"2:file:{}\"\n",
            self.log().display()
        )
    }

    fn home(&self) -> PathBuf {
        self.scratch.path().join("home")
    }

    fn socket(&self) -> PathBuf {
        self.home().join("run/libvirt/libvirt-sock")
    }

    fn log(&self) -> PathBuf {
        self.home().join("log")
    }

    fn uri(&self) -> String {
        let driver = match self.driver {
            Driver::Test => "test+unix:///default",
            Driver::Qemu => "qemu+unix:///session",
        };
        format!("{driver}?socket={}", self.socket().display())
    }

    fn spawn(&self) -> Result<Process> {
        let mut command = Command::new(program("libvirtd").context("libvirtd is not installed")?);
        command
            .arg("--config")
            .arg(self.home().join("config/libvirt/libvirtd.conf"))
            .arg("--pid-file")
            .arg(self.home().join("libvirtd.pid"))
            .current_dir("/");
        self.confine(&mut command);
        let output = self.scratch.path().join("output");
        Process::spawn("libvirtd", Libvirtd::as_guest_user(command), &output)
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

    /// Waits until the daemon answers; keeps a connection open where its machines depend on one.
    async fn open(&self, process: &mut Process) -> Result<Option<Process>> {
        let keeper = match self.driver {
            Driver::Test => {
                self.wait_for_socket(process).await?;
                Some(self.spawn_keeper()?)
            }
            Driver::Qemu => None,
        };
        until("libvirt's answer", Patience::USUAL, async || {
            self.answers(process).await
        })
        .await
        .and_then(|answers| {
            if answers {
                Ok(())
            } else {
                bail!("the daemon ended")
            }
        })
        .with_context(|| {
            format!(
                "the private libvirt daemon is not ready; its log: {}",
                self.logged()
            )
        })?;
        Ok(keeper)
    }

    async fn wait_for_socket(&self, process: &mut Process) -> Result<()> {
        until("libvirt's socket", Patience::USUAL, async || {
            let there = std::os::unix::net::UnixStream::connect(self.socket()).is_ok();
            (there || !process.is_running()).then_some(())
        })
        .await
        .with_context(|| {
            format!(
                "the private libvirt daemon is not ready; its log: {}",
                self.logged()
            )
        })
    }

    async fn answers(&self, process: &mut Process) -> Option<bool> {
        if self.virsh(&["uri"]).await.is_ok() {
            return Some(true);
        }
        (!process.is_running()).then_some(false)
    }

    /// A virsh that waits for commands which never come.
    fn spawn_keeper(&self) -> Result<Process> {
        let mut command = self.virsh_command();
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Process::spawn_as_is("virsh", command)
    }

    fn virsh_command(&self) -> Command {
        let mut command = Command::new("virsh");
        self.confine(&mut command);
        command.args(["--quiet", "--connect", &self.uri()]);
        command
    }

    async fn virsh(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.virsh_command();
        command.args(arguments).stdin(Stdio::null());
        run(command).await
    }

    fn logged(&self) -> String {
        [self.scratch.path().join("output"), self.log()]
            .iter()
            .filter_map(|file| fs::read_to_string(file).ok())
            .collect()
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

fn as_nobody() -> bool {
    rustix::process::geteuid().is_root()
}

/// Kills the guests of the daemon that lived in `home`: QEMU put itself out of every group of ours. A pid file's number
/// is believed only if that process names the folder on its command line, for it may be another's by now.
fn end_guests(home: &Path) {
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
