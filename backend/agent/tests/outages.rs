//! What the bus sees while something else is broken.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use archipel_agent::{Agent, Deadlines, Parts};
use archipel_bus::Event;
use archipel_hypervisor::{
    Driver as _, Power,
    simulated::{Call, Change, Fault, Gate},
};
use archipel_lab::ServerKind;
use archipel_protocol::{
    Command, Element, IqKind, Presence, PresenceKind, Request, Stanza, VmState, events,
    failure::FailureKind,
    feed::{self, Detail, Row},
    ns,
    presence::is_libvirt_lost,
    vcard::{self, Card, Role},
    vm_control::Action,
};
use common::{Client, Site, driver, eventually, hypervisor, jid, online, operation, vm};

fn ping() -> Element {
    Element::bare("ping", ns::PING)
}

/// The agent's event log.
async fn log(client: &Client) -> events::Page {
    let query = events::Query {
        after: Some(0),
        limit: 60,
        ..events::Query::default()
    };
    let answer = client.ask(IqKind::Get, query.to_element()).await.unwrap();
    events::Page::parse(&answer).unwrap()
}

#[tokio::test]
async fn a_lost_libvirt_is_said_and_everything_is_current_when_it_is_back() {
    let Some(site) = Site::start(ServerKind::Prosody, "a lost libvirt").await else {
        return;
    };
    let driver = driver(2);
    let _agent = site.agent(&driver).await;
    let mut admin = site.client("admin").await;
    admin
        .send(Presence::new(PresenceKind::Available).to(hypervisor()))
        .await;
    admin.watch("w", Detail::State).await;

    driver.lose("socket closed");
    let lost = |event| match event {
        Event::Stanza(Stanza::Presence(presence)) => is_libvirt_lost(&presence).then_some(()),
        _ => None,
    };
    admin.wait("presence that says so", lost).await;
    let refused = admin.vm(vm(1), Action::Create).await.unwrap_err();
    assert!(
        matches!(refused.kind, FailureKind::Libvirt { .. }),
        "{refused:?}"
    );

    driver
        .outside_unheard(Change::Power(vm(2), Power::Start))
        .unwrap();
    driver.restore();
    let state = admin
        .delta("what happened meanwhile", |row| match row {
            Row::Vm(row) if row.id == vm(2) => Some(row.state),
            _ => None,
        })
        .await;
    assert_eq!(state, VmState::Running);
    eventually("the log to tell it", async || {
        let words: Vec<_> = log(&admin).await.events;
        let words: Vec<_> = words.iter().map(|event| event.what.as_str()).collect();
        ["libvirt-lost", "libvirt-back", "state"]
            .iter()
            .all(|word| words.contains(word))
    })
    .await;
}

#[tokio::test]
async fn a_hung_libvirt_does_not_silence_the_agent() {
    let Some(site) = Site::start(ServerKind::Prosody, "a hung libvirt").await else {
        return;
    };
    let driver = driver(1);
    let deadlines = Deadlines {
        read: Duration::from_millis(300),
        change: Duration::from_millis(300),
    };
    let parts = Parts {
        deadlines,
        ..site.parts(&driver)
    };
    let _agent = online(Agent::start(parts)).await;
    let admin = site.client("admin").await;
    eventually("the machine to be known", async || {
        admin.vm(vm(1), Action::Info).await.is_ok()
    })
    .await;

    let gate = Gate::new();
    driver.inject(Fault::hang(&gate));
    let start = Command::new(Request::VmControl(Action::Create))
        .for_vm(vm(1))
        .with_operation(operation("slow"));
    let refused = admin.command(&start).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Busy);
    assert!(refused.text.contains("goes on"), "{}", refused.text);
    let again = admin.command(&start).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::Busy);
    admin.iq(IqKind::Get, hypervisor(), ping()).await.unwrap();
    admin.vm(vm(1), Action::Info).await.unwrap();
    let is_said = |row: &Row| match row {
        Row::Host(host) => host
            .libvirt_lost
            .as_ref()
            .is_some_and(|why| why.contains("not answered") || why.contains("busy")),
        _ => false,
    };
    // A busy host may have been too slow for these deadlines before.
    eventually("the host's row to say so", async || {
        admin.watch("w", Detail::State).await.iter().any(is_said)
    })
    .await;

    driver.heal();
    gate.open();
    eventually("the late result to be recorded", async || {
        admin.command(&start).await.is_ok()
    })
    .await;
    let starts = driver.calls();
    let starts = starts.iter().filter(|call| matches!(call, Call::Power(..)));
    assert_eq!(starts.count(), 1);
}

/// A list may be older than the news that came while it was made.
#[tokio::test]
async fn a_list_does_not_take_back_what_was_heard_meanwhile() {
    let Some(site) = Site::start(ServerKind::Prosody, "an old list").await else {
        return;
    };
    let driver = driver(2);
    let _agent = site.agent(&driver).await;
    let mut admin = site.client("admin").await;
    eventually("the machines to be known", async || {
        admin.vm(vm(2), Action::Info).await.is_ok()
    })
    .await;
    admin.watch("first", Detail::State).await;

    let (list, machine) = (Gate::new(), Gate::new());
    driver
        .outside_unheard(Change::Power(vm(2), Power::Start))
        .unwrap();
    driver.inject(Fault::hold(&list).on(|call| *call == Call::Domains));
    driver.restore();
    eventually("libvirt to have listed", async || list.waiting() > 0).await;
    // What is read anew does not make good for the list.
    driver.inject(Fault::hang(&machine).on(|call| *call == Call::Domain(vm(1))));
    driver.outside(Change::Power(vm(1), Power::Start)).unwrap();
    admin.until_state(vm(1), VmState::Running).await;
    list.open();
    admin.until_state(vm(2), VmState::Running).await;
    let rows = admin.watch("second", Detail::State).await;
    let running = rows.iter().filter(|row| match row {
        Row::Vm(row) => row.state == VmState::Running,
        _ => false,
    });
    assert_eq!(running.count(), 2, "{rows:?}");
    machine.open();
}

/// libvirt looks at each emulator of the host before it answers what the host can do, and asks the name service for its name.
#[tokio::test]
async fn machines_do_not_wait_for_what_libvirt_says_of_the_host() {
    let Some(site) = Site::start(ServerKind::Prosody, "slow facts").await else {
        return;
    };
    let driver = driver(2);
    let gate = Gate::new();
    driver.inject(Fault::hang(&gate).on(|call| matches!(call, Call::Node)));
    let parts = Parts {
        hostname: "simulated".to_owned(),
        ..site.parts(&driver)
    };
    let _agent = online(Agent::start(parts)).await;
    let admin = site.client("admin").await;
    eventually("the machines to be known", async || {
        admin.vm(vm(2), Action::Info).await.is_ok()
    })
    .await;
    gate.open();
    let known = Card::of(
        Role::Hypervisor,
        &driver.node().unwrap().driver,
        "simulated",
    );
    eventually("the card to tell what libvirt said", async || {
        let card = admin.iq(IqKind::Get, jid("hv01"), vcard::query()).await;
        let card = card.ok().and_then(|iq| Card::parse(iq.payload()?).ok());
        card.is_some_and(|card| card.title == known.title)
    })
    .await;
}

#[tokio::test]
async fn an_operation_of_an_earlier_life_is_settled_or_left_alone() {
    let Some(site) = Site::start(ServerKind::Prosody, "an operation of an earlier life").await
    else {
        return;
    };
    let driver = driver(2);
    let parts = Parts {
        deadlines: Deadlines {
            change: Duration::from_millis(100),
            ..Deadlines::default()
        },
        ..site.parts(&driver)
    };
    let agent = online(Agent::start(parts)).await;
    let admin = site.client("admin").await;
    let gate = Gate::new();
    driver.inject(Fault::hang(&gate).on(|call| matches!(call, Call::Power(..))));
    let ask = |number: usize, action| {
        Command::new(Request::VmControl(action))
            .for_vm(vm(number))
            .with_operation(operation(&format!("op-{number}")))
    };
    let (start, reboot) = (ask(1, Action::Create), ask(2, Action::Reboot));
    eventually("the machines to be known", async || {
        admin.vm(vm(2), Action::Info).await.is_ok()
    })
    .await;
    for command in [&start, &reboot] {
        assert_eq!(
            admin.command(command).await.unwrap_err().kind,
            FailureKind::Busy
        );
    }
    agent.stop().await;
    driver.heal();
    driver.take_calls();
    driver.outside(Change::Power(vm(1), Power::Start)).unwrap();

    let _again = site.agent(&driver).await;
    eventually("the machines to be known", async || {
        admin.vm(vm(2), Action::Info).await.is_ok()
    })
    .await;
    assert!(admin.command(&start).await.is_ok());
    let unknown = admin.command(&reboot).await.unwrap_err();
    assert_eq!(unknown.kind, FailureKind::Interrupted);
    assert!(!driver.calls().into_iter().any(|call| call.changes()));
    gate.open();
}

#[tokio::test]
async fn event_numbers_go_on_after_a_restart_and_feed_numbers_begin_anew() {
    let Some(site) = Site::start(ServerKind::Ejabberd, "a restart").await else {
        return;
    };
    let driver = driver(1);
    let agent = site.agent(&driver).await;
    let admin = site.client("admin").await;
    eventually("the machine to start", async || {
        admin.vm(vm(1), Action::Create).await.is_ok()
    })
    .await;
    eventually("the log to tell it", async || {
        let events = log(&admin).await.events;
        let by = events.iter().find(|event| event.what == "command");
        by.is_some_and(|event| event.by == Some(jid("admin")) && event.text == "start: done")
    })
    .await;
    let before = log(&admin).await;
    let first = admin.update(watch("w").to_element()).await.unwrap();
    agent.stop().await;

    let _again = site.agent(&driver).await;
    admin
        .vm(vm(1), Action::Destroy)
        .await
        .unwrap_or_else(|_| Element::bare("x", "x"));
    eventually("the machine to stop", async || {
        admin.vm(vm(1), Action::Destroy).await.is_ok()
    })
    .await;
    eventually("new events", async || {
        log(&admin).await.newest > before.newest
    })
    .await;
    let after = log(&admin).await;
    assert_eq!(after.events[..before.events.len()], before.events);
    let numbers: Vec<u64> = after.events.iter().map(|event| event.number).collect();
    let expected: Vec<u64> = (1..=after.newest).collect();
    assert_eq!(numbers, expected);
    let known = feed::Watch {
        known: Some((first.epoch.clone(), first.seq)),
        ..watch("w")
    };
    let second = admin.update(known.to_element()).await.unwrap();
    assert_ne!(second.epoch, first.epoch);
    assert!(matches!(second.kind, feed::Kind::Snapshot { .. }));
}

fn watch(id: &str) -> feed::Watch {
    feed::Watch {
        id: id.parse().unwrap(),
        known: None,
        detail: Detail::State,
        every_s: 5,
    }
}
