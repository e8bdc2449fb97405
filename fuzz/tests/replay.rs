//! Every seed, and every input that once broke something, through its target: nothing panics, and nothing takes more memory than the
//! target's bound says (`archipel_fuzz::TARGETS`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

use archipel_fuzz::{TARGETS, Target};

/// One test for all: the memory that is counted is that of the whole process.
#[test]
fn the_corpora_do_no_harm() {
    for target in TARGETS {
        // What is built once and kept is no input's fault.
        target.check(b"");
        let seeds = target.seeds();
        assert!(seeds.len() >= 10, "{} has too few seeds", target.name);
        let took = seeds.iter().map(|seed| {
            println!("{}: {}", target.name, seed.name);
            target.check(&seed.bytes)
        });
        let most = took.max().unwrap_or_default();
        println!(
            "{}: {} inputs, at most {} KiB",
            target.name,
            seeds.len(),
            most / 1024
        );
        endures(target);
    }
}

/// Inputs that are costly by their shape.
fn endures(target: &Target) {
    const SIZE: usize = 30_000;
    let deep = ["<a>".repeat(SIZE / 6), "</a>".repeat(SIZE / 6)].concat();
    let wide = format!("<domain>{}</domain>", "<a/>".repeat(SIZE / 4));
    let attributes: Vec<String> = (0..SIZE / 10).map(|at| format!(" a{at}=''")).collect();
    let attributes = format!("<domain{}/>", attributes.concat());
    let huge = format!("<domain a='{}'/>", "x".repeat(SIZE));
    for input in [
        deep.as_str(),
        &wide,
        &attributes,
        &huge,
        &"(".repeat(SIZE),
        &"not ".repeat(SIZE / 4),
        &"&amp;".repeat(SIZE / 5),
        &"\u{202e}".repeat(SIZE / 3),
        &"\0".repeat(SIZE),
    ] {
        target.check(input.as_bytes());
        let inside = format!("<stream xmlns='jabber:client'><message>{input}</message>");
        target.check(inside.as_bytes());
    }
}
