//! Servers that cannot be reached, or are the wrong ones.

use archipel_bus::{End, connect};
use archipel_config::BusSettings;
use archipel_lab::{ServerKind, ServerOptions};

use crate::{
    common::{ended, options, suspended},
    real_login::{server, settings},
};

fn at(endpoints: &[&str]) -> BusSettings {
    BusSettings {
        hosts: endpoints
            .iter()
            .map(|endpoint| endpoint.parse().unwrap())
            .collect(),
        ..BusSettings::default()
    }
}

#[tokio::test]
async fn every_server_tried_is_named() {
    let (_session, mut events) = connect(options(
        "me",
        at(&["127.0.0.1:1", "no-such-host.invalid:5222"]),
    ));
    let reason = suspended(&mut events).await;
    assert!(
        reason.contains("127.0.0.1:1: connection refused"),
        "{reason}"
    );
    assert!(
        reason.contains("no-such-host.invalid:5222: cannot find its address"),
        "{reason}"
    );
    // And again, for ever.
    suspended(&mut events).await;
}

#[tokio::test]
async fn a_one_shot_command_says_why_at_once() {
    let mut options = options("me", at(&["127.0.0.1:1"]));
    options.give_up_on_first_failure = true;
    let (_session, mut events) = connect(options);
    let end = ended(&mut events).await;
    assert!(
        matches!(&end, End::Unreachable { reason, .. } if reason.contains("refused")),
        "{end}"
    );
}

async fn wrong_domain(kind: ServerKind) {
    let Some(server) = server("wrong domain", kind, ServerOptions::new("other.example")).await
    else {
        return;
    };
    let (_session, mut events) = connect(options("me", settings(&server)));
    let reason = suspended(&mut events).await;
    assert!(reason.contains("does not serve `dc.example`"), "{reason}");
}

#[tokio::test]
async fn wrong_domain_on_prosody() {
    wrong_domain(ServerKind::Prosody).await;
}

#[tokio::test]
async fn wrong_domain_on_ejabberd() {
    wrong_domain(ServerKind::Ejabberd).await;
}
