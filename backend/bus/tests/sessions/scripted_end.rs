//! How sessions end.

use archipel_bus::{End, RequestError, SendError};
use archipel_protocol::{Jid, Presence, PresenceKind};

use crate::{
    common::{PATIENCE, ended, message, question, reset, suspended},
    peer::{options, start},
};

#[tokio::test]
async fn stopping_writes_what_is_queued_and_takes_leave() {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    peer.say("<presence from='a@b/c'/>").await;
    crate::common::next(&mut events).await;
    session
        .send(Presence::new(PresenceKind::Available))
        .await
        .unwrap();
    for n in 0..5 {
        session
            .send(message("a@b/c", &format!("text {n}")))
            .await
            .unwrap();
    }
    session.stop();
    let said = peer.expect("</stream:stream>").await;
    let order = ["text 0", "text 4", "unavailable", "<a", "</stream:stream>"]
        .map(|part| said.find(part).expect(part));
    assert!(order.is_sorted(), "{said}");
    assert!(
        said.contains(r#"h="1""#) || said.contains("h='1'"),
        "{said}"
    );
    peer.say("</stream:stream>").await;
    drop(peer);
    assert_eq!(ended(&mut events).await, End::Stopped);
    session.closed().await;
    assert_eq!(session.bound_jid(), None);
    assert!(session.send(message("a@b/c", "late")).await.is_err());
    assert_eq!(
        session.try_send(message("a@b/c", "late")),
        Err(SendError::Closed)
    );
    assert_eq!(
        session.request(question(None), PATIENCE).await,
        Err(RequestError::Closed)
    );
}

/// A server tells an end that is addressed to nobody to everybody on the roster, also of a session of which it told them nothing.
#[tokio::test]
async fn the_end_is_told_to_whom_the_session_was_shown() {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    let directed =
        |who: &str| Presence::new(PresenceKind::Available).to(who.parse::<Jid>().unwrap());
    for who in ["a@b/c", "d@e/f"] {
        session.send(directed(who)).await.unwrap();
    }
    session.stop();
    let said = peer.expect("</stream:stream>").await;
    assert_eq!(said.matches("unavailable").count(), 2, "{said}");
    assert_eq!(said.matches("a@b/c").count(), 2, "{said}");

    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    session.stop();
    let said = peer.expect("</stream:stream>").await;
    assert!(!said.contains("unavailable"), "{said}");
}

#[tokio::test]
async fn a_server_that_does_not_close_cannot_hold_a_stopping_session() {
    let mut options = options();
    options.timing.close = std::time::Duration::from_millis(50);
    let (session, mut events, mut server) = start(options);
    let _peer = server.session().await;
    reset(&mut events).await;
    session.stop();
    assert_eq!(ended(&mut events).await, End::Stopped);
}

#[tokio::test]
async fn dropping_the_last_handle_stops_the_session() {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    let other = session.clone();
    drop(session);
    other.send(message("a@b/c", "still here")).await.unwrap();
    peer.expect("still here").await;
    drop(other);
    peer.expect("</stream:stream>").await;
    drop(peer);
    assert_eq!(ended(&mut events).await, End::Stopped);
}

#[tokio::test]
async fn a_session_that_never_connected_stops_at_once() {
    let (session, mut events, mut server) = start(options());
    let _peer = server.accept().await;
    session.stop();
    assert_eq!(ended(&mut events).await, End::Stopped);
}

async fn stream_error(condition: &str) -> (archipel_bus::Session, archipel_bus::Events) {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    peer.say(&format!("<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>")).await;
    (session, events)
}

#[tokio::test]
async fn a_second_login_under_the_same_address_ends_the_first() {
    let (_session, mut events) = stream_error("conflict").await;
    assert_eq!(
        ended(&mut events).await,
        End::Conflict {
            jid: "me@dc.example/here".to_owned()
        }
    );
}

#[tokio::test]
async fn a_broken_rule_ends_the_session() {
    let (_session, mut events) = stream_error("policy-violation").await;
    let end = ended(&mut events).await;
    assert!(matches!(end, End::Policy { .. }), "{end}");
}

#[tokio::test]
async fn a_server_that_shuts_down_is_waited_for() {
    let (_session, mut events) = stream_error("system-shutdown").await;
    let reason = suspended(&mut events).await;
    assert!(reason.contains("shutting down"), "{reason}");
}
