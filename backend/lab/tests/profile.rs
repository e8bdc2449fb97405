//! The shipped profile on both servers, looked at from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_lab::{Encryption, Profile, ServerKind, ServerOptions, XmppServer, missing, skip};
use common::raw_stream::RawStream;

/// Runs a test body against each server that is installed.
async fn on_each(test: &str, body: impl AsyncFn(ServerKind)) {
    for kind in ServerKind::ALL {
        match missing(kind.programs()) {
            None => body(kind).await,
            Some(reason) => skip(&format!("{test} with {kind}"), &reason),
        }
    }
}

fn fleet() -> ServerOptions {
    ServerOptions::new("dc.example").profile(Profile::Fleet)
}

/// An operator and two hosts, reachable without TLS.
async fn furnished(kind: ServerKind) -> XmppServer {
    let options = fleet()
        .encryption(Encryption::ClearText)
        .account("admin", "one")
        .account("hv01", "two")
        .account("hv02", "three")
        .group("Operators", ["admin@dc.example"])
        .group("Hypervisors", ["hv01@dc.example", "hv02@dc.example"]);
    XmppServer::start(kind, options).await.unwrap()
}

async fn session(server: &XmppServer, name: &str, password: &str) -> RawStream {
    let (mut stream, _) = RawStream::open(server.starttls_addr(), server.domain())
        .await
        .unwrap();
    stream.log_in(name, password).await.unwrap();
    stream
}

#[tokio::test]
async fn wants_tls_and_lets_nobody_register() {
    on_each("wants_tls", async |kind| {
        let server = XmppServer::start(kind, fleet()).await.unwrap();
        let (_, features) = RawStream::open(server.starttls_addr(), server.domain())
            .await
            .unwrap();
        assert!(features.contains("<required"), "{kind}: {features}");
        assert!(!features.contains("iq-register"), "{kind}: {features}");
        for address in [server.tls_addr(), server.https_addr()] {
            tokio::net::TcpStream::connect(address).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn agents_register_from_their_network() {
    on_each("register", async |kind| {
        let options = fleet().encryption(Encryption::ClearText).registration();
        let server = XmppServer::start(kind, options).await.unwrap();
        let (mut stream, features) = RawStream::open(server.starttls_addr(), server.domain())
            .await
            .unwrap();
        assert!(features.contains("iq-register"), "{kind}: {features}");
        let register = "<iq type='set' id='g'><query xmlns='jabber:iq:register'>\
            <username>vm-1</username><password>x9</password></query></iq>";
        let answer = stream.ask(register, "id='g'").await.unwrap();
        assert!(answer.contains("type='result'"), "{kind}: {answer}");
        session(&server, "vm-1", "x9").await;
    })
    .await;
}

#[tokio::test]
async fn operators_have_all_hypervisors_and_hypervisors_not_each_other() {
    on_each("groups", async |kind| {
        let server = furnished(kind).await;
        let ask = "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>";
        let mut admin = session(&server, "admin", "one").await;
        let roster = admin.ask(ask, "</iq>").await.unwrap();
        for word in ["hv01@dc.example", "hv02@dc.example", "Hypervisors"] {
            assert!(roster.contains(word), "{kind}: {roster}");
        }
        let mut host = session(&server, "hv01", "two").await;
        let roster = host.ask(ask, "</iq>").await.unwrap();
        assert!(!roster.contains("hv02"), "{kind}: {roster}");
        admin.ask("<presence/>", "<presence").await.unwrap();
        host.ask("<presence/>", "<presence").await.unwrap();
        let seen = admin.ask("", "from='hv01@dc.example/").await.unwrap();
        assert!(seen.contains("<presence"), "{kind}: {seen}");
    })
    .await;
}

#[tokio::test]
async fn an_agent_makes_its_own_node() {
    on_each("nodes", async |kind| {
        let server = furnished(kind).await;
        let mut host = session(&server, "hv01", "two").await;
        let create = |id: &str, node: &str| {
            format!(
                "<iq type='set' id='{id}' to='pubsub.dc.example'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
                 <create node='{node}'/></pubsub></iq>"
            )
        };
        let own = create("n1", "/archipel/hv01@dc.example/events");
        let answer = host.ask(&own, "id='n1'").await.unwrap();
        assert!(answer.contains("type='result'"), "{kind}: {answer}");
        if kind == ServerKind::Prosody {
            let foreign = create("n2", "/archipel/hv02@dc.example/events");
            let answer = host.ask(&foreign, "</iq>").await.unwrap();
            assert!(answer.contains("forbidden"), "{kind}: {answer}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_command_to_an_absent_host_fails_at_once() {
    on_each("offline", async |kind| {
        let server = furnished(kind).await;
        let mut admin = session(&server, "admin", "one").await;
        let chat =
            "<message to='hv01@dc.example' type='chat' id='c'><body>start web01</body></message>";
        let answer = admin.ask(chat, "</message>").await.unwrap();
        assert!(answer.contains("type='error'"), "{kind}: {answer}");
    })
    .await;
}
