//! A host that was broken into: what its audit said when an operator saw it, it cannot unsay.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_lab::{Patience, ServerKind, until};
use common::{Content, Outcome, Plan, World, lacks};
use rusqlite::Connection;
use serde_json::Value;

/// What somebody does to the store of a host whose agent is down.
const TAMPERED: [&str; 3] = [
    "UPDATE audit SET who = 'nobody@dc.example' WHERE number = 1",
    "DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)",
    "DELETE FROM audit",
];

/// What `archipel audit verify` says of the hosts, and of one that was left alone.
const FOUND: [&str; 4] = [
    "entry 1 was changed after it was written",
    "its tail was cut off",
    "the log was written anew",
    "",
];

fn tamper(world: &World, host: &str, sql: &str) {
    let folder = world.scratch.path().join(format!("{host}-state"));
    let store = folder.join("agent.sqlite3");
    let changed = Connection::open(store).unwrap().execute(sql, []).unwrap();
    assert!(changed > 0, "{sql}");
}

/// Two entries for each machine, whatever its state, as soon as its agent is back.
async fn act(world: &World, selector: &str) {
    for verb in ["protect", "unprotect"] {
        until(verb, Patience::USUAL, async || {
            let done = world.archipel(&["vm", verb, selector, "--yes"]).await;
            (done.code == 0).then_some(())
        })
        .await
        .unwrap();
    }
}

async fn verify(world: &World) -> Outcome {
    world.archipel(&["audit", "verify", "-o", "json"]).await
}

fn word<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

async fn tampering_is_named(kind: ServerKind) {
    let hosts = (0..4).map(|_| Content::Machines(1)).collect();
    let mut world = World::start(Plan { kind, hosts }).await;
    let names: Vec<String> = world.hosts.iter().map(|host| host.name.clone()).collect();
    act(&world, "name = *").await;
    assert_eq!(verify(&world).await.code, 0);
    for ((number, name), sql) in names.iter().enumerate().zip(TAMPERED) {
        world.hosts[number].agent.kill().await;
        tamper(&world, name, sql);
        world.hosts[number].restart_agent();
    }
    world.synced().await;
    // The log that was thrown away grows past the entry that was seen.
    act(&world, "hypervisor = hv03").await;
    act(&world, "hypervisor = hv03").await;

    let outcome = until("four audits that are read", Patience::USUAL, async || {
        let outcome = verify(&world).await;
        let read = outcome.err.contains("and 0 could not be read");
        read.then_some(outcome)
    });
    let outcome = outcome.await.unwrap();
    assert!(outcome.err.contains("of 4 audits 3 are"), "{}", outcome.err);
    assert_ne!(outcome.code, 0);
    let mut rows: Vec<Value> = serde_json::from_str(&outcome.out).unwrap();
    rows.sort_by_key(|row| word(row, "id").to_owned());
    for (row, found) in rows.iter().zip(FOUND) {
        let state = if found.is_empty() { "sound" } else { "broken" };
        assert_eq!(word(row, "state"), state, "{row}");
        assert!(word(row, "note").contains(found), "{row}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tampering_with_the_audit_is_named() {
    let kind = ServerKind::Ejabberd;
    if !lacks(
        "tampering_with_the_audit_is_named",
        kind,
        &["libvirtd", "virsh"],
    ) {
        tampering_is_named(kind).await;
    }
}
