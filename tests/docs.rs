//! Every command that the docs show runs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{fs, path::Path};

use archipel_lab::{Patience, ServerKind, until};
use common::{Content, Outcome, Plan, World, lacks};

/// The commands of the operator's program in the shell blocks of a page, as arguments.
fn commands(page: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let blocks = text
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default());
    let lines = blocks
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("archipel "));
    lines.map(arguments).collect()
}

/// Splits a line at blanks, keeps what stands in single quotes together, drops a comment.
fn arguments(line: &str) -> Vec<String> {
    let line = line.split(" #").next().unwrap_or_default().trim();
    let pieces = line.split('\'').enumerate();
    let words = pieces.flat_map(|(at, piece)| {
        if at % 2 == 1 {
            vec![piece.to_owned()]
        } else {
            piece.split_whitespace().map(str::to_owned).collect()
        }
    });
    words.collect()
}

/// How a command ends. What was made a moment ago shows up a moment later.
async fn settled(world: &World, words: &[&str]) -> Outcome {
    let what = format!("the machine of: archipel {}", words.join(" "));
    let found = until(&what, Patience::USUAL, async || {
        let outcome = world.archipel(words).await;
        let awaited = outcome.err.contains("no machine matches");
        (!awaited).then_some(outcome)
    });
    found.await.unwrap()
}

#[test]
fn quoted_arguments_stay_together() {
    assert_eq!(
        arguments("vm list 'a = b' -o json   # why"),
        ["vm", "list", "a = b", "-o", "json"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_shown_runs() {
    if lacks(
        "every_command_shown_runs",
        ServerKind::Prosody,
        &["libvirtd", "virsh"],
    ) {
        return;
    }
    let world = World::start(Plan {
        kind: ServerKind::Prosody,
        hosts: vec![Content::Machines(12)],
    })
    .await;
    let pages = [
        "docs/guide/shell.md",
        "docs/guide/definitions.md",
        "docs/guide/copies.md",
        "docs/guide/access.md",
        "docs/guide/getting-started.md",
        // Last: it invites a hypervisor that never comes.
        "README.md",
    ];
    let mut ran = 0;
    for page in pages {
        for command in commands(page) {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            if words.contains(&"--follow") {
                // Goes on until it is interrupted; tests/shell.rs and the lab ring run it.
                continue;
            }
            let outcome = settled(&world, &words).await;
            let text = format!(
                "{page}: archipel {}\n{}{}",
                words.join(" "),
                outcome.out,
                outcome.err
            );
            assert_eq!(outcome.code, 0, "{text}");
            assert!(!outcome.err.contains("error:"), "{text}");
            ran += 1;
        }
    }
    assert!(ran > 20, "only {ran} commands were found");
}
