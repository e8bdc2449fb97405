//! What is done to machines and written about them, over the bus: success, denial, nonsense, what others are told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
mod copies;
mod definitions;
mod machines;
mod makers;
mod power;
mod say;
mod screens;
