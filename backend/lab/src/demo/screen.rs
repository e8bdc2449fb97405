//! The operator's program as a child that owns the terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::programs::Operator;
use crate::interrupts::Interrupts;

/// How long the screen may take to give the terminal back.
const GRACE: Duration = Duration::from_secs(5);

/// Without a terminal only the headless demo makes sense.
pub(super) fn refuse_without_terminal(headless: bool) -> Result<()> {
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !terminal && !headless {
        bail!("no terminal here for the screen; HEADLESS=1 runs the demo without it");
    }
    Ok(())
}

/// Shows the screen until it is left or a signal comes.
pub(super) async fn run(operator: &Operator, interrupts: &mut Interrupts) -> Result<()> {
    // In the demo's own process group: only the terminal's foreground group may read its keys.
    let mut child = Command::new(&operator.0)
        .args(["--profile", "demo"])
        .kill_on_drop(true)
        .spawn()
        .context("could not start the operator's program")?;
    tokio::select! {
        status = child.wait() => {
            let status = status?;
            if !status.success() {
                bail!("the screen ended with {status}");
            }
        }
        () = interrupts.next() => end(&mut child).await,
    }
    Ok(())
}

/// Politely first: a killed program leaves the terminal in its own mode.
async fn end(child: &mut Child) {
    let pid = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    if let Some(pid) = pid {
        let _ = kill_process(pid, Signal::TERM);
    }
    if timeout(GRACE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}
