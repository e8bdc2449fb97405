//! Lost connections that are resumed, and leases that are renewed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use archipel_fleet::{Fleet, Link};
use archipel_lab::{Line, Passage, Proxy};
use archipel_protocol::{VmState, feed::Detail};
use common::{
    Screen,
    agent::{Agent, machine},
    hv, lab, vm,
};

#[tokio::test]
async fn a_connection_that_was_cut_goes_on_where_it_was() {
    let Some(lab) = lab("resumed").await else {
        return;
    };
    let proxy = Proxy::before(lab.server.starttls_addr()).await.unwrap();
    let agent = Agent::start(&lab, "hv01", 3);
    let mut screen = Screen::start(lab.settings_through(&proxy.address().to_string()));
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 3).await;

    proxy.set(Line {
        passage: Passage::Cut,
        ..Line::default()
    });
    let down = |fleet: &Fleet| matches!(fleet.link(), Link::Suspended { .. });
    screen.until("the link is down", down).await;
    assert_eq!(screen.fleet.counts().stale, 3);
    agent.change(machine(2, VmState::Running)).await;
    proxy.set(Line::default());
    screen.until_live(&hv(1), 3).await;
    let runs = |fleet: &Fleet| fleet.vm(&vm(1, 2)).unwrap().state == VmState::Running;
    screen
        .until("what happened meanwhile has arrived", runs)
        .await;
    assert_eq!(agent.script().watches.len(), 1, "no watch was needed again");
    screen.stop().await;
}

#[tokio::test]
async fn a_watch_is_renewed_under_its_id_before_its_lease_ends() {
    let Some(lab) = lab("renewed").await else {
        return;
    };
    let agent = Agent::start(&lab, "hv01", 3);
    let mut settings = lab.settings();
    settings.pace.renewal = Duration::from_millis(200);
    let mut screen = Screen::start(settings);
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 3).await;
    agent
        .until("it is renewed", |script| script.watches.len() >= 3)
        .await;
    let watches = agent.script().watches.clone();
    assert!(
        watches.windows(2).all(|pair| pair[0].1.id == pair[1].1.id),
        "{watches:?}"
    );
    assert!(
        watches[1].1.known.is_some(),
        "what is known is not sent again"
    );
    screen.stop().await;
}

#[tokio::test]
async fn only_the_hypervisor_looked_at_sends_all_figures() {
    let Some(lab) = lab("detail").await else {
        return;
    };
    let agent = Agent::start(&lab, "hv01", 3);
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 3).await;
    let last = |script: &common::agent::Script| script.watches.last().unwrap().1.detail;
    assert_eq!(last(&agent.script()), Detail::State);
    screen.handle.detail(Some(hv(1)));
    agent
        .until("all figures are wanted", |script| {
            last(script) == Detail::Metrics
        })
        .await;
    screen.handle.detail(None);
    agent
        .until("no longer", |script| last(script) == Detail::State)
        .await;
    assert_eq!(agent.script().watches.len(), 3);
    screen.stop().await;
}
