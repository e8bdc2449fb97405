//! What the doctor says of the ports for browsers.

use archipel_bus::probe::{Aim, Line, Purpose, examine};
use archipel_lab::{Profile, ServerKind, XmppServer};

use crate::real_login::{furnished, server, settings};

/// The findings of one port, and what was seen.
async fn found(server: &XmppServer, port: u16) -> Vec<(&'static str, String)> {
    let account = "me@dc.example".parse().unwrap();
    let mut line = Line::new(settings(server), account, None, Purpose::Operator);
    line.web_ports = vec![port];
    let findings = examine(line, Aim(Some("web"))).await.findings;
    let told = findings
        .into_iter()
        .map(|finding| (finding.id, finding.seen));
    told.collect()
}

async fn browsers(kind: ServerKind) {
    let fleet = furnished().profile(Profile::Fleet);
    let Some(server) = server("browsers", kind, fleet).await else {
        return;
    };
    let ids = async |port| {
        let told = found(&server, port).await;
        println!("{port}: {told:?}");
        told.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(ids(server.https_addr().port()).await, ["web"]);
    // Its other ports are no web servers.
    let tls = server.tls_addr().port();
    assert_eq!(ids(tls).await, ["web.no-bosh", "web.no-websocket"]);
    let clear = server.starttls_addr().port();
    assert_eq!(ids(clear).await, ["web.untrusted"]);
    assert_eq!(ids(9).await, ["web.none"]);
}

#[tokio::test]
async fn browsers_on_prosody() {
    browsers(ServerKind::Prosody).await;
}

#[tokio::test]
async fn browsers_on_ejabberd() {
    browsers(ServerKind::Ejabberd).await;
}
