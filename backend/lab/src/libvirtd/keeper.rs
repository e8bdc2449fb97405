//! A connection that stays open as long as the daemon is wanted.
//!
//! The test driver's machines live as long as one connection does. That the connection answers also says that the
//! daemon is ready.

use std::fs;
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::process::{ChildStdin, Stdio};

use anyhow::{Context as _, Result, bail};

use super::site::Site;
use crate::Process;
use crate::wait::{Patience, until};

/// A virsh that waits for commands which never come.
#[derive(Debug)]
pub(super) struct Keeper {
    _virsh: Process,
    /// The end of its input would be its end.
    _input: ChildStdin,
}

impl Keeper {
    /// Waits for the daemon, opens a connection and sees it answer.
    pub(super) async fn open(site: &Site, daemon: &mut Process) -> Result<Keeper> {
        let opened = async {
            wait_for_socket(site, daemon).await?;
            connect(site).await
        };
        opened.await.with_context(|| {
            format!(
                "the private libvirt daemon is not ready; its log: {}",
                site.logged()
            )
        })
    }
}

async fn wait_for_socket(site: &Site, daemon: &mut Process) -> Result<()> {
    let listens = until("libvirt's socket", Patience::USUAL, async || {
        let listens = UnixStream::connect(site.socket()).is_ok();
        (listens || !daemon.is_running()).then_some(listens)
    });
    if !listens.await? {
        bail!("the daemon ended");
    }
    Ok(())
}

async fn connect(site: &Site) -> Result<Keeper> {
    let said = site.file("keeper");
    let mut command = site.virsh_command();
    let output = fs::File::create(&said)?;
    command
        .stdin(Stdio::piped())
        .stdout(output.try_clone()?)
        .stderr(output);
    let mut virsh = Process::spawn_as_is("virsh", command)?;
    let mut input = virsh.take_stdin().context("virsh has no input")?;
    writeln!(input, "uri")?;
    let answered = until("libvirt's answer", Patience::USUAL, async || {
        let answered = fs::read_to_string(&said).is_ok_and(|text| text.contains(&site.uri()));
        (answered || !virsh.is_running()).then_some(answered)
    });
    if !answered.await? {
        bail!(
            "virsh said: {}",
            fs::read_to_string(&said).unwrap_or_default()
        );
    }
    Ok(Keeper {
        _virsh: virsh,
        _input: input,
    })
}
