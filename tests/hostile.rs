//! What an ordinary account can send through a real server must not stop agent or operator.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use archipel_lab::{Encryption, ServerKind};
use common::{Attacker, Content, Plan, Screen, World, lacks};

/// Stanzas that break what is not prepared, each sent ten times in a row.
fn poison(to: &str) -> Vec<(&'static str, String)> {
    let message = |inner: &str| format!("<message type='chat' to='{to}'>{inner}</message>");
    let deep = "<a>".repeat(30_000) + &"</a>".repeat(30_000);
    vec![
        (
            "an attribute of 9,000 bytes",
            message(&format!(
                "<body/><x xmlns='urn:x' y='{}'/>",
                "y".repeat(9_000)
            )),
        ),
        (
            "a body nested 30,000 deep",
            message(&format!("<body>{deep}</body>")),
        ),
        (
            "5 MB of text",
            message(&format!("<body>{}</body>", "z".repeat(5_000_000))),
        ),
        (
            "20,000 elements",
            message(&"<e xmlns='urn:x'/>".repeat(20_000)),
        ),
    ]
}

async fn agent_and_operator_stay_up(kind: ServerKind) {
    let plan = Plan {
        kind,
        hosts: vec![Content::Machines(3)],
    };
    let world = World::start_with(plan, Encryption::ClearText).await;
    world.server.add_user("mallory", "whatever").await.unwrap();
    let mut screen = Screen::open(world.screen_command(&[]), 80, 24);
    screen.wait_for("1/1");
    screen.press(":vms\r");
    let machine = world
        .archipel(&["vm", "list", "state = running", "-o", "json"])
        .await
        .json()[0]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut mallory = Attacker::login(
        world.server.starttls_addr(),
        "dc.example",
        "mallory",
        "whatever",
    );
    for account in ["hv01@dc.example", "admin@dc.example"] {
        for (what, stanza) in poison(account) {
            for _ in 0..10 {
                mallory.send(&stanza);
            }
            mallory.send(
                "<iq type='get' id='done' to='dc.example'><ping xmlns='urn:xmpp:ping'/></iq>",
            );
            mallory.expect("done");
            // Each long attribute costs its victim a connection; what is sent meanwhile only queues up on the server.
            screen.wait_steadily(
                &format!("a current row after {what} to {account}"),
                Duration::from_secs(2),
                |text| shows(text, &machine, "running") && !shows(text, &machine, "running 0m"),
            );
            world.hosts[0]
                .libvirt
                .virsh(&["suspend", &machine])
                .await
                .unwrap();
            screen.wait(&format!("news after {what} to {account}"), |text| {
                shows(text, &machine, "paused")
            });
            world.hosts[0]
                .libvirt
                .virsh(&["resume", &machine])
                .await
                .unwrap();
            screen.wait(&format!("news after {what} to {account}"), |text| {
                shows(text, &machine, "running")
            });
        }
    }
    assert!(screen.is_running());
    assert!(
        !world.hosts[0].log().contains("panicked"),
        "{}",
        world.hosts[0].log()
    );
}

fn shows(text: &str, machine: &str, state: &str) -> bool {
    text.lines()
        .any(|line| line.contains(machine) && line.contains(state))
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_stanzas_through_prosody_stop_nobody() {
    if !lacks(
        "hostile_stanzas_through_prosody_stop_nobody",
        ServerKind::Prosody,
        &["libvirtd", "virsh"],
    ) {
        agent_and_operator_stay_up(ServerKind::Prosody).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_stanzas_through_ejabberd_stop_nobody() {
    if !lacks(
        "hostile_stanzas_through_ejabberd_stop_nobody",
        ServerKind::Ejabberd,
        &["libvirtd", "virsh"],
    ) {
        agent_and_operator_stay_up(ServerKind::Ejabberd).await;
    }
}
