//! The host's counters.

mod files;
pub(crate) mod local;
mod mounts;
pub(crate) mod remote;
