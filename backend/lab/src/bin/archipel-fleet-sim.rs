//! `archipel-fleet-sim`: thousands of real agents on simulated hypervisors.

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match archipel_lab::sim::program::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "fleet-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}
