//! Ways into a scope, into somebody's place, into the root admins' list: none leads there. What is done with tags and grants themselves is in
//! `rights.rs`; what forged feeds and pushes do to an operator, in the operator's tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_agent::{Agent, Deadlines, Parts, Pools, VmSessions};
use archipel_bus::RequestError;
use archipel_hypervisor::{
    Power,
    simulated::{Call, Fault, Gate},
};
use archipel_lab::ServerKind;
use archipel_protocol::{
    Command, Element, Failure, Iq, IqKind, Request, Stanza, VmId,
    failure::FailureKind,
    feed::{Detail, Row},
    machines,
    pubsub::{self, NodeConfig, Publishers},
    rights,
    tags::{self, Tags},
    vm_control::Action,
    vm_resources::{self, Disks},
};
use common::{
    Client, Site, driver, eventually, hypervisor, online,
    team::{Fixture, asked, change, grant, settags},
    vm,
};
use jiff::{SignedDuration, Timestamp};

async fn rename(client: &Client, id: VmId, name: &str) -> Result<(), Failure> {
    let action = vm_resources::Action::Rename { name: name.into() };
    let command = Command::new(Request::VmResources(action)).for_vm(id);
    client.command(&command).await.map(drop)
}

fn denied<T: std::fmt::Debug>(result: Result<T, Failure>) {
    assert_eq!(result.unwrap_err().kind, FailureKind::Forbidden);
}

#[tokio::test]
async fn a_name_leads_into_no_scope() {
    let grants = vec![
        grant("scoped", "all", Some("tag = web")),
        grant("other", "all", Some("tag = db")),
    ];
    let Some(fixture) = Fixture::start("names and scopes", grants).await else {
        return;
    };
    let site = &fixture.site;
    let (admin, scoped, other) = (
        site.client("admin").await,
        site.client("scoped").await,
        site.client("other").await,
    );
    denied(rename(&other, vm(1), "mine").await);
    rename(&scoped, vm(1), "web").await.unwrap();
    rename(&other, vm(2), "vm-1").await.unwrap();
    denied(scoped.vm(vm(2), Action::Create).await);
    denied(other.vm(vm(1), Action::Create).await);
    for scope in ["name = vm-1", "vm-1", "tag = web or name = *"] {
        let give = rights::Change::Give(asked(grant("olga", "create", Some(scope))));
        let refused = change(&admin, vec![give]).await.unwrap_err();
        assert!(
            matches!(refused.kind, FailureKind::Invalid { .. }),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn the_parent_of_a_tag_is_another_tag() {
    let grants = vec![
        grant("scoped", "all", Some("tag = site/munich")),
        grant("other", "settags", None),
    ];
    let Some(fixture) = Fixture::start("parents of tags", grants).await else {
        return;
    };
    let scoped = fixture.site.client("scoped").await;
    let other = fixture.site.client("other").await;
    denied(settags(&other, Some(vm(1)), &["web", "site/munich"]).await);
    for tags in [
        &["web", "site"][..],
        &["web", "site/munich-2"],
        &["web", "munich"],
    ] {
        settags(&other, Some(vm(1)), tags).await.unwrap();
        denied(scoped.vm(vm(1), Action::Create).await);
    }
}

async fn clone(client: &Client, of: VmId, name: &str) -> Result<(), Failure> {
    let action = machines::Action::Clone {
        jid: Some(format!("{of}@{}", common::DOMAIN).parse().unwrap()),
        name: Some(name.into()),
        copy: None,
    };
    let command = Command::new(Request::Machines(action));
    client.command(&command).await.map(drop)
}

/// The machine of this name, and its tags.
async fn named(client: &Client, name: &str) -> Option<(VmId, Vec<String>)> {
    let rows = client.watch("named", Detail::State).await;
    rows.into_iter().find_map(|row| match row {
        Row::Vm(row) if row.name == name => Some((row.id, row.tags)),
        _ => None,
    })
}

#[tokio::test]
async fn a_copy_brings_nobody_into_a_scope() {
    let first = format!("id = {}", vm(1));
    let grants = vec![
        grant("scoped", "all", Some("tag = web")),
        grant("other", "all", Some("tag = db")),
        grant("other", "clone", None),
        grant("olga", "all", Some(&first)),
    ];
    let Some(fixture) = Fixture::start("copies and scopes", grants).await else {
        return;
    };
    let site = &fixture.site;
    let (admin, scoped, other, olga) = (
        site.client("admin").await,
        site.client("scoped").await,
        site.client("other").await,
        site.client("olga").await,
    );
    settags(&admin, Some(vm(1)), &["web", "plain"])
        .await
        .unwrap();
    // Who may copy every machine gets the copy, and neither the team's tag nor the team's machine.
    clone(&other, vm(1), "twin").await.unwrap();
    let (twin, tags) = named(&admin, "twin").await.unwrap();
    assert_eq!(tags, ["plain"]);
    other.vm(twin, Action::Info).await.unwrap();
    denied(other.vm(vm(1), Action::Info).await);
    denied(settags(&other, Some(twin), &["plain", "web"]).await);
    denied(clone(&scoped, vm(2), "mine").await);
    assert_eq!(named(&admin, "mine").await, None);
    // What was granted for the first, and for its tag, says nothing of the copy.
    denied(scoped.vm(twin, Action::Info).await);
    denied(olga.vm(twin, Action::Info).await);
    olga.vm(vm(1), Action::Info).await.unwrap();
    // The copy of a copy sheds and gains nothing either; what is the maker's own to set comes along.
    clone(&other, twin, "third").await.unwrap();
    assert_eq!(named(&admin, "third").await.unwrap().1, ["plain"]);
    let policy = site.store().policy().await.unwrap();
    let of_twin = |grant: &&archipel_agent::Grant| {
        grant
            .scope
            .as_deref()
            .is_some_and(|scope| scope.contains(&twin.to_string()))
    };
    let granted: Vec<_> = policy.grants.iter().filter(of_twin).collect();
    assert!(
        granted.len() == 1
            && granted[0].jid == common::jid("other")
            && granted[0].permission == "role/owner",
        "{granted:?}"
    );
}

#[tokio::test]
async fn what_others_publish_decides_nothing() {
    for kind in ServerKind::ALL {
        published_on(kind).await;
    }
}

/// The original believed items of these nodes, and event messages of anybody.
async fn published_on(kind: ServerKind) {
    let grants = vec![grant("scoped", "all", Some("tag = web"))];
    let Some(fixture) = Fixture::on(kind, "published items", grants).await else {
        return;
    };
    let site = &fixture.site;
    let (admin, eve) = (site.client("admin").await, site.client("eve").await);
    let scoped = site.client("scoped").await;
    let machine = format!("{}@{}", vm(2), common::DOMAIN).parse().unwrap();
    let item = tags::publish(&machine, &Tags::new(["web"]));
    let create = pubsub::create(tags::NODE, &NodeConfig::stored(10, Publishers::Open));
    let service = format!("pubsub.{}", common::DOMAIN);
    let service: archipel_protocol::Jid = service.parse().unwrap();
    admin
        .iq(IqKind::Set, service.clone(), create)
        .await
        .unwrap();
    eve.iq(IqKind::Set, service, item).await.unwrap();
    for text in forgeries() {
        let message = format!(
            "<message xmlns='jabber:client' type='headline' to='{}'><event xmlns='http://jabber.org/protocol/pubsub#event'>{text}</event></message>",
            hypervisor()
        );
        let message: Element = message.parse().unwrap();
        eve.send(Stanza::parse(message).unwrap()).await;
    }
    // What she asks after it is answered after it.
    denied(eve.vm(vm(1), Action::Info).await);
    denied(scoped.vm(vm(2), Action::Create).await);
    let rows = admin.watch("w", Detail::State).await;
    let tagged = |row: &Row| matches!(row, Row::Vm(row) if row.id == vm(2) && row.tags == ["db"]);
    assert!(rows.iter().any(tagged), "{rows:?}");
}

fn forgeries() -> [String; 3] {
    let items =
        |node: &str, item: &str| format!("<items node='{node}'><item id='1'>{item}</item></items>");
    let tag = format!("<tag jid='{}@{}' tags='web'/>", vm(2), common::DOMAIN);
    [
        items("/archipel/adminaccounts", "<admin node='eve@dc.example'/>"),
        items("/archipel/tags", &tag),
        items(
            "/archipel/roles",
            "<role name='x'><permission name='all'/></role>",
        ),
    ]
}

#[tokio::test]
async fn an_account_that_was_there_first_is_nobodys_machine() {
    let taken = vm(1).to_string();
    let people = |options: archipel_lab::ServerOptions| {
        options.registration().account(&taken, common::PASSWORD)
    };
    let Some(site) = Site::with(ServerKind::Prosody, "a taken account", people).await else {
        return;
    };
    let driver = driver(3);
    let parts = Parts {
        vm_sessions: VmSessions::Auto,
        ..site.parts(&driver)
    };
    let _agent = online(Agent::start(parts)).await;
    let (admin, thief) = (site.client("admin").await, site.client(&taken).await);
    // The others get their sessions, it is served through its hypervisor.
    eventually("the sessions of the others", async || {
        let rows = admin.watch("w", Detail::State).await;
        let live = rows.iter().filter_map(|row| match row {
            Row::Vm(row) if row.flags.session => Some(row.id),
            _ => None,
        });
        live.collect::<Vec<_>>() == [vm(2), vm(3)]
    })
    .await;
    admin.vm(vm(1), Action::Create).await.unwrap();
    denied(thief.vm(vm(1), Action::Destroy).await);
    let free = vm_resources::Action::Free {
        disks: Some(Disks::Delete),
    };
    let free = Command::new(Request::VmResources(free)).for_vm(vm(1));
    denied(thief.command(&free).await);
}

/// A change that waits behind others is carried out by the rights that its requester has when its turn comes.
#[tokio::test]
async fn a_right_that_is_lost_in_the_queue_is_lost() {
    let grants = vec![grant("scoped", "all", Some("tag = web"))];
    let narrow = |parts: Parts| Parts {
        pools: Pools::new(4, 1),
        deadlines: Deadlines {
            change: common::DEADLINE,
            ..parts.deadlines
        },
        ..parts
    };
    let (kind, test) = (ServerKind::Prosody, "rights lost in the queue");
    let Some(fixture) = Fixture::with(kind, test, grants, narrow).await else {
        return;
    };
    let site = &fixture.site;
    let (admin, scoped, other) = (
        site.client("admin").await,
        site.client("scoped").await,
        site.client("other").await,
    );
    let gate = Gate::new();
    let first = vm(3);
    let hangs = move |call: &Call| *call == Call::Power(first, Power::Start);
    fixture.driver.inject(Fault::hang(&gate).on(hangs));
    let start = |client: &Client, id: VmId| {
        let session = client.session.clone();
        let command = Command::new(Request::VmControl(Action::Create)).for_vm(id);
        let ask = Iq::request(IqKind::Set, Some(hypervisor().into()), command.to_element());
        tokio::spawn(async move { session.request(ask, common::DEADLINE).await })
    };
    let held = start(&admin, first);
    eventually("the first change is under way", async || {
        fixture.driver.calls().iter().any(&hangs)
    })
    .await;
    let soon = rights::Grant {
        until: Some(Timestamp::now() + SignedDuration::from_secs(15)),
        ..asked(grant("other", "all", Some("tag = db")))
    };
    change(&admin, vec![rights::Change::Give(soon)])
        .await
        .unwrap();
    let waiting = [start(&scoped, vm(1)), start(&other, vm(2))];
    // Both are let in; what they ask next is answered after that.
    scoped.vm(vm(1), Action::Info).await.unwrap();
    other.vm(vm(2), Action::Info).await.unwrap();
    let take = rights::Change::Take(asked(grant("scoped", "all", Some("tag = web"))));
    change(&admin, vec![take]).await.unwrap();
    eventually("the other's right to be over", async || {
        other.vm(vm(2), Action::Info).await.is_err()
    })
    .await;
    gate.open();
    held.await.unwrap().unwrap();
    for asked in waiting {
        let Err(RequestError::Refused(refused)) = asked.await.unwrap() else {
            panic!("a change without the right to it was made");
        };
        assert_eq!(Failure::parse(&refused).kind, FailureKind::Forbidden);
    }
    let started = |id| Call::Power(id, Power::Start);
    let calls = fixture.driver.calls();
    assert!(!calls.contains(&started(vm(1))) && !calls.contains(&started(vm(2))));
}
