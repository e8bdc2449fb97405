//! The session against a scripted server in the same process, and against private Prosody and ejabberd servers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// What happened is shown with a test that fails.
#![allow(clippy::print_stdout)]
// A test binary has no outside.
#![allow(unreachable_pub)]

mod common;
mod peer;
mod raw;

mod real_failures;
mod real_hostile;
mod real_login;
mod real_loss;
mod real_web;
mod scripted_end;
mod scripted_login;
mod scripted_loss;
mod scripted_register;
mod scripted_stanzas;
