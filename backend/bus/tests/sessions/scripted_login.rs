//! Logging in, and every way in which that ends a session.

use archipel_bus::{End, Event, RequestError};
use archipel_config::BusSettings;

use crate::{
    common::{PATIENCE, ended, next, question, reset, suspended},
    peer::{BIND, BIND_SM, PLAIN, options, start},
};

#[tokio::test]
async fn a_session_begins_with_its_address() {
    let (session, mut events, mut server) = start(options());
    assert_eq!(session.bound_jid(), None);
    assert_eq!(
        session.request(question(None), PATIENCE).await,
        Err(RequestError::NotConnected)
    );
    let _peer = server.session().await;
    let Event::Reset { jid, resumable } = next(&mut events).await else {
        panic!("first comes the reset")
    };
    assert_eq!(jid.to_string(), "me@dc.example/here");
    assert!(resumable);
    assert_eq!(session.bound_jid(), Some(jid));
}

#[tokio::test]
async fn a_server_without_stream_management_will_do() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.accept().await;
    peer.log_in(BIND).await;
    peer.bind().await;
    assert!(!reset(&mut events).await);
}

#[tokio::test]
async fn what_arrives_before_management_is_on_is_not_lost_and_not_counted() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.accept().await;
    peer.log_in(BIND_SM).await;
    peer.bind().await;
    peer.expect("</enable>").await;
    peer.say("<message from='a@b/c'><body>early</body></message><enabled xmlns='urn:xmpp:sm:3'/>")
        .await;
    assert!(!reset(&mut events).await);
    assert_eq!(crate::common::body(&mut events).await, "early");
    peer.say("<message from='a@b/c'><body>late</body></message><r xmlns='urn:xmpp:sm:3'/>")
        .await;
    let acknowledged = peer.expect("</a>").await;
    assert!(acknowledged.contains("h='1'"), "{acknowledged}");
}

async fn failing_login(condition: &str) -> archipel_bus::Events {
    let (session, events, mut server) = start(options());
    let mut peer = server.accept().await;
    peer.open(PLAIN).await;
    peer.expect("</auth>").await;
    peer.say(&format!(
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{condition}/></failure>"
    ))
    .await;
    tokio::spawn(async move {
        // The session stays alive as long as somebody holds its handle.
        session.closed().await;
        drop((session, server, peer));
    });
    events
}

#[tokio::test]
async fn a_wrong_password_ends_the_session() {
    let end = ended(&mut failing_login("not-authorized").await).await;
    assert!(
        matches!(&end, End::WrongPassword { account, .. } if account.as_str() == "me@dc.example"),
        "{end}"
    );
}

#[tokio::test]
async fn a_disabled_account_ends_the_session() {
    let end = ended(&mut failing_login("account-disabled").await).await;
    assert!(matches!(&end, End::AccountRefused { .. }), "{end}");
    assert!(end.to_string().contains("account-disabled"), "{end}");
}

#[tokio::test]
async fn a_passing_failure_is_tried_again() {
    let reason = suspended(&mut failing_login("temporary-auth-failure").await).await;
    assert!(reason.contains("temporary-auth-failure"), "{reason}");
}

#[tokio::test]
async fn the_password_is_not_sent_unasked() {
    let options = crate::common::options("me", BusSettings::default());
    let (_session, mut events, mut server) = start(options);
    let mut peer = server.accept().await;
    peer.open(PLAIN).await;
    let end = ended(&mut events).await;
    assert!(
        matches!(&end, End::NoMechanism { offered, .. } if offered == "PLAIN"),
        "{end}"
    );
    assert_eq!(peer.rest().await, "");
}

#[tokio::test]
async fn a_server_that_proves_nothing_is_an_impostor() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.accept().await;
    peer.open("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>").await;
    peer.expect("</auth>").await;
    peer.say("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        .await;
    let end = ended(&mut events).await;
    assert!(matches!(end, End::Impostor { .. }), "{end}");
}

#[tokio::test]
async fn a_server_of_another_domain_is_named_from_the_first_attempt_on() {
    let (_session, mut events, mut server) = start(options());
    for _ in 0..2 {
        let mut peer = server.accept().await;
        peer.expect("<stream:stream").await;
        peer.expect(">").await;
        peer.say("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='s' version='1.0'>").await;
        peer.say("<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>").await;
        let reason = suspended(&mut events).await;
        assert!(reason.contains("does not serve `dc.example`"), "{reason}");
    }
}

#[tokio::test]
async fn a_resource_in_use_ends_the_session() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.accept().await;
    peer.log_in(BIND).await;
    peer.expect("</iq>").await;
    peer.say("<iq type='error' id='bind'><error type='modify'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>").await;
    let end = ended(&mut events).await;
    assert!(
        matches!(&end, End::Conflict { jid } if jid == "me@dc.example/here"),
        "{end}"
    );
}

#[tokio::test]
async fn one_shot_sessions_do_not_try_again() {
    let mut options = options();
    options.give_up_on_first_failure = true;
    let (_session, mut events, mut server) = start(options);
    drop(server.accept().await);
    let end = ended(&mut events).await;
    assert!(
        matches!(&end, End::Unreachable { reason, .. } if reason.contains("closed the connection")),
        "{end}"
    );
}

#[tokio::test]
async fn a_hostile_server_cannot_crash_the_login() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.accept().await;
    let deep = format!("{}{}", "<x>".repeat(5_000), "</x>".repeat(5_000));
    peer.open(&deep).await;
    let reason = suspended(&mut events).await;
    assert!(reason.contains("nested"), "{reason}");
}
