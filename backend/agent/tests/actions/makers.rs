//! Who makes machines: under a scope, for oneself, and what is left when they are gone.

use archipel_agent::{Grant, PolicyChange};
use archipel_lab::ServerKind;
use archipel_protocol::{
    Command, Failure, Request, VmId,
    failure::FailureKind,
    feed::{Detail, Row},
    machines::{Action, Copying, Machine, Reply as Made},
    tags::{self, Tags},
    vm_control::Action as Control,
    vm_resources::Disks,
};

use crate::{
    common::{Client, Site, driver, jid, vm},
    say::{address, alloc, ask, control, define, known, machines, made},
};

fn grant(who: &str, permission: &str, scope: Option<&str>) -> PolicyChange {
    PolicyChange::Give(Grant {
        jid: jid(who),
        permission: permission.into(),
        scope: scope.map(str::to_owned),
        expires: None,
    })
}

async fn granted(site: &Site, grants: &[(&str, &str, Option<&str>)]) {
    let all = grants
        .iter()
        .map(|(who, what, scope)| grant(who, what, *scope));
    site.store().change_policy(all.collect()).await.unwrap();
}

async fn settags(client: &Client, id: VmId, tags: &[&str]) -> Result<(), Failure> {
    let action = tags::Action::Set {
        tags: Tags::new(tags),
    };
    ask(client, id, Request::Tags(action)).await.map(drop)
}

/// The tags that the feed tells; `None`: no such machine is told of.
async fn tags(client: &Client, watch: &str, id: VmId) -> Option<Vec<String>> {
    let rows = client.watch(watch, Detail::State).await;
    rows.into_iter().find_map(|row| match row {
        Row::Vm(row) if row.id == id => Some(row.tags),
        _ => None,
    })
}

fn within(action: Action, wanted: &str) -> Action {
    match action {
        Action::Alloc {
            name,
            organisation,
            unit,
            locality,
            owner,
            categories,
            domain,
            ..
        } => Action::Alloc {
            name,
            organisation,
            unit,
            locality,
            owner,
            categories,
            domain,
            scope: Some(wanted.into()),
        },
        other => other,
    }
}

fn forbidden<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
    let failure = result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden, "{failure}");
    failure.text
}

#[tokio::test]
async fn what_is_made_under_a_scope_is_in_it_and_its_makers_own() {
    let Some(site) = Site::start(ServerKind::Prosody, "made under a scope").await else {
        return;
    };
    granted(
        &site,
        &[
            ("olga", "alloc", Some("tag = web")),
            ("olga", "rostervm", Some("tag = web")),
            ("eve", "alloc", Some("tag = db")),
            ("eve", "alloc", Some("tag = web and tag = db")),
        ],
    )
    .await;
    let driver = driver(2);
    let agent = site.agent(&driver).await;
    let (admin, olga, eve) = (
        site.client("admin").await,
        site.client("olga").await,
        site.client("eve").await,
    );
    known(&admin, vm(1)).await;

    let shop = made(machines(&olga, alloc("shop", None)).await.unwrap());
    assert_eq!(tags(&olga, "a", shop).await, Some(vec!["web".to_owned()]));
    let bare = "<domain type='test'><name>x</name><memory>65536</memory><os><type>hvm</type></os></domain>";
    define(&olga, shop, bare).await.unwrap();
    control(&olga, shop, Control::Create).await.unwrap();
    // It is the maker's to use, and not to hand on or to carry out of its scope.
    forbidden(settags(&olga, shop, &["db"]).await);
    forbidden(settags(&olga, shop, &[]).await);
    settags(&olga, shop, &["web", "front"]).await.unwrap();
    // What the definition may reach depends on rights on the host, not on the machine.
    let host = bare.replace("</domain>", "<devices><hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/></source></hostdev></devices></domain>");
    forbidden(define(&olga, shop, &host).await);
    forbidden(machines(&olga, alloc("host", Some(&host))).await);
    forbidden(control(&olga, vm(1), Control::Create).await);
    forbidden(control(&eve, shop, Control::Info).await);

    // Two scopes: it must be said which; one that is not held is none.
    let which = machines(&eve, alloc("box", None)).await.unwrap_err();
    assert_eq!(
        which.kind,
        FailureKind::Invalid { field: "in".into() },
        "{which}"
    );
    forbidden(machines(&eve, within(alloc("box", None), "tag = other")).await);
    let own = made(
        machines(&eve, within(alloc("box", None), "tag = db"))
            .await
            .unwrap(),
    );
    assert_eq!(tags(&admin, "b", own).await, Some(vec!["db".to_owned()]));

    // The original's name for it, by whoever may: the machine is looked at, not the host.
    let free = |id| Action::Free {
        jid: address(id),
        disks: Some(Disks::Keep),
    };
    forbidden(machines(&olga, free(own)).await);
    control(&olga, shop, Control::Destroy).await.unwrap();
    machines(&olga, free(shop)).await.unwrap();
    assert_eq!(tags(&admin, "c", shop).await, None);
    let policy = site.store().policy().await.unwrap();
    let left = |grant: &Grant| {
        grant
            .scope
            .as_ref()
            .is_some_and(|scope| scope.contains(&shop.to_string()))
    };
    assert!(!policy.grants.iter().any(left), "{policy:?}");

    // All of it is remembered.
    agent.stop().await;
    let _again = site.agent(&driver).await;
    known(&admin, vm(1)).await;
    assert_eq!(tags(&admin, "d", own).await, Some(vec!["db".to_owned()]));
    control(&eve, own, Control::Info).await.unwrap();
}

#[tokio::test]
async fn a_copy_leaves_no_scope() {
    let Some(site) = Site::start(ServerKind::Ejabberd, "copies and scopes").await else {
        return;
    };
    granted(
        &site,
        &[
            ("olga", "clone", Some("tag = web")),
            ("olga", "rostervm", Some("tag = web")),
            ("eve", "all", Some(&format!("id = {}", vm(1)))),
            ("olga", "info", Some("tag = prod")),
        ],
    )
    .await;
    let driver = driver(2);
    let _agent = site.agent(&driver).await;
    let (admin, olga, eve) = (
        site.client("admin").await,
        site.client("olga").await,
        site.client("eve").await,
    );
    known(&admin, vm(1)).await;
    settags(&admin, vm(1), &["prod", "web", "plain"])
        .await
        .unwrap();
    let clone = |of, name: &str| Action::Clone {
        jid: Some(address(of)),
        name: Some(name.into()),
        copy: Some(Copying::Full),
    };
    machines(&olga, clone(vm(1), "twin")).await.unwrap();
    let twin = driver
        .truth()
        .into_iter()
        .find(|domain| domain.name == "twin")
        .unwrap()
        .id;
    // The scope's tag and what anybody could set; a tag that decides over others' rights is not carried along.
    assert_eq!(
        tags(&olga, "a", twin).await,
        Some(vec!["web".to_owned(), "plain".to_owned()])
    );
    forbidden(machines(&olga, clone(vm(2), "other")).await);
    // Everything about one machine is nothing about its copy.
    forbidden(machines(&eve, clone(vm(1), "mine")).await);
    forbidden(machines(&eve, clone(vm(2), "mine")).await);
}

#[tokio::test]
async fn a_card_says_what_was_said() {
    let Some(site) = Site::start(ServerKind::Prosody, "organisation data").await else {
        return;
    };
    let driver = driver(1);
    let _agent = site.agent(&driver).await;
    let (admin, eve) = (site.client("admin").await, site.client("eve").await);
    known(&admin, vm(1)).await;
    let say = |name: Option<&str>| Action::SetOrgInfo {
        target: vm(1),
        name: name.map(str::to_owned),
        organisation: Some("Example Lab".into()),
        unit: None,
        locality: None,
        owner: Some("ops@dc.example".into()),
        categories: None,
    };
    forbidden(machines(&eve, say(None)).await);
    let Made::Machine(Machine { jid: answered }) =
        machines(&admin, say(Some("shop"))).await.unwrap()
    else {
        panic!("no machine is answered");
    };
    assert_eq!(answered.to_string(), format!("{}/hv01", address(vm(1))));
    assert_eq!(driver.truth_of(vm(1)).unwrap().name, "shop");
    control(&admin, vm(1), Control::Create).await.unwrap();
    machines(&admin, say(Some("shop"))).await.unwrap();
    let running = machines(&admin, say(Some("other"))).await.unwrap_err();
    assert_eq!(running.kind, FailureKind::WrongState, "{running}");
    let unknown = Command::new(Request::Machines(Action::SetOrgInfo {
        target: VmId::from_bytes([9; 16]),
        name: None,
        organisation: None,
        unit: None,
        locality: None,
        owner: None,
        categories: None,
    }));
    assert_eq!(
        admin.command(&unknown).await.unwrap_err().kind,
        FailureKind::NotFound
    );
}
