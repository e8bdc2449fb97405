//! All targets.

mod documents;
mod edits;
mod feed;
mod payloads;
mod selectors;
mod stanzas;

use crate::{Bound, Target};

/// Every way into the programs for bytes from outside.
pub const TARGETS: &[Target] = &[
    // The guard lets no stanza of more than 256 KiB and 10,000 elements and attributes through; each may cost a few hundred
    // bytes, and is copied for its answer.
    Target {
        name: "stanzas",
        run: stanzas::run,
        bound: Bound {
            base: 256 * 1024,
            per_byte: 400,
        },
    },
    // The shortest element is four bytes and takes a node of the tree.
    Target {
        name: "payloads",
        run: payloads::run,
        bound: Bound {
            base: 256 * 1024,
            per_byte: 400,
        },
    },
    Target {
        name: "feed",
        run: feed::run,
        bound: Bound {
            base: 256 * 1024,
            per_byte: 400,
        },
    },
    Target {
        name: "documents",
        run: documents::run,
        bound: Bound {
            base: 256 * 1024,
            per_byte: 400,
        },
    },
    Target {
        name: "edits",
        run: edits::run,
        bound: Bound {
            base: 1024 * 1024,
            per_byte: 1_000,
        },
    },
    // A selector has at most 4,096 bytes. Its regular expressions have a limit of 256 KiB for each automaton but one, for which the
    // library allows 1 MiB.
    Target {
        name: "selectors",
        run: selectors::run,
        bound: Bound {
            base: 3 * 1024 * 1024,
            per_byte: 1_000,
        },
    },
];
