//! Chat and ad-hoc commands from a plain client, on both servers: what is said is done through the same door as a request.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_agent::{Agent, Grant, Parts, PolicyChange, VmSessions};
use archipel_bus::Event;
use archipel_hypervisor::Driver as _;
use archipel_lab::{ServerKind, ServerOptions};
use archipel_protocol::{
    Element, Failure, FullJid, IqKind, Message, Presence, PresenceKind, Stanza, VmId, VmState,
    chat::Chat,
    commands::{Action, Answer, Command, NoteKind, Status},
    data_form::{Field, Form},
    disco::{self, Info},
    failure::FailureKind,
    last_activity, ns, time, version,
};
use common::{Client, DOMAIN, Site, driver, eventually, hypervisor, jid, online, vm};

fn machine(id: VmId) -> FullJid {
    format!("{id}@{DOMAIN}/hv01").parse().unwrap()
}

async fn site(kind: ServerKind, test: &str) -> Option<Site> {
    Site::with(kind, test, ServerOptions::registration).await
}

/// An agent whose machines are contacts, too.
async fn agent(
    site: &Site,
    driver: &std::sync::Arc<archipel_hypervisor::SimulatedDriver>,
) -> Agent {
    let parts = Parts {
        vm_sessions: VmSessions::All,
        ..site.parts(driver)
    };
    online(Agent::start(parts)).await
}

fn line(to: &FullJid, text: &str) -> Message {
    let chat = Chat {
        text: Some(text.to_owned()),
        thread: Some("t1".to_owned()),
        typing: None,
    };
    chat.to_message(to.clone().into())
}

/// Says something; what is answered, in the same thread.
async fn say(client: &mut Client, to: &FullJid, text: &str) -> String {
    client.send(line(to, text)).await;
    let wanted = to.clone();
    client
        .wait(
            &format!("an answer to `{text}`"),
            move |event| match event {
                Event::Stanza(Stanza::Message(message)) => {
                    let chat = Chat::of(&message)?;
                    let own = message.from.as_ref().is_some_and(|from| *from == wanted);
                    (own && chat.thread.as_deref() == Some("t1")).then_some(chat.text?)
                }
                _ => None,
            },
        )
        .await
}

async fn step(client: &Client, to: &FullJid, command: &Command) -> Result<Answer, Failure> {
    let iq = client
        .iq(IqKind::Set, to.clone(), command.to_element())
        .await?;
    Ok(Answer::parse(iq.payload().unwrap()).unwrap())
}

fn filled(node: &str, session: Option<String>, fields: &[(&str, &str)]) -> Command {
    let fields = fields.iter().map(|(var, value)| Field::new(var, *value));
    Command {
        node: node.to_owned(),
        action: Some(Action::Complete),
        session,
        form: Some(Form::submit("", fields)),
    }
}

/// Asks to see the presence, and sees it.
async fn see(client: &mut Client, whom: &FullJid) {
    client
        .send(Presence::new(PresenceKind::Subscribe).to(whom.to_bare()))
        .await;
    client
        .wait("a presence", |event| match event {
            Event::Stanza(Stanza::Presence(presence)) => {
                let own = presence.from.as_ref()?.to_bare() == whom.to_bare();
                (own && presence.kind == PresenceKind::Available).then_some(())
            }
            _ => None,
        })
        .await;
}

async fn known(client: &Client) {
    eventually("the machines are known", async || {
        let items = client
            .iq(IqKind::Get, hypervisor(), disco::ask_items())
            .await;
        let items = disco::items(items.unwrap().payload().unwrap()).unwrap();
        items.len() == 3
    })
    .await;
}

async fn grant(site: &Site, permissions: &[&str]) {
    let give = |permission: &&str| {
        PolicyChange::Give(Grant {
            jid: jid("olga"),
            permission: (*permission).to_owned(),
            scope: Some(format!("id = {}", vm(1))),
            expires: None,
        })
    };
    let changes: Vec<PolicyChange> = permissions.iter().map(give).collect();
    site.store().change_policy(changes).await.unwrap();
}

async fn talk(kind: ServerKind, test: &str) {
    let Some(site) = site(kind, test).await else {
        return;
    };
    let driver = driver(3);
    grant(&site, &["message", "create", "rostervm", "presence"]).await;
    let _agent = agent(&site, &driver).await;
    let mut admin = site.client("admin").await;
    known(&admin).await;
    let (host, own) = (hypervisor(), machine(vm(1)));
    see(&mut admin, &own).await;
    let state = |number| driver.domain(vm(number)).unwrap().state;

    // Facts.
    let name = driver.domain(vm(1)).unwrap().name;
    let list = say(&mut admin, &host, "virtual machines").await;
    assert!(list.contains(&format!("{name}: {own}")), "{list}");
    assert!(
        say(&mut admin, &host, "nodeinfo")
            .await
            .contains("MB of memory")
    );
    assert!(
        say(&mut admin, &host, "capabilities")
            .await
            .contains("<capabilities")
    );
    let info = say(&mut admin, &own, "How are you?").await;
    assert!(
        info.starts_with("I am off.") && info.contains(&host.to_string()),
        "{info}"
    );
    assert!(say(&mut admin, &own, "xml").await.contains("<domain"));
    assert_eq!(
        say(&mut admin, &own, "hello").await,
        "Hello admin, how are you?"
    );

    // Deeds, in the first person, by the machine and by its hypervisor.
    assert_eq!(say(&mut admin, &own, "run").await, "I am starting.");
    assert_eq!(state(1), VmState::Running);
    let started = say(&mut admin, &host, &format!("boot {}", vm(2))).await;
    assert!(
        started.ends_with(" started.") && state(2) == VmState::Running,
        "{started}"
    );

    // What is risky is asked first, and a word is no prefix.
    let question = say(&mut admin, &own, "stop").await;
    assert!(
        question.contains("Say yes within two minutes"),
        "{question}"
    );
    assert_eq!(state(1), VmState::Running);
    assert_eq!(say(&mut admin, &own, "no").await, "Nothing was done.");
    let question = say(&mut admin, &host, &format!("destroy {name}")).await;
    assert!(question.contains(&format!("Say yes {name} ")), "{question}");
    let half = say(&mut admin, &host, "yes").await;
    assert!(
        half.contains(&format!("only yes {name} would")) && state(1) == VmState::Running,
        "{half}"
    );
    // Nothing is asked any more.
    let unheard = say(&mut admin, &host, &format!("yes {name}")).await;
    assert!(unheard.contains("did not understand") && state(1) == VmState::Running);
    say(&mut admin, &host, &format!("destroy {name}")).await;
    let done = say(&mut admin, &host, &format!("yes {name}")).await;
    assert_eq!(done, format!("{name} powered off."));
    assert_eq!(state(1), VmState::Off);
    assert!(
        say(&mut admin, &host, "iptables")
            .await
            .contains("did not understand")
    );
    let usage = say(&mut admin, &host, "memory").await;
    assert!(usage.contains("memory SIZE MACHINE"), "{usage}");
    let wrong = say(&mut admin, &own, "pause").await;
    assert!(wrong.contains("Do you mean it?"), "{wrong}");
    let failed = say(&mut admin, &own, "yes").await;
    assert!(failed.starts_with("That did not work: "), "{failed}");

    rights(&site, &driver).await;
}

/// A stranger hears nothing; who may little is offered little.
async fn rights(site: &Site, driver: &archipel_hypervisor::SimulatedDriver) {
    let (host, own) = (hypervisor(), machine(vm(1)));
    let mut eve = site.client("eve").await;
    for to in [&host, &own] {
        let refused = say(&mut eve, to, "start").await;
        assert!(refused.contains("strangers"), "{refused}");
    }
    let mut olga = site.client("olga").await;
    let help = say(&mut olga, &own, "help").await;
    assert!(
        help.contains("start (or: create") && !help.contains("destroy"),
        "{help}"
    );
    let help = say(&mut olga, &host, "help").await;
    assert!(
        help.contains("start MACHINE") && !help.contains("alloc"),
        "{help}"
    );
    let denied = say(&mut olga, &own, "destroy").await;
    assert_eq!(
        denied,
        "You may not: Cannot use 'destroy': permission denied."
    );
    let name = driver.domain(vm(3)).unwrap().name;
    let unseen = say(&mut olga, &host, &format!("start {name}")).await;
    assert!(unseen.contains("I know no machine"), "{unseen}");
    assert_eq!(say(&mut olga, &own, "start").await, "I am starting.");
}

#[tokio::test]
async fn chat_on_prosody() {
    talk(ServerKind::Prosody, "chat on Prosody").await;
}

#[tokio::test]
async fn chat_on_ejabberd() {
    talk(ServerKind::Ejabberd, "chat on ejabberd").await;
}

async fn discover(client: &Client, to: &FullJid, node: Option<&str>) -> Element {
    let asked = disco::query(node);
    let answer = client.iq(IqKind::Get, to.clone(), asked).await.unwrap();
    answer.payload().unwrap().clone()
}

async fn nodes(client: &Client, to: &FullJid) -> Vec<String> {
    let asked = disco::ask_items_of(Some(ns::COMMANDS));
    let answer = client.iq(IqKind::Get, to.clone(), asked).await.unwrap();
    let items = disco::items(answer.payload().unwrap()).unwrap();
    items.into_iter().filter_map(|item| item.node).collect()
}

async fn buttons(kind: ServerKind, test: &str) {
    let Some(site) = site(kind, test).await else {
        return;
    };
    let driver = driver(3);
    grant(&site, &["create", "rostervm"]).await;
    let _agent = agent(&site, &driver).await;
    let mut admin = site.client("admin").await;
    known(&admin).await;
    let (host, own) = (hypervisor(), machine(vm(1)));
    see(&mut admin, &own).await;
    let state = |number| driver.domain(vm(number)).unwrap().state;

    // Both say that they have commands, which ones, and what these are.
    for to in [&host, &own] {
        let info = Info::parse(&discover(&admin, to, None).await).unwrap();
        assert!(info.has(ns::COMMANDS) && info.has(ns::LAST), "{info:?}");
        let list = Info::parse(&discover(&admin, to, Some(ns::COMMANDS)).await).unwrap();
        assert_eq!(list.identities[0].kind, "command-list");
        let one = Info::parse(&discover(&admin, to, Some("vm.start")).await).unwrap();
        assert_eq!(one.identities[0].name, "Start the machine");
        assert!(nodes(&admin, to).await.contains(&"vm.destroy".to_owned()));
    }

    // A safe one of the machine's own is done at once.
    let done = step(&admin, &own, &Command::execute("vm.start"))
        .await
        .unwrap();
    assert_eq!(
        (done.status, done.notes[0].1.as_str()),
        (Status::Completed, "I am starting.")
    );
    assert_eq!(state(1), VmState::Running);

    // A risky one wants to be meant.
    let asked = step(&admin, &own, &Command::execute("vm.destroy"))
        .await
        .unwrap();
    assert_eq!(
        (asked.status, asked.actions.as_slice()),
        (Status::Executing, [Action::Complete].as_slice())
    );
    let hasty = filled("vm.destroy", asked.session.clone(), &[("sure", "0")]);
    let again = step(&admin, &own, &hasty).await.unwrap();
    assert_eq!(
        (again.status, again.notes[0].0),
        (Status::Executing, NoteKind::Error)
    );
    assert_eq!(state(1), VmState::Running);
    let cancel = Command {
        action: Some(Action::Cancel),
        ..Command::execute("vm.destroy")
    };
    assert_eq!(
        step(&admin, &own, &cancel).await.unwrap().status,
        Status::Canceled
    );
    let sure = filled("vm.destroy", asked.session.clone(), &[("sure", "1")]);
    // Somebody else's session is worth nothing.
    for name in ["olga", "eve"] {
        let stolen = step(&site.client(name).await, &own, &sure).await;
        assert_eq!(stolen.unwrap_err().kind, FailureKind::Forbidden);
    }
    assert_eq!(state(1), VmState::Running);
    let done = step(&admin, &own, &sure).await.unwrap();
    assert_eq!(
        (done.status, done.session),
        (Status::Completed, asked.session)
    );
    assert_eq!(state(1), VmState::Off);

    // To the hypervisor the machine is named.
    let asked = step(&admin, &host, &Command::execute("vm.start"))
        .await
        .unwrap();
    let choices = &asked.form.unwrap().fields[0].options;
    assert!(
        choices
            .iter()
            .any(|choice| choice.value == vm(2).to_string())
    );
    let chosen = filled(
        "vm.start",
        asked.session,
        &[("machine", &vm(2).to_string())],
    );
    let done = step(&admin, &host, &chosen).await.unwrap();
    assert_eq!(
        (done.status, state(2)),
        (Status::Completed, VmState::Running)
    );
    let wrong = filled("vm.resume", None, &[("machine", &vm(3).to_string())]);
    let failed = step(&admin, &host, &wrong).await.unwrap();
    assert_eq!(
        (failed.status, failed.notes[0].0),
        (Status::Completed, NoteKind::Error)
    );

    few(&site).await;
    // ejabberd lets nobody ask for last activity who is not subscribed.
    see(&mut admin, &host).await;
    usual(&admin, &site).await;
}

/// Nothing is offered to a stranger, and what is not offered is denied.
async fn few(site: &Site) {
    let (host, own) = (hypervisor(), machine(vm(1)));
    let (eve, olga) = (site.client("eve").await, site.client("olga").await);
    assert!(nodes(&eve, &host).await.is_empty());
    assert_eq!(nodes(&olga, &own).await, ["vm.start", "vm.restore"]);
    let denied = step(&olga, &own, &Command::execute("vm.destroy")).await;
    assert_eq!(denied.unwrap_err().kind, FailureKind::Forbidden);
    let asked = step(&olga, &host, &Command::execute("vm.start"))
        .await
        .unwrap();
    assert_eq!(asked.form.unwrap().fields[0].options.len(), 1);
    let nothing = step(&olga, &host, &Command::execute("vm.fly")).await;
    assert_eq!(nothing.unwrap_err().kind, FailureKind::NotFound);
    let back = Command {
        action: Some(Action::Prev),
        ..Command::execute("vm.start")
    };
    let refused = step(&olga, &own, &back).await.unwrap_err();
    assert!(
        matches!(refused.kind, FailureKind::Invalid { .. }),
        "{refused:?}"
    );
}

/// What every client asks of every contact.
async fn usual(admin: &Client, site: &Site) {
    let eve = site.client("eve").await;
    for to in [hypervisor(), machine(vm(1))] {
        for asked in [
            version::query(),
            time::query(),
            archipel_protocol::ping::query(),
        ] {
            admin.iq(IqKind::Get, to.clone(), asked).await.unwrap();
        }
        let idle = admin
            .iq(IqKind::Get, to.clone(), last_activity::query())
            .await
            .unwrap();
        last_activity::parse(idle.payload().unwrap()).unwrap();
        let hidden = eve.iq(IqKind::Get, to, last_activity::query()).await;
        let hidden = hidden.unwrap_err().kind;
        assert!(matches!(
            hidden,
            FailureKind::Forbidden | FailureKind::Unsupported
        ));
    }
}

#[tokio::test]
async fn commands_on_prosody() {
    buttons(ServerKind::Prosody, "commands on Prosody").await;
}

#[tokio::test]
async fn commands_on_ejabberd() {
    buttons(ServerKind::Ejabberd, "commands on ejabberd").await;
}
