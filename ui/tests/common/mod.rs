//! Fleets and screens for tests: a fleet is told by the events that would have made it, a screen is keys in and text out.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod fleet;
mod screen;

pub use fleet::{FleetBuilder, HostBuilder, VmSpec, delta, running, sample, vm_id, vm_ref};
pub use screen::{Screen, executed, noticed, now, options, versions};
