//! `make demo`: a live fleet on this machine, in one command.

use std::io::Write as _;
use std::process::ExitCode;

use archipel_lab::demo::{Choices, Training, run, train};

fn main() -> ExitCode {
    match show() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn show() -> anyhow::Result<()> {
    let training = Training::from_environment()?;
    archipel_lab::sim::runtime()?.block_on(async {
        match training {
            Some(training) => train(training).await,
            None => run(Choices::from_environment()).await,
        }
    })
}
