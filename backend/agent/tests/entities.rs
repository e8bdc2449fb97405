//! What entities are to their contacts: cards, pictures, rosters, and how they go.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;

use archipel_agent::STORE_FILE;
use archipel_hypervisor::{
    Power,
    simulated::{Call, Change, Fault, Gate},
};
use archipel_lab::{ServerKind, ServerOptions};
use archipel_protocol::{
    BareJid, Command, Failure, FileName, FullJid, Iq, IqKind, Presence, PresenceKind, Reply,
    Request, VmId, avatar,
    failure::FailureKind,
    feed::{Detail, Row},
    machines, ns, presence, pubsub, push, roster, subscription,
    vcard::{self, Card, Organisation, Photo, Role},
    vm_resources::{self, Disks},
};
use common::{
    Client, DEADLINE, DOMAIN, PASSWORD, Site,
    contacts::{begin, begin_on, machine, seen, site, subscribe},
    driver, eventually, hypervisor, jid, vm,
};

/// Enough of a picture to be taken for one.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture";

async fn card(client: &Client, of: &BareJid) -> Option<Card> {
    let card = client.iq(IqKind::Get, of.clone(), vcard::query()).await;
    Card::parse(card.ok()?.payload()?).ok()
}

async fn ask(client: &Client, to: &FullJid, request: Request) -> Result<Reply, Failure> {
    let kind = if request.is_change() {
        IqKind::Set
    } else {
        IqKind::Get
    };
    let command = Command::new(request);
    let answer = client.iq(kind, to.clone(), command.to_element()).await?;
    Ok(command
        .request
        .parse_reply(answer.payload().unwrap())
        .unwrap())
}

fn hash(presence: &Presence) -> Option<String> {
    let update = presence.payload("x", ns::VCARD_UPDATE)?;
    let photo = update.get_child("photo", ns::VCARD_UPDATE)?.text();
    (!photo.is_empty()).then_some(photo)
}

async fn faces(kind: ServerKind, test: &str) {
    let Some(site) = site(kind, test).await else {
        return;
    };
    let folder = site.state.path().join("agent/avatars");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("rack.png"), PNG).unwrap();
    fs::write(site.state.path().join("agent/outside.png"), PNG).unwrap();
    let (_agent, mut admin) = begin(&site).await;
    let (host, own) = (hypervisor(), machine(vm(1)));
    for (entity, role) in [(&host, Role::Hypervisor), (&own, Role::VirtualMachine)] {
        eventually("a card", async || {
            card(&admin, &entity.to_bare())
                .await
                .is_some_and(|card| card.role == Some(role) && !card.name.is_empty())
        })
        .await;
    }
    for entity in [host, own] {
        subscribe(&mut admin, &entity.to_bare()).await;
        let reply = ask(&admin, &entity, Request::Avatar(avatar::Action::List)).await;
        let Reply::Avatar(avatar::Reply::Avatars(avatars)) = reply.unwrap() else {
            panic!("no avatars");
        };
        assert_eq!(avatars.pictures[0].name.as_str(), "rack.png");
        let name = |name: &str| -> FileName { name.parse().unwrap() };
        let set = |file: &str| Request::Avatar(avatar::Action::Set { name: name(file) });
        let missing = ask(&admin, &entity, set("none.png")).await.unwrap_err();
        assert_eq!(missing.kind, FailureKind::NotFound);
        let eve = site.client("eve").await;
        let denied = ask(&eve, &entity, set("rack.png")).await.unwrap_err();
        assert_eq!(denied.kind, FailureKind::Forbidden);
        let path = "<query xmlns='archipel:avatar'><archipel action='setavatar' avatar='../outside.png'/></query>";
        let path = admin
            .iq(IqKind::Set, entity.clone(), path.parse().unwrap())
            .await;
        assert!(matches!(
            path.unwrap_err().kind,
            FailureKind::Invalid { .. }
        ));

        ask(&admin, &entity, set("rack.png")).await.unwrap();
        let told = seen(&mut admin, "the picture's hash", &entity.to_bare(), hash).await;
        let photo = Photo::of("image/png", PNG);
        assert_eq!(Some(told), photo.hash());
        assert_eq!(
            card(&admin, &entity.to_bare()).await.unwrap().photo,
            Some(photo)
        );
    }
}

#[tokio::test]
async fn cards_and_pictures_on_prosody() {
    faces(ServerKind::Prosody, "cards on Prosody").await;
}

#[tokio::test]
async fn cards_and_pictures_on_ejabberd() {
    faces(ServerKind::Ejabberd, "cards on ejabberd").await;
}

/// What a machine's card says of whose it is, and what the feed does.
async fn told(client: &Client, watch: &str, id: VmId) -> (Organisation, Organisation) {
    let account = machine(id).to_bare();
    let of_card = card(client, &account).await.map(|card| card.organisation);
    let rows = client.watch(watch, Detail::State).await;
    let of_feed = rows.into_iter().find_map(|row| match row {
        Row::Vm(row) if row.id == id => Some(row.organisation.map(|own| *own).unwrap_or_default()),
        _ => None,
    });
    (of_card.unwrap_or_default(), of_feed.unwrap_or_default())
}

/// Prosody drops the unit of an organisation from a card.
fn as_kept(found: &Organisation, wanted: &Organisation) -> bool {
    let unit = wanted.unit.clone();
    let whole = Organisation {
        unit,
        ..found.clone()
    };
    whole == *wanted && (found.unit.is_empty() || found.unit == wanted.unit)
}

/// As after an import.
fn know_secret(site: &Site, account: &BareJid) {
    drop(site.store());
    let file = site.state.path().join("agent").join(STORE_FILE);
    let store = rusqlite::Connection::open(file).unwrap();
    let sql = "INSERT INTO accounts (jid, secret, confirmed) VALUES (?1, ?2, TRUE)";
    store.execute(sql, [account.as_str(), PASSWORD]).unwrap();
}

async fn organisations(kind: ServerKind, test: &str) {
    // A machine that the original looked after has a card that says whose it is.
    let taken_over = vm(2).to_string();
    let with = |options: ServerOptions| options.registration().account(&taken_over, PASSWORD);
    let Some(site) = Site::with(kind, test, with).await else {
        return;
    };
    let owned = Organisation {
        name: "Example Lab".into(),
        owner: "ops@dc.example".into(),
        ..Organisation::default()
    };
    let old = site.client(&taken_over).await;
    let before = Card {
        organisation: owned.clone(),
        ..Card::of(Role::VirtualMachine, "qemu", "old")
    };
    old.iq(IqKind::Set, jid(&taken_over), before.to_sound_element())
        .await
        .unwrap();
    old.session.stop();
    know_secret(&site, &jid(&taken_over));
    let (agent, mut admin) = begin(&site).await;
    eventually("the card to be the agent's", async || {
        told(&admin, "w", vm(2)).await == (owned.clone(), owned.clone())
    })
    .await;

    let own = machine(vm(1)).to_bare();
    subscribe(&mut admin, &own).await;
    let set = |unit: &str| {
        Command::new(Request::Machines(machines::Action::SetOrgInfo {
            target: vm(1),
            name: None,
            organisation: Some("Other Lab".into()),
            unit: Some(unit.into()),
            locality: None,
            owner: Some("olga@dc.example".into()),
            categories: None,
        }))
    };
    let eve = site.client("eve").await;
    let denied = eve.command(&set("Ops")).await.unwrap_err();
    assert_eq!(denied.kind, FailureKind::Forbidden);
    admin.command(&set("Ops")).await.unwrap();
    let wanted = Organisation {
        name: "Other Lab".into(),
        unit: "Ops".into(),
        owner: "olga@dc.example".into(),
        ..Organisation::default()
    };
    // Clients fetch a card when presence says that it changed.
    seen(&mut admin, "word of the card", &own, |presence| {
        presence.payload("x", ns::VCARD_UPDATE).map(drop)
    })
    .await;
    eventually("the card to say so", async || {
        let (of_card, of_feed) = told(&admin, "w", vm(1)).await;
        of_feed == wanted && as_kept(&of_card, &wanted)
    })
    .await;
    drop(agent.stop().await);
    let (_agent, admin) = begin(&site).await;
    assert_eq!(told(&admin, "w", vm(1)).await.1, wanted);
    assert_eq!(told(&admin, "w", vm(2)).await, (owned.clone(), owned));
}

#[tokio::test]
async fn cards_say_whose_a_machine_is_on_prosody() {
    organisations(ServerKind::Prosody, "organisations on Prosody").await;
}

#[tokio::test]
async fn cards_say_whose_a_machine_is_on_ejabberd() {
    organisations(ServerKind::Ejabberd, "organisations on ejabberd").await;
}

/// A machine that is made asks its maker, whose client then has it among its contacts.
async fn makers(kind: ServerKind, test: &str) {
    let Some(site) = site(kind, test).await else {
        return;
    };
    let (_agent, mut admin) = begin(&site).await;
    admin
        .iq(IqKind::Get, jid("admin"), roster::query())
        .await
        .unwrap();
    let alloc = Command::new(Request::Machines(machines::Action::Alloc {
        name: Some("shop".into()),
        organisation: None,
        unit: None,
        locality: None,
        owner: None,
        categories: None,
        scope: None,
        domain: None,
    }));
    let answer = admin.command(&alloc).await.unwrap();
    let reply = alloc.request.parse_reply(&answer).unwrap();
    let Reply::Machines(machines::Reply::Machine(made)) = reply else {
        panic!("{reply:?}");
    };
    let made = made.jid.to_bare();
    let asker = seen(&mut admin, "a subscription request", &made, |one| {
        (one.kind == PresenceKind::Subscribe).then(|| presence::asker(one))
    })
    .await;
    assert_eq!(asker.as_deref(), Some("shop"));
    let accept = Presence::new(PresenceKind::Subscribed).to(made.clone());
    admin.send(accept).await;
    subscribe(&mut admin, &made).await;
    let own = machine(made.node().unwrap().as_str().parse().unwrap());
    eventually("the maker on the machine's roster", async || {
        contacts(&admin, &own).await.contains(&jid("admin"))
    })
    .await;
}

#[tokio::test]
async fn a_new_machine_asks_its_maker_on_prosody() {
    makers(ServerKind::Prosody, "makers on Prosody").await;
}

#[tokio::test]
async fn a_new_machine_asks_its_maker_on_ejabberd() {
    makers(ServerKind::Ejabberd, "makers on ejabberd").await;
}

async fn rosters(kind: ServerKind, test: &str) {
    let Some(site) = site(kind, test).await else {
        return;
    };
    let (_agent, mut admin) = begin(&site).await;
    let mut olga = site.client("olga").await;
    // Who asked for the roster is told of changes to it.
    olga.iq(IqKind::Get, jid("olga"), roster::query())
        .await
        .unwrap();
    for (entity, name) in [(hypervisor(), "hv01"), (machine(vm(1)), "vm-1")] {
        let change = |stays: bool| {
            let jid = jid("olga");
            Request::Subscription(if stays {
                subscription::Action::Add { jid }
            } else {
                subscription::Action::Remove { jid }
            })
        };
        let denied = ask(&olga, &entity, change(true)).await.unwrap_err();
        assert_eq!(denied.kind, FailureKind::Forbidden);
        ask(&admin, &entity, change(true)).await.unwrap();
        let asker = seen(
            &mut olga,
            "a subscription request",
            &entity.to_bare(),
            |one| (one.kind == PresenceKind::Subscribe).then(|| presence::asker(one)),
        )
        .await;
        assert_eq!(asker.as_deref(), Some(name));
        subscribe(&mut olga, &entity.to_bare()).await;
        assert!(contacts(&admin, &entity).await.contains(&jid("olga")));
        ask(&admin, &entity, change(false)).await.unwrap();
        eventually("olga leaves the roster", async || {
            !contacts(&admin, &entity).await.contains(&jid("olga"))
        })
        .await;
        let odd = "<query xmlns='archipel:subscription'><archipel action='add' jid='@@'/></query>";
        let odd = admin.iq(IqKind::Set, entity, odd.parse().unwrap()).await;
        assert!(matches!(odd.unwrap_err().kind, FailureKind::Invalid { .. }));
    }
    // Who was let in by the way of the roster is out again.
    olga.send(Presence::new(PresenceKind::Subscribe).to(machine(vm(1)).to_bare()))
        .await;
    seen(&mut olga, "a refusal", &machine(vm(1)).to_bare(), |one| {
        (one.kind == PresenceKind::Unsubscribed).then_some(())
    })
    .await;
    // Who does not want to see a machine any more leaves its roster, too.
    subscribe(&mut admin, &machine(vm(2)).to_bare()).await;
    assert!(
        contacts(&admin, &machine(vm(2)))
            .await
            .contains(&jid("admin"))
    );
    admin
        .send(Presence::new(PresenceKind::Unsubscribe).to(machine(vm(2)).to_bare()))
        .await;
    eventually("the admin leaves the roster", async || {
        !contacts(&admin, &machine(vm(2)))
            .await
            .contains(&jid("admin"))
    })
    .await;
}

async fn contacts(client: &Client, entity: &FullJid) -> Vec<BareJid> {
    let request = Request::EntityRoster(roster::Action::GetRoster);
    match ask(client, entity, request).await.unwrap() {
        Reply::EntityRoster(roster::Reply::Contacts(all)) => {
            all.into_iter().map(|one| one.jid).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn rosters_on_prosody() {
    rosters(ServerKind::Prosody, "rosters on Prosody").await;
}

#[tokio::test]
async fn rosters_on_ejabberd() {
    rosters(ServerKind::Ejabberd, "rosters on ejabberd").await;
}

/// What the service says of a machine's node.
async fn node(client: &Client, id: VmId) -> bool {
    let service: archipel_protocol::Jid = format!("pubsub.{DOMAIN}").parse().unwrap();
    let ask = pubsub::ask_items(&push::node(&machine(id).to_bare()));
    let answer: Result<Iq, Failure> = client.iq(IqKind::Get, service, ask).await;
    answer.is_ok()
}

async fn gone(kind: ServerKind, test: &str) {
    let Some(site) = site(kind, test).await else {
        return;
    };
    let (_agent, admin) = begin(&site).await;
    let id = vm(1);
    eventually("the machine's card", async || {
        card(&admin, &machine(id).to_bare()).await.is_some()
    })
    .await;
    let had_node = node(&admin, id).await;
    let disks = Some(Disks::Keep);
    let free = Request::VmResources(vm_resources::Action::Free { disks });
    ask(&admin, &machine(id), free).await.unwrap();
    eventually("the account is gone", async || {
        let card = card(&admin, &machine(id).to_bare()).await;
        card.is_none_or(|card| card.role.is_none())
    })
    .await;
    assert!(!had_node || !node(&admin, id).await, "the node stays");
}

/// libvirt tells that the machine is gone before its removal has come to an end: the way back to whoever asked it stays.
async fn answered(kind: ServerKind, test: &str) {
    let Some(site) = site(kind, test).await else {
        return;
    };
    let (id, driver) = (vm(1), driver(2));
    driver.outside(Change::Power(id, Power::Start)).unwrap();
    driver.outside(Change::Undefine(id)).unwrap();
    let (_agent, mut admin) = begin_on(&site, &driver).await;
    let gate = Gate::new();
    driver.inject(Fault::hang(&gate).on(|call| *call == Call::DeleteVolume));
    let free = Command::new(Request::VmResources(vm_resources::Action::Free {
        disks: None,
    }));
    let free = Iq::request(IqKind::Set, Some(machine(id).into()), free.to_element());
    let session = admin.session.clone();
    let asked = tokio::spawn(async move { session.request(free, DEADLINE).await });
    admin
        .delta("the end of the machine", |row| {
            matches!(row, Row::Gone(gone) if *gone == id).then_some(())
        })
        .await;
    gate.open();
    asked.await.unwrap().unwrap();
    eventually("the account is gone", async || {
        let card = card(&admin, &machine(id).to_bare()).await;
        card.is_none_or(|card| card.role.is_none())
    })
    .await;
}

#[tokio::test]
async fn a_machine_answers_though_it_is_gone_by_then_on_prosody() {
    answered(ServerKind::Prosody, "removal told early on Prosody").await;
}

#[tokio::test]
async fn a_machine_answers_though_it_is_gone_by_then_on_ejabberd() {
    answered(ServerKind::Ejabberd, "removal told early on ejabberd").await;
}

#[tokio::test]
async fn a_machine_that_is_removed_leaves_nothing_on_prosody() {
    gone(ServerKind::Prosody, "removal on Prosody").await;
}

#[tokio::test]
async fn a_machine_that_is_removed_leaves_nothing_on_ejabberd() {
    gone(ServerKind::Ejabberd, "removal on ejabberd").await;
}
