//! The audit: what stands in it, that it rides in the feed, and that nothing can be changed in it unnoticed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_agent::{STORE_FILE, Store};
use archipel_lab::ServerKind;
use archipel_protocol::{
    IqKind, VmState,
    audit::{Broken, Entry, Head, Outcome, PAGE_LIMIT, Page, Query, Walk},
    failure::FailureKind,
    feed::{Detail, Row},
    vm_control::Action,
};
use common::{Client, Site, driver, eventually, vm};
use rusqlite::Connection;

async fn page(client: &Client, after: u64) -> Page {
    let query = Query {
        after,
        limit: PAGE_LIMIT,
    };
    let answer = client.ask(IqKind::Get, query.to_element()).await.unwrap();
    Page::parse(&answer).unwrap()
}

async fn all(client: &Client) -> (Vec<Entry>, Head) {
    let (mut entries, mut head) = (Vec::new(), Head::default());
    loop {
        let after = entries.last().map_or(0, |last: &Entry| last.number);
        let mut page = page(client, after).await;
        head = if page.head.number > 0 {
            page.head
        } else {
            head
        };
        if page.entries.is_empty() {
            return (entries, head);
        }
        entries.append(&mut page.entries);
    }
}

fn verify((entries, head): &(Vec<Entry>, Head), seen: &[Head]) -> Result<(), Broken> {
    let mut walk = Walk::new(seen.iter().copied());
    entries.iter().try_for_each(|entry| walk.step(entry))?;
    walk.end(*head)
}

fn anchor(rows: &[Row]) -> Option<Head> {
    rows.iter().find_map(|row| match row {
        Row::Host(host) => host.audit,
        _ => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_and_refusals_are_bound_together_and_the_end_rides_in_the_feed() {
    let kind = ServerKind::Prosody;
    let Some(site) = Site::start(kind, "the audit on the bus").await else {
        return;
    };
    let driver = driver(2);
    let agent = site.agent(&driver).await;
    let mut admin = site.client("admin").await;
    let eve = site.client("eve").await;
    assert_eq!(anchor(&admin.watch("w", Detail::State).await), None);
    admin.vm(vm(1), Action::Create).await.unwrap();
    admin.until_state(vm(1), VmState::Running).await;
    admin.vm(vm(1), Action::Create).await.unwrap_err();
    let refused = eve.vm(vm(2), Action::Create).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
    eventually("three entries", async || all(&admin).await.0.len() == 3).await;
    let audit = all(&admin).await;
    let told = audit.0.iter().map(|entry| {
        let fact = &entry.fact;
        (fact.who.as_str(), fact.vm, fact.outcome)
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("admin@dc.example", Some(vm(1)), Outcome::Done),
            ("admin@dc.example", Some(vm(1)), Outcome::Failed),
            ("eve@dc.example", Some(vm(2)), Outcome::Denied),
        ]
    );
    let head = audit.1;
    let told = |row: &Row| matches!(row, Row::Host(host) if host.audit == Some(head)).then_some(());
    admin.delta("the end of the audit", told).await;
    assert_eq!(verify(&audit, &[head]), Ok(()));
    let query = Query { after: 0, limit: 9 };
    let refused = eve.ask(IqKind::Get, query.to_element()).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
    agent.stop().await;

    tampered(&site, &driver, audit).await;
}

/// Somebody writes into the file while the agent is stopped; the next agent is asked again.
async fn tampered(
    site: &Site,
    driver: &std::sync::Arc<archipel_hypervisor::SimulatedDriver>,
    before: (Vec<Entry>, Head),
) {
    let file = site.state.path().join("agent").join(STORE_FILE);
    let whole = std::fs::read(&file).unwrap();
    let anew = "DELETE FROM audit WHERE number >= 2;";
    let cases = [
        (
            "UPDATE audit SET who = 'eve@dc.example' WHERE number = 2",
            Broken::Changed(2),
        ),
        ("DELETE FROM audit WHERE number = 2", Broken::Missing(2)),
        ("DELETE FROM audit WHERE number = 1", Broken::Beheaded(2)),
        (
            "DELETE FROM audit WHERE number >= 3",
            Broken::Cut { seen: 3, ends: 2 },
        ),
        (anew, Broken::Replaced(3)),
    ];
    for (sql, expected) in cases {
        std::fs::write(&file, &whole).unwrap();
        let connection = Connection::open(&file).unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        if sql == anew {
            let store = Store::open(file.parent().unwrap()).unwrap();
            let facts = before.0[1..].iter().map(|entry| entry.fact.clone());
            let mut facts: Vec<_> = facts.collect();
            "nobody@dc.example".clone_into(&mut facts[0].who);
            store.append_audit(facts).await.unwrap();
        }
        let agent = site.agent(driver).await;
        let admin = site.client("admin").await;
        assert_eq!(
            verify(&all(&admin).await, &[before.1]),
            Err(expected),
            "{sql}"
        );
        agent.stop().await;
    }
}
