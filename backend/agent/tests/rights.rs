//! Who may do what, asked over a real server: every verb by every kind of person, and the ways around.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use archipel_agent::Grant;
use archipel_language::{Verb, verb::VERBS};
use archipel_protocol::{
    Command, Element, Failure, IqKind, Request, VmId, events,
    failure::FailureKind,
    feed::{Detail, Rights, Row},
    permissions, rights,
    vm_control::Action,
};
use common::{
    team::{Fixture, asked, change, grant, settags},
    *,
};
use jiff::{SignedDuration, Timestamp};

fn machines(rows: &[Row]) -> BTreeSet<VmId> {
    let id = |row: &Row| match row {
        Row::Vm(row) => Some(row.id),
        _ => None,
    };
    rows.iter().filter_map(id).collect()
}

/// What `client` is told when it asks for the verb on the machine of the team `web`.
async fn tried(client: &Client, verb: &Verb) -> Result<(), Failure> {
    // What has to be said besides is sound for every verb.
    let said = ["1".to_owned(), "2".to_owned()];
    let request = verb.wire.request(&said).unwrap().unwrap();
    let kind = if request.is_change() {
        IqKind::Set
    } else {
        IqKind::Get
    };
    let command = Command::new(request).for_vm(vm(1)).to_element();
    client.iq(kind, hypervisor(), command).await.map(drop)
}

#[tokio::test]
async fn every_verb_is_decided_for_every_kind_of_person() {
    let hour = SignedDuration::from_hours(1);
    let expired = Grant {
        expires: Some(Timestamp::now() - hour),
        ..grant("expired", "all", None)
    };
    let grants = vec![
        grant("other", "all", Some("tag = db")),
        grant("revoked", "all", None),
        expired,
        grant("scoped", "all", Some("tag = web")),
    ];
    let Some(fixture) = Fixture::start("the matrix of rights", grants).await else {
        return;
    };
    let admin = fixture.site.client("admin").await;
    let revoked = asked(grant("revoked", "all", None));
    change(&admin, vec![rights::Change::Take(revoked)])
        .await
        .unwrap();
    for (person, allowed) in [
        ("eve", false),
        ("other", false),
        ("revoked", false),
        ("expired", false),
        ("scoped", true),
        ("admin", true),
    ] {
        let client = fixture.site.client(person).await;
        for verb in VERBS.iter().filter(|verb| verb.wire.words().is_some()) {
            let before = fixture.driver.calls().len();
            let refused = tried(&client, verb).await.err();
            let forbidden = refused.is_some_and(|failure| failure.kind == FailureKind::Forbidden);
            assert_eq!(forbidden, !allowed, "{person}: {}", verb.id);
            let changes = fixture.driver.calls()[before..]
                .iter()
                .filter(|call| call.changes())
                .count();
            assert!(allowed || changes == 0, "{person}: {}", verb.id);
        }
    }
}

#[tokio::test]
async fn who_holds_a_scope_sees_it_and_nothing_else() {
    let grants = vec![
        grant("scoped", "role/operator", Some("tag = web")),
        grant("scoped", "presence", None),
    ];
    let Some(fixture) = Fixture::start("the sight of a scope", grants).await else {
        return;
    };
    let mut scoped = fixture.site.client("scoped").await;
    let rows = scoped.watch("w", Detail::Metrics).await;
    assert_eq!(machines(&rows), [vm(1)].into());
    let Row::Host(host) = &rows[0] else {
        panic!("the host comes first: {rows:?}")
    };
    assert!(!host.rights.allow("create") && host.scoped[0].rights.allow("create"));
    assert_eq!(host.scoped[0].scope, "tag = web");

    let admin = fixture.site.client("admin").await;
    settags(&admin, Some(vm(3)), &["web"]).await.unwrap();
    let appeared = |row: &Row| matches!(row, Row::Vm(row) if row.id == vm(3)).then_some(());
    scoped.delta("the machine that was tagged", appeared).await;
    settags(&admin, Some(vm(1)), &[]).await.unwrap();
    let gone = |row: &Row| (*row == Row::Gone(vm(1))).then_some(());
    scoped.delta("the machine that lost its tag", gone).await;

    admin.vm(vm(2), Action::Create).await.unwrap();
    admin.vm(vm(3), Action::Create).await.unwrap();
    let query = events::Query {
        after: Some(0),
        limit: events::PAGE_LIMIT,
        ..events::Query::default()
    };
    eventually("the start to be in the log", async || {
        let page = scoped.ask(IqKind::Get, query.to_element()).await.unwrap();
        let page = events::Page::parse(&page).unwrap();
        assert!(
            page.events.iter().all(|event| event.vm == Some(vm(3))),
            "{page:?}"
        );
        !page.events.is_empty()
    })
    .await;

    let take = asked(grant("scoped", "role/operator", Some("tag = web")));
    change(&admin, vec![rights::Change::Take(take)])
        .await
        .unwrap();
    let refused = scoped.vm(vm(3), Action::Info).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
}

#[tokio::test]
async fn there_is_no_way_around_a_scope() {
    let grants = vec![
        grant("scoped", "all", Some("tag = web/**")),
        grant("other", "settags", None),
    ];
    let Some(fixture) = Fixture::start("ways around a scope", grants).await else {
        return;
    };
    let scoped = fixture.site.client("scoped").await;
    let other = fixture.site.client("other").await;
    let denied = |result: Result<(), Failure>| {
        assert_eq!(result.unwrap_err().kind, FailureKind::Forbidden);
    };
    // By tags: a machine out of the scope, a parent or child of its tag, and shedding one.
    denied(settags(&scoped, Some(vm(2)), &["web"]).await);
    for tag in ["web", "WEB", "web/front"] {
        denied(settags(&other, Some(vm(2)), &["db", tag]).await);
    }
    denied(settags(&other, Some(vm(1)), &[]).await);
    settags(&other, Some(vm(2)), &["db", "webmail"])
        .await
        .unwrap();
    settags(&scoped, Some(vm(1)), &["web/front"]).await.unwrap();
    // By granting: to oneself, wider, or to the whole host; on both wires.
    for (what, scope) in [
        ("all", None),
        ("create", None),
        ("create", Some("tag = db")),
        ("role/admin", None),
    ] {
        let give = rights::Change::Give(asked(grant("scoped", what, scope)));
        denied(change(&scoped, vec![give]).await.map(drop));
    }
    let own = permissions::Grant {
        subject: permissions::Subject::User(jid("scoped")),
        name: "all".into(),
        granted: true,
    };
    for action in [
        permissions::Action::Set {
            grants: vec![own.clone()],
        },
        permissions::Action::SetOwn { grants: vec![own] },
    ] {
        let command = Command::new(Request::Permissions(action));
        denied(scoped.command(&command).await.map(drop));
        let machine = command.for_vm(vm(2));
        denied(scoped.command(&machine).await.map(drop));
    }
    // By a name: what a machine is called decides nothing.
    denied(scoped.vm(vm(2), Action::Create).await.map(drop));
    scoped.vm(vm(1), Action::Create).await.unwrap();
}

#[tokio::test]
async fn rights_are_read_given_and_explained() {
    let Some(fixture) = Fixture::start("rights over the bus", vec![]).await else {
        return;
    };
    let mut admin = fixture.site.client("admin").await;
    let rows = admin.watch("w", Detail::State).await;
    let Row::Host(host) = &rows[0] else {
        panic!("the host comes first")
    };
    assert_eq!((host.rights.clone(), host.policy), (Rights::All, 0));
    let night = |what: &str| {
        rights::Change::Add(rights::RolePart {
            role: "night".into(),
            what: what.into(),
        })
    };
    let give = rights::Change::Give(asked(grant("olga", "role/night", Some("tag=WEB"))));
    let page = change(&admin, vec![night("create"), night("info"), give])
        .await
        .unwrap();
    assert_eq!(page.version, 1);
    let told = |row: &Row| matches!(row, Row::Host(host) if host.policy == 1).then_some(());
    admin.delta("the version of the policy", told).await;

    let query = rights::Query {
        of: Some(jid("olga")),
        after: 0,
    };
    let page = admin.ask(IqKind::Get, query.to_element()).await.unwrap();
    let rows = rights::Page::parse(&page).unwrap().rows;
    assert!(
        matches!(&rows[..], [rights::Row::Grant(grant)] if grant.scope.as_deref() == Some("tag = WEB")),
        "{rows:?}"
    );

    let olga = fixture.site.client("olga").await;
    let why = |who: &str, vm| rights::Why {
        who: jid(who),
        what: "create".into(),
        vm,
    };
    for (machine, allowed, says) in [
        (vm(1), true, "allowed by `role/night`"),
        (vm(2), false, "not for this"),
    ] {
        let answer = olga
            .ask(IqKind::Get, why("olga", Some(machine)).to_element())
            .await
            .unwrap();
        let explained = rights::Explained::parse(&answer).unwrap();
        assert_eq!(explained.allowed, allowed);
        assert!(explained.grounds[0].starts_with(says), "{explained:?}");
    }
    let refused = olga
        .ask(IqKind::Get, why("admin", None).to_element())
        .await
        .unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
}

#[tokio::test]
async fn the_originals_clients_read_and_set() {
    let Some(fixture) = Fixture::start("the original's permissions", vec![]).await else {
        return;
    };
    let admin = fixture.site.client("admin").await;
    let olga = fixture.site.client("olga").await;
    let set = |name: &str, granted| permissions::Grant {
        subject: permissions::Subject::User(jid("olga")),
        name: name.into(),
        granted,
    };
    let command = |action| Command::new(Request::Permissions(action));
    let grants = vec![
        set("info", true),
        set("create", true),
        set("destroy", false),
    ];
    admin
        .command(&command(permissions::Action::Set { grants }).for_vm(vm(2)))
        .await
        .unwrap();
    olga.vm(vm(2), Action::Create).await.unwrap();
    let refused = olga.vm(vm(1), Action::Info).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);

    let held = |answer: Element| -> Vec<String> {
        let items = answer
            .children()
            .filter(|child| child.name() == "permission");
        items
            .map(|item| item.attr("name").unwrap().to_owned())
            .collect()
    };
    let own = command(permissions::Action::GetOwn {
        of: permissions::Subject::User(jid("olga")),
    });
    assert_eq!(
        held(olga.command(&own.clone().for_vm(vm(2))).await.unwrap()),
        ["create", "info"]
    );
    assert!(held(olga.command(&own).await.unwrap()).is_empty());
    let others = command(permissions::Action::GetOwn {
        of: permissions::Subject::User(jid("admin")),
    });
    assert!(olga.command(&others).await.is_err());
    let list = command(permissions::Action::List).for_vm(vm(2));
    let known = held(admin.command(&list).await.unwrap());
    assert!(known.contains(&"create".to_owned()) && known.contains(&"role/operator".to_owned()));

    // Nothing of a request with a mistake is done.
    let grants = vec![set("destroy", true), set("destory", true)];
    let mistaken = command(permissions::Action::Set { grants }).for_vm(vm(2));
    assert!(admin.command(&mistaken).await.is_err());
    let refused = olga.vm(vm(2), Action::Destroy).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
}
