//! The signals that end a demo or a simulation.

use anyhow::{Context as _, Result};
use rustix::process::set_parent_process_death_signal;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT, SIGTERM and the loss of the terminal.
pub(crate) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Interrupts {
    /// From now on these signals end nothing by themselves.
    pub(crate) fn listen() -> Result<Interrupts> {
        end_with_make()?;
        let listen = |kind| signal(kind).context("could not listen to signals");
        Ok(Interrupts {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    /// Waits for one of them.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

/// A killed `make` tells its recipe nothing, and a fleet nobody waits for would run on.
fn end_with_make() -> Result<()> {
    if std::env::var_os("MAKELEVEL").is_some() {
        set_parent_process_death_signal(Some(rustix::process::Signal::TERM))?;
    }
    Ok(())
}
