//! The watch on a hypervisor: what is believed, what is asked for anew, what survives.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_fleet::{Link, Reach};
use archipel_protocol::{
    Epoch, Seq, VmState, WatchId,
    feed::{Kind, Row, Update},
};
use common::{
    agent::{Agent, machine},
    hv, is_live, lab, vm, vm_id,
};

#[tokio::test]
async fn a_hypervisor_that_is_added_appears_with_its_machines_and_follows() {
    let Some(lab) = lab("added").await else {
        return;
    };
    let agent = Agent::start_with(&lab, "hv01", 7, |script| script.page_size = 3);
    let mut screen = lab.screen();
    screen
        .until("the link is up", |fleet| fleet.link().is_online())
        .await;
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 7).await;
    assert_eq!(
        screen.handle.whoami().jid.unwrap().to_bare().to_string(),
        "olga@dc.example"
    );

    agent.change(machine(2, VmState::Running)).await;
    screen
        .until("web02 runs", |fleet| {
            fleet.vm(&vm(1, 2)).unwrap().state == VmState::Running
        })
        .await;
    assert_eq!(agent.script().watches.len(), 1, "nothing is polled");
    screen.stop().await;
}

#[tokio::test]
async fn a_gap_or_another_life_is_asked_for_anew() {
    let Some(lab) = lab("gap").await else { return };
    let agent = Agent::start(&lab, "hv01", 2);
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 2).await;

    // A change of which the watcher is not told.
    agent
        .script()
        .machines
        .insert(vm_id(9), machine(9, VmState::Running));
    agent.script().seq += 1;
    agent.change(machine(1, VmState::Paused)).await;
    screen.until_live(&hv(1), 3).await;
    assert_eq!(agent.script().watches.len(), 2);
    let known = agent.script().watches[1].1.known.clone();
    assert_eq!(known.unwrap().1, Seq(1));
    let first = agent.script().watches[0].1.id.clone();
    agent
        .until("the old watch is ended", |script| {
            script.ended == [first.clone()]
        })
        .await;

    agent.script().epoch = Epoch::from_random([99; 16]);
    agent.script().machines.remove(&vm_id(9));
    agent.change(machine(1, VmState::Running)).await;
    screen.until_live(&hv(1), 2).await;
    screen.stop().await;
}

fn lie(agent: &Agent) -> Update {
    let script = agent.script();
    let from = Seq(script.seq);
    let mut update = script.update(Kind::Delta { from }, vec![Row::Gone(vm_id(1))]);
    update.seq = Seq(script.seq + 1);
    update
}

#[tokio::test]
async fn a_feed_of_another_watch_or_from_another_address_changes_nothing() {
    let Some(lab) = lab("lies").await else { return };
    let agent = Agent::start(&lab, "hv01", 2);
    let eve = Agent::start(&lab, "eve", 0);
    eve.online().await;
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 2).await;

    let olga = agent.script().watches[0].0.clone();
    let truthful = lie(&agent);
    eve.tell_to(olga.clone(), truthful.clone()).await;
    let foreign = Update {
        watch: WatchId::from_random([7; 16]),
        ..truthful
    };
    agent.tell_to(olga, foreign).await;
    // The truth comes after both lies on the way from the agent.
    agent.change(machine(2, VmState::Running)).await;
    screen
        .until("web02 runs", |fleet| {
            fleet.vm(&vm(1, 2)).unwrap().state == VmState::Running
        })
        .await;
    screen.settle().await;
    assert!(is_live(&screen.fleet, &hv(1), 2));
    assert_eq!(
        agent.script().watches.len(),
        1,
        "lies are not even asked about"
    );
    screen.stop().await;
}

#[tokio::test]
async fn a_contact_that_is_not_trusted_is_not_watched() {
    let Some(lab) = lab("untrusted").await else {
        return;
    };
    let agent = Agent::start(&lab, "hv01", 2);
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 2).await;
    screen.handle.remove(hv(1)).await.unwrap();
    screen
        .until("it is forgotten", |fleet| fleet.counts().machines == 0)
        .await;
    agent.change(machine(1, VmState::Running)).await;
    screen.settle().await;
    assert_eq!(screen.fleet.counts().hypervisors, 0);
    let error = screen.handle.definition(&vm(1, 1)).await.unwrap_err();
    assert!(error.to_string().contains("not trusted"), "{error}");
    screen.stop().await;
}

#[tokio::test]
async fn a_stranger_who_wants_to_subscribe_is_told_of_and_gets_nothing() {
    let Some(lab) = lab("stranger").await else {
        return;
    };
    let eve = Agent::start(&lab, "eve", 1);
    eve.online().await;
    let mut screen = lab.screen();
    screen
        .until("the link is up", |fleet| fleet.link().is_online())
        .await;
    let olga = "olga@dc.example"
        .parse::<archipel_protocol::HypervisorId>()
        .unwrap();
    let knock = archipel_protocol::Presence::new(archipel_protocol::PresenceKind::Subscribe);
    eve.session
        .send(knock.to(olga.jid().clone()))
        .await
        .unwrap();
    let told = |fleet: &archipel_fleet::Fleet| {
        fleet
            .notices()
            .any(|told| told.notice.text.contains("eve@dc.example"))
    };
    screen.until("it is told", told).await;
    screen.settle().await;
    let of_olga = |presence: &&archipel_protocol::Presence| {
        let from = presence.from.as_ref();
        from.is_some_and(|from| from.to_bare() == *olga.jid())
    };
    let seen = eve.script().presences.clone();
    // Prosody itself tells strangers that the account is not to be seen.
    let told = seen.iter().filter(of_olga);
    let mut kinds = told.map(|presence| &presence.kind);
    assert!(
        kinds.all(|kind| *kind == archipel_protocol::PresenceKind::Unavailable),
        "{seen:?}"
    );
    screen.stop().await;
}

#[tokio::test]
async fn an_agent_that_leaves_leaves_its_last_state_and_comes_back_without_doubles() {
    let Some(lab) = lab("leaves").await else {
        return;
    };
    let agent = Agent::start(&lab, "hv01", 3);
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 3).await;

    agent.stop().await;
    let offline = |fleet: &archipel_fleet::Fleet| {
        matches!(
            fleet.hypervisor(&hv(1)).unwrap().reach,
            Reach::Offline { .. }
        )
    };
    screen.until("it is offline", offline).await;
    assert_eq!(
        (screen.fleet.counts().machines, screen.fleet.counts().stale),
        (3, 3)
    );
    assert!(
        screen
            .fleet
            .vm(&vm(1, 1))
            .unwrap()
            .fresh
            .age(archipel_fleet::Moment(u64::MAX))
            .is_some()
    );

    let agent = Agent::start(&lab, "hv01", 3);
    screen.until_live(&hv(1), 3).await;
    assert_eq!(screen.fleet.counts().stale, 0);
    assert_eq!(agent.script().watches.len(), 1);
    screen.stop().await;
}

#[tokio::test]
async fn a_server_that_was_killed_costs_nothing_but_time() {
    let Some(mut lab) = lab("killed").await else {
        return;
    };
    let agent = Agent::start(&lab, "hv01", 3);
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 3).await;

    lab.server.kill().await;
    let down = |fleet: &archipel_fleet::Fleet| matches!(fleet.link(), Link::Suspended { .. });
    screen.until("the link is down", down).await;
    assert_eq!(screen.fleet.counts().stale, 3);
    agent.script().machines.remove(&vm_id(3));
    agent.script().seq += 1;
    agent.script().epoch = Epoch::from_random([55; 16]);
    lab.server.restart().await.unwrap();
    screen.until_live(&hv(1), 2).await;
    assert_eq!(screen.fleet.counts().machines, 2);
    screen.stop().await;
}

#[tokio::test]
async fn an_original_agent_is_there_without_a_feed() {
    let Some(lab) = lab("original").await else {
        return;
    };
    let agent = Agent::start_with(&lab, "hv01", 1, |script| script.has_feed = false);
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    let original = |fleet: &archipel_fleet::Fleet| {
        let own = fleet.hypervisor(&hv(1));
        own.is_some_and(|own| own.reach.is_online() && own.wire == archipel_fleet::Wire::Original)
    };
    screen.until("it is known as one", original).await;
    assert!(agent.script().watches.is_empty());
    screen.stop().await;
}
