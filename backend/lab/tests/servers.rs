//! Both servers, looked at from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::PathBuf;

use archipel_lab::{Encryption, Limits, ServerKind, ServerOptions, XmppServer, missing, skip};
use common::processes_naming;
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

fn clear_text() -> ServerOptions {
    ServerOptions::new("dc.example").encryption(Encryption::ClearText)
}

#[tokio::test]
async fn requires_tls_unless_told_otherwise() {
    on_each("requires_tls", async |kind| {
        let server = XmppServer::start(kind, ServerOptions::new("dc.example"))
            .await
            .unwrap();
        let (_, features) = RawStream::open(server.starttls_addr(), server.domain())
            .await
            .unwrap();
        assert!(features.contains("<required"), "{kind}: {features}");
        assert!(!features.contains("PLAIN"), "{kind}: {features}");
        let clear = XmppServer::start(kind, clear_text()).await.unwrap();
        let (_, features) = RawStream::open(clear.starttls_addr(), clear.domain())
            .await
            .unwrap();
        assert!(!features.contains("starttls"), "{kind}: {features}");
        assert!(features.contains("SCRAM-SHA-1"), "{kind}: {features}");
    })
    .await;
}

#[tokio::test]
async fn offers_plain_alone_and_registration_when_asked() {
    on_each("offers", async |kind| {
        let server = XmppServer::start(kind, clear_text().plain_only().registration())
            .await
            .unwrap();
        let (_, features) = RawStream::open(server.starttls_addr(), server.domain())
            .await
            .unwrap();
        assert!(
            features.contains("PLAIN") && !features.contains("SCRAM"),
            "{kind}: {features}"
        );
        assert!(features.contains("iq-register"), "{kind}: {features}");
        let closed = XmppServer::start(kind, clear_text()).await.unwrap();
        let (_, features) = RawStream::open(closed.starttls_addr(), closed.domain())
            .await
            .unwrap();
        assert!(!features.contains("iq-register"), "{kind}: {features}");
    })
    .await;
}

#[tokio::test]
async fn members_of_a_group_are_in_each_others_rosters() {
    on_each("group", async |kind| {
        let options = clear_text()
            .account("admin", "one")
            .account("hv01", "two")
            .group("rack-a", ["admin@dc.example", "hv01@dc.example"]);
        let server = XmppServer::start(kind, options).await.unwrap();
        let roster = roster_of(&server, "admin", "one").await;
        for word in ["hv01@dc.example", "rack-a", "both"] {
            assert!(roster.contains(word), "{kind}: {roster}");
        }
    })
    .await;
}

async fn roster_of(server: &XmppServer, name: &str, password: &str) -> String {
    let (mut stream, _) = RawStream::open(server.starttls_addr(), server.domain())
        .await
        .unwrap();
    stream.log_in(name, password).await.unwrap();
    let query = "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>";
    stream.ask(query, "</iq>").await.unwrap()
}

#[tokio::test]
async fn accounts_survive_a_crash_and_can_be_added_while_it_runs() {
    on_each("accounts", async |kind| {
        let mut server = XmppServer::start(kind, clear_text().account("admin", "one"))
            .await
            .unwrap();
        let before = (server.starttls_addr(), server.pid());
        server.add_user("late", "two").await.unwrap();
        server.kill().await;
        server.restart().await.unwrap();
        assert_eq!(server.starttls_addr(), before.0);
        assert_ne!(server.pid(), before.1);
        for (name, password) in [("admin", "one"), ("late", "two")] {
            let (mut stream, _) = RawStream::open(server.starttls_addr(), server.domain())
                .await
                .unwrap();
            stream.log_in(name, password).await.unwrap();
        }
        let (mut stream, _) = RawStream::open(server.starttls_addr(), server.domain())
            .await
            .unwrap();
        assert!(stream.log_in("admin", "wrong").await.is_err());
    })
    .await;
}

#[tokio::test]
async fn carries_large_stanzas_and_starts_under_stock_limits_too() {
    on_each("limits", async |kind| {
        let server = XmppServer::start(kind, clear_text().account("admin", "one"))
            .await
            .unwrap();
        let (mut stream, _) = RawStream::open(server.starttls_addr(), server.domain())
            .await
            .unwrap();
        stream.log_in("admin", "one").await.unwrap();
        let body = "x".repeat(1 << 20);
        let large = format!(
            "<presence/><message to='admin@dc.example' type='chat'><body>{body}</body></message>"
        );
        let echo = stream.ask(&large, "</message>").await.unwrap();
        assert!(echo.contains(&body), "{kind}");
        let stock = XmppServer::start(kind, clear_text().limits(Limits::Stock))
            .await
            .unwrap();
        RawStream::open(stock.starttls_addr(), stock.domain())
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn stopping_leaves_no_process_and_dropping_no_folder() {
    on_each("stopping", async |kind| {
        let mut server = XmppServer::start(kind, ServerOptions::new("dc.example"))
            .await
            .unwrap();
        let folder: PathBuf = server.folder().to_owned();
        server.stop().await;
        assert_eq!(processes_naming(&folder), Vec::<String>::new(), "{kind}");
        drop(server);
        assert!(!folder.exists());
    })
    .await;
}
