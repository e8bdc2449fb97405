//! What is wrong with hypervisors is named, and nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use archipel_config::finding::Severity;
use archipel_lab::ServerKind;
use archipel_operator::doctor::{Access, Aim, Examined, examine};
use archipel_protocol::{Epoch, feed::Rights};
use common::{
    Lab,
    agent::{Agent, Script},
    hv, lab, lab_with,
    original::{Original, WEB},
};
use jiff::SignedDuration;

/// Starts an agent and lets the operator trust it.
async fn trusted(lab: &Lab, number: u8, change: impl FnOnce(&mut Script)) -> Agent {
    let agent = Agent::start_with(lab, &format!("hv{number:02}"), 1, change);
    agent.online().await;
    let mut screen = lab.screen();
    let online =
        |fleet: &archipel_fleet::Fleet| matches!(fleet.link(), archipel_fleet::Link::Online { .. });
    screen.until("the operator is online", online).await;
    screen.handle.add(hv(number)).await.unwrap();
    let there = |fleet: &archipel_fleet::Fleet| {
        let own = fleet.hypervisor(&hv(number));
        own.is_some_and(|own| own.reach.is_online())
    };
    screen.until("the hypervisor is there", there).await;
    screen.stop().await;
    agent
}

/// What is told beyond hints, of hypervisors.
fn grave(examined: &Examined) -> Vec<(&'static str, String)> {
    assert_eq!(examined.access, Access::In);
    let mut told: Vec<_> = examined
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Hint)
        // The account of these tests is no administrator of the server.
        .filter(|finding| finding.id != "node.refused")
        .map(|finding| (finding.id, finding.on.clone()))
        .collect();
    told.sort();
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_hypervisors_are_named() {
    let Some(lab) = lab("faults_of_hypervisors_are_named").await else {
        return;
    };
    let sound = trusted(&lab, 1, |_| {}).await;
    let told = examine(lab.settings(), Aim(None)).await;
    assert_eq!(grave(&told), []);

    sound.stop().await;
    let odd = trusted(&lab, 1, |script| {
        // Another life than that of the sound one, whose row the operator may remember.
        script.epoch = Epoch::from_random([9; 16]);
        script.ahead = SignedDuration::from_hours(1);
        script.host.agent_version = "0.9.0".into();
        script.host.libvirt_lost = Some("no socket".into());
        script.rights = Rights::Only(Vec::new());
    })
    .await;
    let told = examine(lab.settings(), Aim(None)).await;
    let seeded = [
        "clock.agent",
        "feed.no-rights",
        "libvirt.lost",
        "version.agent",
    ];
    let seeded = seeded.map(|id| (id, hv(1).to_string()));
    assert_eq!(grave(&told), seeded);

    odd.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_a_feed_is_named() {
    let Some(lab) = lab_with(ServerKind::Prosody, "an agent without a feed", &[WEB]).await else {
        return;
    };
    let peer = Original::new();
    let _entities = peer.start(&lab).await;
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 2).await;
    screen.stop().await;

    let mut settings = lab.settings();
    // The peer says nothing to what it does not know; the original refuses it at once.
    settings.pace.question = Duration::from_secs(2);
    let told = examine(settings, Aim(Some("feed"))).await;
    assert_eq!(grave(&told), []);
    let mut found = told.findings.iter();
    let named = found.find(|finding| finding.id == "feed.none");
    assert_eq!(named.expect("feed.none").on, hv(1).to_string());
}
