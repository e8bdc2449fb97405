//! The budgets, measured on real parts: goal and figure side by side. Nothing here fails because something is slow.
//!
//! `make bench` runs this. `ONLY=a,b` picks rows by parts of their names, `RUNS=n` says how often each is measured (five times
//! unless said otherwise), `SCALE=large` and `SCALE=full` add the simulated fleets, `KEEP=1` puts the lines into `docs/budgets.md`.
//! A new row is one function in a file of `subjects/` and one line in `subjects.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]
// Bytes, counts and milliseconds, far below 2^52.
#![allow(clippy::cast_precision_loss)]

mod client;
#[path = "../../tests/common/mod.rs"]
mod common;
mod frame;
mod home;
mod invented;
mod processes;
mod subjects;

use frame::Options;

fn main() {
    let runtime = archipel_lab::sim::runtime().expect("threads");
    runtime.block_on(frame::run(&Options::read(), &subjects::all()));
}
