//! Every action of the agent, end to end: on Prosody and ejabberd, on guests under QEMU and on libvirt's test driver, with its success, its
//! denial, a bad input and its push, as a tap on the bus hears them. Which actions there are says the built program.
//!
//! `UPDATE=1 cargo test -p archipel-agent --test coverage` writes docs/coverage.md; `ON='Prosody and QEMU'` runs that combination alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub
)]

mod hostile;
mod linked;
mod page;
mod row;
mod rows;
mod run;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use archipel_lab::skip;
use futures::future::join_all;
use page::Action;
use row::{Combination, Row, Table};
use run::Findings;
use world::{PROGRAM, World, lacking};

/// The actions that the built program says it answers.
fn actions() -> Vec<Action> {
    let mut program = std::process::Command::new(PROGRAM);
    let output = program.args(["actions", "-o", "json"]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Fails on an action without a row, and on a row without an action.
fn complete(actions: &[Action], tables: &[&'static Table]) {
    let answered: BTreeSet<(&str, &str)> = actions.iter().map(Action::words).collect();
    let rows = tables
        .iter()
        .flat_map(|table| table.rows.iter().map(|row| (table.namespace, row.action)));
    let rows: BTreeSet<(&str, &str)> = rows.collect();
    let told = |cells: Vec<&(&str, &str)>, what: &str| {
        let lines = cells.iter().map(|(space, action)| {
            format!("`{action}` of `{space}` {what} (backend/agent/tests/coverage/rows/)\n")
        });
        lines.collect::<String>()
    };
    let missing = told(
        answered.difference(&rows).collect(),
        "is answered and has no row: add one that makes its success, a bad input and its push",
    );
    let stale = told(
        rows.difference(&answered).collect(),
        "has a row and is not answered: take the row away",
    );
    assert!(missing.is_empty() && stale.is_empty(), "\n{missing}{stale}");
}

/// What was found, by the number of the combination.
pub type Found = BTreeMap<usize, Findings>;

/// Why a combination is not run; `None`: it is.
fn left_out(on: Combination) -> Option<String> {
    let only = std::env::var("ON").ok();
    let others = only.filter(|only| *only != on.to_string());
    let asked = others.map(|only| format!("asked for {only} only"));
    asked.or_else(|| lacking(on))
}

/// What was found where it could be run.
async fn found() -> Found {
    let all = Combination::ALL.into_iter().enumerate();
    let runs = all.filter_map(|(number, on)| {
        if let Some(reason) = left_out(on) {
            skip(&format!("coverage on {on}"), &reason);
            return None;
        }
        Some(async move {
            let started = World::start(on).await;
            let mut world = started.unwrap_or_else(|error| panic!("{on}: {error:#}"));
            (number, run::run(&mut world, rows::TABLES).await)
        })
    });
    join_all(runs).await.into_iter().collect()
}

/// Fails on a case that was not seen as expected.
fn whole(found: &Found) {
    let faults = found.values().flat_map(|findings| findings.faults.clone());
    let holes = found.iter().flat_map(|(number, findings)| {
        let on = Combination::ALL[*number];
        holes(findings).map(move |hole| format!("{on}: not seen: {hole}"))
    });
    let told: Vec<String> = faults.chain(holes).collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}

fn holes(findings: &Findings) -> impl Iterator<Item = String> {
    let cases = rows::TABLES.iter().flat_map(|table| {
        let cell = |row: &'static Row, case| (table.namespace, row.action, case);
        let rows = table.rows.iter();
        rows.flat_map(move |row| row.cases().into_iter().map(move |case| cell(row, case)))
    });
    cases
        .filter(|cell| !findings.seen.contains(cell))
        .map(|(space, action, case)| format!("`{action}` of `{space}`, {case}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_is_seen_on_every_server_and_driver() {
    let actions = actions();
    complete(&actions, rows::TABLES);
    let found = found().await;
    whole(&found);
    page::fresh(&page::of(rows::TABLES, &actions, &found), &found);
}
