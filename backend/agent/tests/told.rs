//! What the original's clients are told besides answers: service messages, notifications, and what a machine is busy with.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_bus::Event;
use archipel_hypervisor::{
    Driver as _, Power, View,
    simulated::{Call, Change, Fault, Gate},
};
use archipel_lab::{Profile, ServerKind, ServerOptions};
use archipel_protocol::{
    BareJid, Command, Iq, IqKind, Jid, Presence, Request, Stanza,
    chat::Shout,
    document::Document,
    machines::{Action, Target},
    pubsub, push, rights,
    vm_control::Action as Control,
    vm_definition,
};
use common::{
    Client, DEADLINE, DOMAIN, Site,
    contacts::{begin_on, machine, seen, site, subscribe},
    driver, eventually, hypervisor, jid,
    team::{asked, change, grant, settags},
    vm,
};

async fn host(client: &Client, action: Action) {
    let command = Command::new(Request::Machines(action));
    client.command(&command).await.unwrap();
}

fn alloc(name: &str) -> Action {
    Action::Alloc {
        name: Some(name.into()),
        organisation: None,
        unit: None,
        locality: None,
        owner: None,
        categories: None,
        domain: None,
        scope: None,
    }
}

/// The next service message.
async fn shouted(client: &mut Client) -> String {
    let heard = |event| match event {
        Event::Stanza(Stanza::Message(message)) => Shout::of(&message).map(|shout| shout.text),
        _ => None,
    };
    client.wait("a service message", heard).await
}

async fn shouts(kind: ServerKind, test: &str) {
    let Some(site) = site(kind, test).await else {
        return;
    };
    let (_agent, mut admin) = begin_on(&site, &driver(1)).await;
    let mut olga = site.client("olga").await;
    let give = rights::Change::Give(asked(grant("olga", "all", Some("tag = web"))));
    change(&admin, vec![give]).await.unwrap();
    settags(&admin, Some(vm(1)), &["web"]).await.unwrap();
    for client in [&mut admin, &mut olga] {
        subscribe(client, &hypervisor().to_bare()).await;
    }
    host(&admin, alloc("made")).await;
    let told = shouted(&mut admin).await;
    assert!(
        told.starts_with("made (") && told.contains("admin@"),
        "{told}"
    );
    let free = Action::Free {
        jid: machine(vm(1)).into(),
        disks: None,
    };
    host(&admin, free).await;
    let told = shouted(&mut admin).await;
    assert!(
        told.starts_with("vm-1 (") && told.contains("removed"),
        "{told}"
    );
    // Whoever may not know of a machine does not hear of it.
    let told = shouted(&mut olga).await;
    assert!(told.starts_with("vm-1 ("), "{told}");
}

#[tokio::test]
async fn machines_that_come_and_go_are_told_on_prosody() {
    shouts(ServerKind::Prosody, "service messages on Prosody").await;
}

#[tokio::test]
async fn machines_that_come_and_go_are_told_on_ejabberd() {
    shouts(ServerKind::Ejabberd, "service messages on ejabberd").await;
}

async fn status(client: &mut Client, of: &BareJid, wanted: (Option<&str>, &str)) {
    seen(client, wanted.1, of, |presence: &Presence| {
        let said = (presence.show.as_deref(), presence.status.as_deref());
        (said == (wanted.0, Some(wanted.1))).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_machine_says_what_it_is_busy_with() {
    let Some(site) = site(ServerKind::Prosody, "busy machines").await else {
        return;
    };
    let driver = driver(2);
    driver.set_deaf(vm(1), true).unwrap();
    driver.outside(Change::Power(vm(1), Power::Start)).unwrap();
    let (_agent, mut admin) = begin_on(&site, &driver).await;
    let (first, second) = (machine(vm(1)).to_bare(), machine(vm(2)).to_bare());
    subscribe(&mut admin, &first).await;
    subscribe(&mut admin, &second).await;
    eventually("the machine to be stopped", async || {
        admin.vm(vm(1), Control::Shutdown).await.is_ok()
    })
    .await;
    status(&mut admin, &first, (None, "Shutting down...")).await;
    admin.vm(vm(1), Control::Suspend).await.unwrap();
    status(&mut admin, &first, (Some("away"), "Paused")).await;
    admin.vm(vm(1), Control::Resume).await.unwrap();
    status(&mut admin, &first, (None, "Running")).await;

    let text = driver.secure_definition(vm(2), View::Next).unwrap();
    let disk = format!("/no/images/{}-vda.raw", vm(2));
    let devices = format!(
        "<devices><disk type='file'><driver name='qemu' type='raw'/><source file='{disk}'/><target dev='vda'/></disk></devices></domain>"
    );
    let text = text
        .replace("<devices/>", "")
        .replace("</domain>", &devices);
    driver.add_volume(&disk);
    let domain = Document::from_text(&text).unwrap();
    let define = Request::VmDefinition(vm_definition::Action::Define { domain });
    let define = Command::new(define).for_vm(vm(2));
    admin.command(&define).await.unwrap();
    let gate = Gate::new();
    driver.inject(Fault::hang(&gate).on(|call| *call == Call::CopyVolume));
    let clone = Command::new(Request::Machines(Action::Clone {
        jid: Some(machine(vm(2)).into()),
        name: Some("twin".into()),
        copy: None,
    }));
    let ask = Iq::request(IqKind::Set, Some(hypervisor().into()), clone.to_element());
    let session = admin.session.clone();
    let cloned = tokio::spawn(async move { session.request(ask, DEADLINE).await });
    status(&mut admin, &second, (Some("dnd"), "Cloning to twin")).await;
    gate.open();
    cloned.await.unwrap().unwrap();
    status(&mut admin, &second, (Some("xa"), "Off")).await;
}

#[tokio::test]
async fn a_machine_that_is_taken_over_is_new_to_the_originals_clients() {
    let fleet = |options: ServerOptions| options.registration().profile(Profile::Fleet);
    let (kind, test) = (ServerKind::Prosody, "notifications of managing");
    let Some(site) = Site::with(kind, test, fleet).await else {
        return;
    };
    let (_agent, mut admin) = begin_on(&site, &driver(1)).await;
    let target = || Target {
        jid: machine(vm(1)).into(),
    };
    let service: Jid = format!("pubsub.{DOMAIN}").parse().unwrap();
    let node = push::node(&hypervisor().to_bare());
    eventually("the node", async || {
        let subscribe = pubsub::subscribe(&node, &jid("admin"));
        admin
            .iq(IqKind::Set, service.clone(), subscribe)
            .await
            .is_ok()
    })
    .await;
    let machines = vec![target()];
    host(&admin, Action::Unmanage { machines }).await;
    let machines = vec![target()];
    host(&admin, Action::Manage { machines }).await;
    for wanted in ["unmanage", "alloc", "manage"] {
        admin
            .wait(wanted, |event| match event {
                Event::Stanza(Stanza::Message(message)) => push::parse_event(&message)
                    .iter()
                    .any(|(_, push)| push.change == wanted)
                    .then_some(()),
                _ => None,
            })
            .await;
    }
}
