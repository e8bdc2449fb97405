//! What the end-to-end tests share.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc
)]
// TOML quotes a path as Rust's `Debug` does.
#![allow(clippy::unnecessary_debug_formatting)]

mod attacker;
mod screen;
mod world;

pub use attacker::Attacker;
pub use screen::Screen;
pub use world::{ADMIN, Content, Host, Outcome, PASSWORD, Plan, World, agent_program, libvirt};

use archipel_lab::ServerKind;

/// Whether this machine lacks what a test needs; says so.
pub fn lacks(test: &str, kind: ServerKind, more: &[&str]) -> bool {
    let programs: Vec<&str> = kind.programs().iter().chain(more).copied().collect();
    let missing = archipel_lab::missing(&programs);
    if let Some(reason) = &missing {
        archipel_lab::skip(test, reason);
    }
    missing.is_some()
}
