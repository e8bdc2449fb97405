//! Lost connections that are resumed, and leases that are renewed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use archipel_fleet::{Fleet, LOOK_LIMIT, Link, Look};
use archipel_lab::{Line, Passage, Proxy, ServerKind};
use archipel_protocol::{VmState, feed::Detail};
use common::{
    Screen,
    agent::{Agent, machine},
    hv, lab, lab_with, vm,
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

/// A server that had just seen hundreds of sessions of the same account off took longer for the roster than the operator waited.
#[tokio::test]
async fn a_roster_that_comes_late_is_asked_for_again() {
    let Some(lab) = lab("late roster").await else {
        return;
    };
    let _agent = Agent::start(&lab, "hv01", 3);
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 3).await;
    screen.stop().await;
    lab.forget_cache();

    let proxy = Proxy::before(lab.server.starttls_addr()).await.unwrap();
    proxy.set(Line {
        latency: Duration::from_millis(600),
        ..Line::default()
    });
    let mut settings = lab.settings_through(&proxy.address().to_string());
    settings.pace.command = Duration::from_secs(1);
    let mut screen = Screen::start(settings);
    let said = |fleet: &Fleet| {
        let mut notices = fleet.notices();
        notices.any(|told| told.notice.text.contains("roster"))
    };
    screen.until("the roster is late", said).await;
    proxy.set(Line::default());
    screen.until_live(&hv(1), 3).await;
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
    screen.handle.look(Look::At(hv(1)));
    agent
        .until("all figures are wanted", |script| {
            last(script) == Detail::Metrics
        })
        .await;
    screen.handle.look(Look::Away);
    agent
        .until("no longer", |script| last(script) == Detail::State)
        .await;
    assert_eq!(agent.script().watches.len(), 3);
    screen.stop().await;
}

/// Scrolling passes by many hypervisors; never more than the bound send all figures, and those out of sight stop.
#[tokio::test]
async fn few_hypervisors_send_all_figures_however_many_are_passed_by() {
    let names: Vec<String> = (1..=12).map(|number| format!("hv{number:02}")).collect();
    let more: Vec<&str> = names[2..].iter().map(String::as_str).collect();
    let Some(lab) = lab_with(ServerKind::Prosody, "looks", &more).await else {
        return;
    };
    let start = |name: &String| Agent::start(&lab, name, 1);
    let agents: Vec<Agent> = names.iter().map(start).collect();
    let mut settings = lab.settings();
    settings.pace.look = Duration::from_secs(3);
    let mut screen = Screen::start(settings);
    for number in 1..=12 {
        screen.handle.add(hv(number)).await.unwrap();
        screen.until_live(&hv(number), 1).await;
    }
    let over = |numbers: std::ops::RangeInclusive<u8>| Look::Over(numbers.map(hv).collect());
    let in_detail = |agent: &Agent| {
        let script = agent.script();
        script.watches.last().map(|watch| watch.1.detail) == Some(Detail::Metrics)
    };
    let count = || agents.iter().filter(|agent| in_detail(agent)).count();
    let asked = || -> usize {
        let watches = agents.iter().map(|agent| agent.script().watches.len());
        watches.sum()
    };
    let most = std::cell::Cell::new(0);
    let until = async |what: &str, numbers: std::ops::RangeInclusive<usize>| {
        let all_as_wanted = || {
            most.set(most.get().max(count()));
            let mut agents = agents.iter().zip(1..);
            agents.all(|(agent, number)| in_detail(agent) == numbers.contains(&number))
        };
        let waited = archipel_lab::until(what, archipel_lab::Patience::USUAL, async || {
            all_as_wanted().then_some(())
        });
        waited.await.unwrap();
    };
    screen.handle.look(over(1..=4));
    until("the first are seen", 1..=4).await;
    let before = asked();
    for first in 1..=8 {
        screen.handle.look(over(first..=first + 3));
    }
    screen.handle.look(over(9..=12));
    until("the last are seen", 9..=12).await;
    assert!(asked() - before <= 12, "{} requests", asked() - before);
    // More than the bound is no look at all; the screen never asks for it.
    screen.handle.look(over(1..=12));
    until("all are let go", 13..=13).await;
    assert!(most.get() <= LOOK_LIMIT, "{} at a time", most.get());
    screen.stop().await;
}
