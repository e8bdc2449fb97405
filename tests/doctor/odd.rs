//! Faults that a sound server and a sound host hardly ever have.

use std::fs;

use archipel_lab::{Scratch, ServerKind};

use crate::{
    patient::{Agent, Operator, bus},
    reconfigure, server, write_private,
};

/// What is wrong on the way to a server that is sound itself.
#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_way_are_named() {
    let Some(mut server) = server(ServerKind::Prosody).await else {
        return;
    };
    let operator = Operator::new();
    let sound = bus(&server, server.ca_pem_path());
    let with = async |bus: &str| {
        operator.profile("", bus);
        operator.doctor(&[]).await
    };
    let told = with(&sound).await;
    told.names_also("feed.nobody");
    told.names_also("sasl.sha-1");
    told.names_also("web.none");

    let pin = ["AB"; 32].join(":");
    let authority = format!("ca_file = {:?}", server.ca_pem_path());
    let pinned = sound.replace(&authority, &format!("pinned = \"{pin}\""));
    with(&pinned).await.names("certificate.pin", 3);
    let scratch = Scratch::new().unwrap();
    let empty = scratch.write("empty.pem", "no certificate").unwrap();
    let trusts_nobody = sound.replace(&authority, &format!("ca_file = {empty:?}"));
    with(&trusts_nobody).await.names("certificate.authority", 3);
    let direct = format!("{sound}tls = \"direct\"\n");
    with(&direct).await.names("tls.failed", 3);
    let told = with("[bus]\nresolver = \"127.0.0.1:9\"\n").await;
    told.names_also("dns.silent");
    told.names_nothing_but(&["dns.silent", "reach.failed"]);
    assert_eq!(told.code, 3, "{}", told.err);

    operator.profile("", &sound);
    let stranger = [("ARCHIPEL_JID", "admin@other.example")];
    let told = operator.doctor_with(&[], &stranger).await;
    told.names("reach.other-domain", 3);
    operator.distrust_everything();
    operator.doctor(&[]).await.names("trust.unusable", 1);
    operator.password("");
    operator.doctor(&[]).await.names("settings.password", 3);
    operator.password(crate::patient::PASSWORD);

    let edits = [
        (
            "modules_disabled = { \"s2s\" }",
            "modules_disabled = { \"s2s\"; \"tls\" }",
        ),
        (
            "c2s_require_encryption = true",
            "c2s_require_encryption = false",
        ),
    ];
    reconfigure(&mut server, &edits).await;
    operator.doctor(&[]).await.names("tls.missing", 3);
}

/// A server without the nodes.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_nodes_is_named() {
    let Some(mut server) = server(ServerKind::Prosody).await else {
        return;
    };
    let operator = Operator::new();
    operator.profile("", &bus(&server, server.ca_pem_path()));
    let edit = (
        "\"pubsub.dc.example\" \"pubsub\"",
        "\"pubsub.dc.example\" \"muc\"",
    );
    reconfigure(&mut server, &[edit]).await;
    let told = operator.doctor(&["--only", "services"]).await;
    told.names_also("services.no-pubsub");
}

/// What an administrator did to the folder of the store.
#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_store_are_named() {
    let agent = Agent::new();
    let aside = agent.folder("aside");
    write_private(&aside.join("agent.sqlite3.damaged-1"), "once a store");
    write_private(&aside.join("agent.sqlite3"), "");
    let told = agent
        .check(&format!("state_dir = {aside:?}\n"), "store")
        .await;
    told.names_also("store.set-aside");

    let exposed = agent.folder("exposed");
    fs::write(exposed.join("agent.sqlite3"), "").unwrap();
    let told = agent
        .check(&format!("state_dir = {exposed:?}\n"), "store")
        .await;
    told.names_also("store.exposed");

    let others = agent.folder("others");
    // Only root gives files away.
    if std::os::unix::fs::chown(&others, Some(12_345), None).is_ok() {
        let told = agent
            .check(&format!("state_dir = {others:?}\n"), "user")
            .await;
        told.names("user.other", 0);
    }
}
