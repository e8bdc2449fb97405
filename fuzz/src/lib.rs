//! Hostile input for every parser of the house.
//!
//! A [`Target`] is a function that reads bytes as a peer, a guest or a person could have sent them, and checks what must hold of
//! whatever was read: what is written reads back the same, what is undone is undone, what is refused is refused. It panics where
//! that does not hold. Each target also says how much memory an input may cost at most ([`Bound`]).
//!
//! `make fuzz TIME=60` lets a fuzzer that sees which branches are taken search each target for that many seconds. `cargo test -p
//! archipel-fuzz` replays what is kept: `corpus/TARGET`, the golden stanzas and documents of the house, and what the fuzzer once
//! found, in `found/TARGET`.

// A target is a check: it must panic on what must not be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod seeds;
mod targets;

use peak_alloc::PeakAlloc;

pub use seeds::Seed;
pub use targets::TARGETS;

/// Counts the bytes that are allocated, in the fuzzer and in the tests of this crate.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A way into the programs for bytes from outside.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which is that of its folders too.
    pub name: &'static str,
    /// Reads the input; panics when something does not hold.
    run: fn(&[u8]),
    /// What an input may cost.
    pub bound: Bound,
}

/// How much memory an input may take at once: that for any input, and that much more for each of its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// Bytes for any input.
    pub base: usize,
    /// Bytes for each byte of the input.
    pub per_byte: usize,
}

impl Bound {
    /// The bytes that an input of this length may take.
    pub fn of(self, length: usize) -> usize {
        self.base + self.per_byte * length
    }
}

impl Target {
    /// The target of this name.
    pub fn named(name: &str) -> Option<&'static Target> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// Reads `input` and gives the most bytes that it took at once. The count is of the whole process: nothing else may run.
    ///
    /// # Panics
    ///
    /// When something does not hold that must, or when the input takes more than the bound.
    pub fn check(&self, input: &[u8]) -> usize {
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        (self.run)(input);
        let peak = MEMORY.peak_usage().saturating_sub(before);
        let bound = self.bound.of(input.len());
        assert!(
            peak <= bound,
            "{}: {} bytes of input took {peak} bytes, more than {bound}",
            self.name,
            input.len()
        );
        peak
    }
}
