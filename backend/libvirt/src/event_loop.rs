//! libvirt's event loop: one per process, on a thread of its own.

use std::{sync::OnceLock, thread, time::Duration};

use archipel_hypervisor::{DriverError, ErrorKind};
use virt::{error::clear_error_callback, event};

/// How long the loop rests after a failed turn, so that a lasting failure does not burn a processor.
const REST: Duration = Duration::from_millis(100);

/// Starts it unless it runs. Must come before the first connection: libvirt looks for the loop when it opens one.
pub(crate) fn ensure() -> Result<(), DriverError> {
    static STARTED: OnceLock<Result<(), DriverError>> = OnceLock::new();
    STARTED.get_or_init(start).clone()
}

fn start() -> Result<(), DriverError> {
    // Errors are returned; libvirt would print them on stderr too.
    clear_error_callback();
    event::event_register_default_impl().map_err(|error| cannot_start(error.message()))?;
    let thread = thread::Builder::new().name("libvirt-events".to_owned());
    thread
        .spawn(turn_for_ever)
        .map_err(|error| cannot_start(&error.to_string()))?;
    Ok(())
}

fn turn_for_ever() {
    loop {
        if let Err(error) = event::event_run_default_impl() {
            tracing::warn!(
                error = error.message(),
                "libvirt's event loop failed a turn"
            );
            thread::sleep(REST);
        }
    }
}

fn cannot_start(why: &str) -> DriverError {
    DriverError::new(
        ErrorKind::Failed,
        format!("libvirt's event loop does not start: {why}"),
    )
}
