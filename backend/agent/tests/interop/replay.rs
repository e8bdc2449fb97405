//! Our agent on a simulated host, with a machine for each exchange, in the state that the exchange is about.

use std::{collections::BTreeSet, fs, sync::Arc, time::Duration};

use archipel_agent::{Agent, Grant, Parts, PolicyChange, VmSessions};
use archipel_bus::{Event, RequestError, Session};
use archipel_hypervisor::{
    Domain, SimulatedDriver,
    simulated::{Change, machines},
};
use archipel_lab::{ServerKind, ServerOptions};
use archipel_protocol::{
    Command, FullJid, Iq, IqKind, Request, Stanza, VmId, VmState,
    answer::body,
    feed::{Detail, Row, Update},
    ns, vm_control,
};

use crate::{
    common::{Client, DOMAIN, Site, driver_of, eventually, hypervisor, jid, online},
    exchange::Exchange,
    shape::Answer,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The people who asked.
struct People {
    admin: Session,
    eve: Session,
    olga: Session,
}

/// Our answers, in the order of the exchanges; `None`, said so, where there is no server.
pub(crate) async fn replay(test: &str, exchanges: &[Exchange]) -> Option<Vec<Answer>> {
    let site = Site::with(ServerKind::Prosody, test, ServerOptions::registration).await?;
    let hosts = domains(exchanges);
    let driver = driver_of(hosts.clone());
    let all = PolicyChange::Give(Grant {
        jid: jid("olga"),
        permission: "all".to_owned(),
        scope: None,
        expires: None,
    });
    site.store().change_policy(vec![all]).await.unwrap();
    let pictures = site.state.path().join("agent/avatars");
    fs::create_dir_all(&pictures).unwrap();
    for name in ["avatar-7.png", "avatar-3.png"] {
        fs::write(pictures.join(name), b"\x89PNG\r\n\x1a\n").unwrap();
    }
    let parts = Parts {
        vm_sessions: VmSessions::All,
        ..site.parts(&driver)
    };
    let _agent = online(Agent::start(parts)).await;
    let mut admin = site.client("admin").await;
    contacts(&mut admin).await;
    let people = People {
        admin: admin.deaf(),
        eve: site.client("eve").await.deaf(),
        olga: site.client("olga").await.deaf(),
    };
    undefine(&people.admin, &driver, exchanges, &hosts).await;
    Some(ask_all(&people, exchanges, &hosts).await)
}

/// A machine for each exchange that is about one, and one of the name that a new one must not have, for all others.
fn domains(exchanges: &[Exchange]) -> Vec<Domain> {
    let about = || exchanges.iter().filter(|one| one.machine().is_some());
    let mut all = machines(u32::try_from(about().count()).unwrap() + 1);
    for (domain, exchange) in all.iter_mut().zip(about()) {
        let state = exchange.state();
        if matches!(state, VmState::Running | VmState::Paused) {
            domain.state = state;
            domain.run_id = Some(1);
        }
    }
    "vm one".clone_into(&mut all.last_mut().unwrap().name);
    all
}

/// Waits until all machines are contacts.
async fn contacts(admin: &mut Client) {
    let rows = admin.watch("interop", Detail::State).await;
    let mut waiting: BTreeSet<VmId> = rows.iter().filter_map(alone).collect();
    while !waiting.is_empty() {
        let rows = admin.wait("machines' sessions", news).await;
        let there = rows.iter().filter_map(|row| match row {
            Row::Vm(row) if row.flags.session => Some(row.id),
            _ => None,
        });
        there.for_each(|id| {
            waiting.remove(&id);
        });
    }
}

/// The rows that the feed tells.
fn news(event: Event) -> Option<Vec<Row>> {
    let Event::Stanza(Stanza::Message(message)) = event else {
        return None;
    };
    let update = Update::parse(message.payload("feed", ns::FLEET)?).unwrap();
    Some(update.rows)
}

/// A machine without a session.
fn alone(row: &Row) -> Option<VmId> {
    match row {
        Row::Vm(row) if !row.flags.session => Some(row.id),
        _ => None,
    }
}

/// Takes the definitions away that are to be missing.
async fn undefine(
    admin: &Session,
    driver: &Arc<SimulatedDriver>,
    exchanges: &[Exchange],
    hosts: &[Domain],
) {
    let about = exchanges.iter().filter(|one| one.machine().is_some());
    let undefined = about
        .zip(hosts)
        .filter(|(exchange, _)| exchange.state() == VmState::Undefined);
    for (_, domain) in undefined {
        driver.outside(Change::Undefine(domain.id)).unwrap();
        eventually("a machine has no definition", async || {
            let info = Command::new(Request::VmControl(vm_control::Action::Info)).for_vm(domain.id);
            let info = Iq::request(IqKind::Get, Some(hypervisor().into()), info.to_element());
            let answer = admin.request(info, PATIENCE).await.unwrap();
            body(&answer).children().next().is_none()
        })
        .await;
    }
}

/// What was denied comes first: later requests give people rights.
async fn ask_all(people: &People, exchanges: &[Exchange], hosts: &[Domain]) -> Vec<Answer> {
    let mut answers = vec![Answer::Silence; exchanges.len()];
    let mut own = hosts.iter();
    let machine = |one: &Exchange| one.machine().and_then(|_| own.next());
    let machines: Vec<Option<&Domain>> = exchanges.iter().map(machine).collect();
    for denied in [true, false] {
        let turn = exchanges.iter().enumerate();
        for (at, exchange) in turn.filter(|(_, one)| one.is_denied() == denied) {
            answers[at] = ask(people, exchange, machines[at]).await;
        }
    }
    answers
}

async fn ask(people: &People, exchange: &Exchange, domain: Option<&Domain>) -> Answer {
    let by = match exchange.by {
        "eve" => &people.eve,
        "olga" => &people.olga,
        _ => &people.admin,
    };
    let recorded = exchange.sent(domain);
    let machine =
        |domain: &Domain| -> FullJid { format!("{}@{DOMAIN}/hv01", domain.id).parse().unwrap() };
    let to_bare = recorded
        .to
        .as_ref()
        .is_some_and(|to| to.resource().is_none());
    let to = domain
        .filter(|_| exchange.to_machine)
        .map_or_else(hypervisor, machine);
    let iq = Iq {
        to: Some(if to_bare {
            to.to_bare().into()
        } else {
            to.into()
        }),
        from: None,
        id: String::new(),
        ..recorded
    };
    match by.request(iq, PATIENCE).await {
        Ok(answer) => Answer::of(&answer),
        Err(RequestError::Refused(refusal)) => Answer::of(&refusal),
        Err(_) => Answer::Silence,
    }
}
