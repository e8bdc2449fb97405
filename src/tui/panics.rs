//! What happens when the program itself fails: the report goes to the log, the terminal back to its owner.

use std::{
    backtrace::Backtrace,
    io::{self, Write},
    panic,
    path::PathBuf,
    thread,
};

use super::screen;

/// Installs the hook; from the thread that owns the terminal.
pub(super) fn install(log: PathBuf) {
    let owner = thread::current().id();
    panic::set_hook(Box::new(move |report| {
        let trace = Backtrace::force_capture();
        tracing::error!("{report}\n{trace}");
        // A task that fails ends alone; the loop goes on drawing.
        if thread::current().id() == owner {
            screen::restore();
            let log = log.display();
            let _ = writeln!(
                io::stderr(),
                "archipel: a fault of the program itself; please send the end of {log}"
            );
        }
    }));
}
