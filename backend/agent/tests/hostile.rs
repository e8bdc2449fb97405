//! What an ordinary account can throw at an agent through a server that lets large stanzas pass: the agent stays up and other traffic
//! flows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use archipel_hypervisor::{Power, simulated::Change};
use archipel_lab::{Encryption, Patience, ServerKind, until};
use archipel_protocol::{Element, Iq, IqKind, VmState, feed::Detail, ns, vm_control::Action};
use common::{Client, Site, driver, eventually, hypervisor, raw::Raw, vm};

/// Attributes that no parser takes: each costs the agent its connection, which it resumes.
fn poisons() -> Vec<String> {
    let (to, long) = (hypervisor(), "y".repeat(9_000));
    let attribute = format!("<message to='{to}'><x xmlns='urn:x' long='{long}'/></message>");
    vec![attribute; 10]
}

/// Depth and length. Depth in any other place than a body ends ejabberd 23.01 itself when it comes as thick as here.
fn monsters(kind: ServerKind) -> Vec<String> {
    let to = hypervisor();
    let nested = |depth| format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth));
    let (body, fat) = (nested(30_000), "z".repeat(5_000_000));
    let mut all = vec![
        format!("<message to='{to}'><body>{body}</body></message>"),
        format!("<message to='{to}'><body>{fat}</body></message>"),
        format!(
            "<iq to='{to}' type='set' id='f'><query xmlns='archipel:vm:control'><archipel action='info'>{fat}</archipel></query></iq>"
        ),
    ];
    if kind == ServerKind::Prosody {
        all.push(format!(
            "<message to='{to}'><x xmlns='urn:x'>{body}</x></message>"
        ));
        all.push(format!(
            "<iq to='{to}' type='set' id='d'><query xmlns='archipel:vm:control'>{body}</query></iq>"
        ));
    }
    all
}

/// What is well-formed and means nothing.
fn nonsense() -> Vec<String> {
    let archipel = "archipel:vm:control";
    let payloads = [
        format!("<query xmlns='{archipel}'/>"),
        format!("<query xmlns='{archipel}'><archipel/></query>"),
        format!("<query xmlns='{archipel}'><archipel action='create' vm='../../x' op='a b' issued='x'/></query>"),
        format!("<query xmlns='{archipel}'><archipel action='&#x202e;create'/></query>"),
        format!("<query xmlns='{archipel}'>{}</query>", "<archipel action='info'/>".repeat(5_000)),
        "<watch xmlns='urn:archipel:fleet:1' id='&#x9;' every='-5'/>".to_owned(),
        "<page xmlns='urn:archipel:fleet:1' id='w' after='x'/>".to_owned(),
        "<history xmlns='urn:archipel:fleet:1' metric='cpu' from='0001-01-01T00:00:00Z' to='9999-12-30T00:00:00Z' resolution='1'/>".to_owned(),
        "<events xmlns='urn:archipel:fleet:1' after='18446744073709551615' limit='0'/>".to_owned(),
        "<query xmlns='archipel:hypervisor:health'><archipel action='logs' limit='4294967295'/></query>".to_owned(),
    ];
    payloads
        .iter()
        .flat_map(|payload| wrapped(payload))
        .collect()
}

fn wrapped(payload: &str) -> Vec<String> {
    let to = hypervisor();
    let kinds = ["get", "set", "result", "error"];
    let mut all: Vec<String> = kinds
        .iter()
        .map(|kind| format!("<iq to='{to}' type='{kind}' id='n'>{payload}</iq>"))
        .collect();
    all.push(format!(
        "<message to='{to}' type='chat'>{payload}</message>"
    ));
    all.push(format!(
        "<presence to='{to}'><show>loud</show>{payload}</presence>"
    ));
    all
}

/// What a server may refuse to carry at all.
fn illegal() -> Vec<String> {
    let to = hypervisor();
    vec![
        format!("<iq to='{to}' type='set' id='e'/>"),
        format!("<presence to='{to}' type='strange'/>"),
        format!("<iq to='{to}' type='ignore' id='i'><query xmlns='archipel:vm:control'/></iq>"),
    ]
}

/// The agent answers, at the latest when it has its connection back; what was asked meanwhile may be lost with a session.
async fn answers(client: &Client) {
    until("the agent to answer", Patience::seconds(120), async || {
        let ping = Element::bare("ping", ns::PING);
        let ask = Iq::request(IqKind::Get, Some(hypervisor().into()), ping);
        let deadline = Duration::from_secs(10);
        client.session.request(ask, deadline).await.ok()
    })
    .await
    .unwrap();
}

async fn the_agent_stays_up(kind: ServerKind) {
    let clear = |options: archipel_lab::ServerOptions| options.encryption(Encryption::ClearText);
    let Some(site) = Site::with(kind, "hostile stanzas", clear).await else {
        return;
    };
    let driver = driver(2);
    let agent = site.agent(&driver).await;
    let mut admin = site.client("admin").await;
    eventually("the machine to be known", async || {
        admin.vm(vm(1), Action::Info).await.is_ok()
    })
    .await;
    let address = site.server.starttls_addr();
    Raw::log_in(address, "eve").await.attack(poisons()).await;
    answers(&admin).await;
    Raw::log_in(address, "eve")
        .await
        .attack(monsters(kind))
        .await;
    answers(&admin).await;
    for name in ["eve", "admin"] {
        Raw::log_in(address, name).await.attack(nonsense()).await;
        for stanza in illegal() {
            Raw::log_in(address, name).await.attack([stanza]).await;
        }
    }
    answers(&admin).await;
    admin.watch("w", Detail::State).await;
    admin.vm(vm(1), Action::Create).await.unwrap();
    admin.until_state(vm(1), VmState::Running).await;
    driver.outside(Change::Power(vm(2), Power::Start)).unwrap();
    admin.until_state(vm(2), VmState::Running).await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_stays_up_on_prosody() {
    the_agent_stays_up(ServerKind::Prosody).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_stays_up_on_ejabberd() {
    the_agent_stays_up(ServerKind::Ejabberd).await;
}
