//! What others say in somebody's name is not believed: pushes that come from anybody but their service, and the word of an account that has
//! a machine's name. (Forged feeds: `watching.rs`.)

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use archipel_fleet::Fleet;
use archipel_lab::{Profile, ServerKind, ServerOptions};
use archipel_protocol::{BareJid, Presence, PresenceKind, Stanza, VmState, push};
use common::{
    PASSWORD, Screen,
    agent::Agent,
    hv, lab_like, lab_with,
    original::{DB, Entity, Original, WEB, says},
    vm, vm_id,
};

const HOUR: Duration = Duration::from_hours(1);
const SERVICE: &str = "pubsub.dc.example";

fn jid(name: &str) -> BareJid {
    format!("{name}@dc.example").parse().unwrap()
}

/// A notification that a machine was made, as the service sends it.
fn forged() -> Stanza {
    let push = "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='/archipel/hv01@dc.example/events'><item id='1'><push xmlns='archipel:push:hypervisor' date='2026-05-01 10:00:00.123456' change='alloc'/></item></items></event>";
    let message = format!(
        "<message xmlns='jabber:client' type='headline' to='olga@dc.example'>{push}</message>"
    );
    Stanza::parse(message.parse().unwrap()).unwrap()
}

/// What somebody said so far has come to the screen when it tells that they want to see the operator.
async fn heard_out(screen: &mut Screen, who: &Entity, name: &str) {
    who.sends(Presence::new(PresenceKind::Subscribe).to(jid("olga")))
        .await;
    let told = |fleet: &Fleet| {
        let mut notices = fleet.notices();
        notices.any(|told| told.notice.text.contains(name))
    };
    screen.until("somebody knocks", told).await;
    screen.settle().await;
}

#[tokio::test]
async fn a_push_is_believed_from_its_service_alone() {
    for kind in ServerKind::ALL {
        let accounts = |options: ServerOptions| {
            let options = options.profile(Profile::Fleet);
            let names = [WEB, DB].iter();
            names.fold(options, |options, name| options.account(*name, PASSWORD))
        };
        let Some(lab) = lab_like(kind, "forged pushes", accounts).await else {
            continue;
        };
        let peer = Original::new();
        let [host, _web] = peer.start(&lab).await;
        host.sets(SERVICE, push::create_node(&jid("hv01"))).await;
        let mut settings = lab.settings();
        (settings.pace.round, settings.pace.round_looked_at) = (HOUR, HOUR);
        let mut screen = Screen::start(settings);
        screen.handle.add(hv(1)).await.unwrap();
        screen.until_live(&hv(1), 2).await;
        screen.settle().await;
        let asked = peer.count("hv01", "rostervm");

        let eve = peer.log_in(&lab, "eve", "x", says(None, "Online")).await;
        eve.sends(forged()).await;
        heard_out(&mut screen, &eve, "eve@dc.example").await;
        assert_eq!(peer.count("hv01", "rostervm"), asked, "{kind}");

        let push = push::Push {
            family: "hypervisor".into(),
            change: "alloc".into(),
            date: String::new(),
        };
        host.sets(SERVICE, push.publish(&jid("hv01"))).await;
        let heard = |peer: &Original| peer.count("hv01", "rostervm") > asked;
        peer.until("the true one is heard", heard).await;
        screen.stop().await;
    }
}

#[tokio::test]
async fn an_account_with_a_machines_name_speaks_for_nobody() {
    let taken = vm_id(1).to_string();
    let Some(lab) = lab_with(ServerKind::Prosody, "a taken name", &[&taken]).await else {
        return;
    };
    let _agent = Agent::start(&lab, "hv01", 2);
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 2).await;
    let before = screen.fleet.vm(&vm(1, 1)).unwrap().state;
    assert_ne!(before, VmState::Crashed);

    let thief = Original::new();
    let crashed = says(Some("xa"), "Crashed");
    let thief = thief.log_in(&lab, &taken, "hv01", crashed.clone()).await;
    thief.says(crashed.to(jid("olga"))).await;
    heard_out(&mut screen, &thief, &taken).await;
    assert_eq!(screen.fleet.vm(&vm(1, 1)).unwrap().state, before);
    screen.stop().await;
}
