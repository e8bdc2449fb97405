//! The requests that were recorded from the original's peers, sent to our agent over the bus, and its replies compared with the original's.
//!
//! The recordings are not part of the repository: the environment variable `ARCHIPEL_RECORDINGS` names their folder. `docs/interop.md` lists
//! each difference with its reason; `UPDATE=1 cargo test -p archipel-agent --test interop` writes that list.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
mod defects;
mod exchange;
mod page;
mod reasons;
mod replay;
mod shape;

use std::collections::BTreeMap;

use shape::Answer;

/// An exchange whose replies differ.
#[derive(Debug)]
pub(crate) struct Difference {
    /// What the original answered.
    pub(crate) original: Answer,
    /// What ours answers.
    pub(crate) ours: Answer,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_recorded_request_is_answered_as_the_original_did_or_the_difference_is_listed() {
    const TEST: &str = "interop";
    let Ok(folder) = std::env::var("ARCHIPEL_RECORDINGS") else {
        archipel_lab::skip(TEST, "ARCHIPEL_RECORDINGS names no folder");
        return;
    };
    let exchanges = exchange::all(&folder);
    assert!(
        exchanges.len() > 300,
        "{} exchanges in {folder}",
        exchanges.len()
    );
    let Some(answers) = replay::replay(TEST, &exchanges).await else {
        return;
    };
    let differences: BTreeMap<&str, Difference> = exchanges
        .iter()
        .zip(answers)
        .filter(|(exchange, ours)| !exchange.reply.covers(ours))
        .map(|(exchange, ours)| {
            let original = exchange.reply.clone();
            (exchange.name.as_str(), Difference { original, ours })
        })
        .collect();
    let rows = reasons::rows(&differences);
    page::check(exchanges.len(), differences.len(), &rows);
}
