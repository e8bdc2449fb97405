//! `make demo`: a live fleet on this machine, in one command.

use std::io::Write as _;
use std::process::ExitCode;

use archipel_lab::demo::{Choices, run};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Choices::from_environment()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}
