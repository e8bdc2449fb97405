//! Everything that is measured: a line each.

mod command;
mod language;
mod live;
mod model;
mod original;
mod rig;
mod start;
mod wire;

use std::time::Instant;

use crate::frame::Subject;

/// What a private fleet on libvirt's test driver needs.
const WORLD: &[&str] = &["prosody", "libvirtd", "virsh"];

/// What the original was measured on.
const ORIGINAL: &[&str] = &["ejabberdctl", "libvirtd", "virsh", "qemu-system-x86_64"];

/// All subjects, in the order of the tables.
pub(crate) fn all() -> Vec<Subject> {
    let mut all = small();
    all.extend(rig::all());
    all
}

/// What one daemon and one agent give.
fn small() -> Vec<Subject> {
    vec![
        Subject::new(start::FIRST_FRAME, start::first_frame).needs(&["prosody"]),
        Subject::new(start::FROM_CACHE, start::from_cache).needs(&["prosody"]),
        Subject::new(live::EVENTS, live::events).needs(WORLD),
        Subject::new(live::IDLE, live::idle).needs(WORLD).at_most(2),
        Subject::new(command::COMMAND, command::command).needs(WORLD),
        Subject::new(language::SELECTOR, language::selector),
        Subject::new(original::QUIET, original::quiet).needs(ORIGINAL),
        Subject::new(original::MEMORY_OF_NONE, original::memory_of_none)
            .needs(ORIGINAL)
            .at_most(2),
        Subject::new(original::MEMORY_OF_MANY, original::memory_of_many)
            .needs(ORIGINAL)
            .at_most(2),
        Subject::new(original::SESSIONS_FEW, original::sessions_few)
            .needs(ORIGINAL)
            .at_most(2),
        Subject::new(original::SESSIONS_MANY, original::sessions_many)
            .needs(ORIGINAL)
            .at_most(1),
        Subject::new(original::EVENTS, original::events)
            .needs(ORIGINAL)
            .at_most(2),
        Subject::new(original::BACK, original::back)
            .needs(ORIGINAL)
            .at_most(3),
        Subject::new(original::AT_ONCE, original::at_once)
            .needs(ORIGINAL)
            .at_most(1),
        Subject::new(wire::PAGE, wire::page),
        Subject::new(wire::DOMAIN, wire::domain),
        Subject::new(model::FRAME, model::frame),
    ]
}

/// Milliseconds from one moment to another.
fn milliseconds(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1_000.0
}

/// How long `work` takes, milliseconds, so many times.
fn times<T>(count: usize, mut work: impl FnMut() -> T) -> Vec<f64> {
    let once = |_| {
        let start = Instant::now();
        std::hint::black_box(work());
        milliseconds(start, Instant::now())
    };
    (0..count).map(once).collect()
}
