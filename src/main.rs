//! `archipel`: the operator's program. Alone it opens the screen; with a noun and a verb it acts once.
//!
//! It is thin: `cli` turns a command line into calls of the engine, `tui` runs the loop between terminal, engine and screen.

mod cli;
mod log;
mod setup;
mod tui;
mod wall;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}
