//! Lost connections: resumption without loss or doubling, and when it is impossible.

use std::time::Duration;

use archipel_bus::{Event, Refusal, RequestError};

use crate::{
    common::{PATIENCE, message, next, question, reset, suspended, until},
    peer::{BIND_SM, options, start},
};

async fn resumed(events: &mut archipel_bus::Events) {
    until(events, |event| match event {
        Event::Resumed => Some(()),
        Event::Reset { .. } => panic!("a fresh session came instead of the old one"),
        Event::Ended(end) => panic!("over: {end}"),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn what_was_not_acknowledged_is_written_again_and_nothing_else() {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    for text in ["first", "second", "third"] {
        session.send(message("a@b/c", text)).await.unwrap();
    }
    peer.expect("third").await;
    peer.say("<message from='a@b/c'><body>in</body></message>")
        .await;
    next(&mut events).await;
    drop(peer);
    suspended(&mut events).await;
    assert!(session.bound_jid().is_some());
    session.send(message("a@b/c", "fourth")).await.unwrap();
    let (mut peer, resume) = server.resume(2).await;
    assert!(
        resume.contains(r#"h="1""#) || resume.contains("h='1'"),
        "{resume}"
    );
    resumed(&mut events).await;
    let said = peer.expect("fourth").await;
    assert!(
        !said.contains("first") && !said.contains("second"),
        "{said}"
    );
    assert_eq!(said.matches("third").count(), 1, "{said}");
}

#[tokio::test]
async fn a_request_survives_the_loss_of_its_connection() {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    let request = tokio::spawn(async move { session.request(question(None), PATIENCE).await });
    let asked = peer.expect("</iq>").await;
    let id = asked.split("id=").nth(1).unwrap()[1..]
        .split(['\'', '"'])
        .next()
        .unwrap()
        .to_owned();
    drop(peer);
    let (mut peer, _) = server.resume(1).await;
    peer.say(&format!("<iq type='result' id='{id}'/>")).await;
    assert!(request.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_forgotten_session_is_a_fresh_one() {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    let waiting = session.clone();
    let request = tokio::spawn(async move { waiting.request(question(None), PATIENCE).await });
    peer.expect("</iq>").await;
    drop(peer);
    suspended(&mut events).await;
    session.send(message("a@b/c", "stale")).await.unwrap();
    let mut peer = server.accept().await;
    peer.log_in(BIND_SM).await;
    peer.expect("</resume>").await;
    peer.say("<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>not in any schema</text></failed>").await;
    peer.bind().await;
    peer.enable("id='two' resume='true'").await;
    assert!(reset(&mut events).await);
    assert_eq!(request.await.unwrap(), Err(RequestError::Lost));
    session.send(message("a@b/c", "fresh")).await.unwrap();
    let said = peer.expect("fresh").await;
    assert!(!said.contains("stale"), "{said}");
}

#[tokio::test]
async fn without_resumption_a_loss_is_told_at_once() {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.accept().await;
    peer.log_in(BIND_SM).await;
    peer.bind().await;
    peer.enable("").await;
    assert!(!reset(&mut events).await);
    let waiting = session.clone();
    let request = tokio::spawn(async move { waiting.request(question(None), PATIENCE).await });
    peer.expect("</iq>").await;
    drop(peer);
    assert_eq!(request.await.unwrap(), Err(RequestError::Lost));
    assert_eq!(session.bound_jid(), None);
    assert_eq!(
        session.request(question(None), PATIENCE).await,
        Err(RequestError::NotConnected)
    );
}

#[tokio::test]
async fn a_consumer_is_never_blocked_by_a_long_suspension() {
    let mut options = options();
    options.limits.unacknowledged = 4;
    let (session, mut events, mut server) = start(options);
    drop(server.session().await);
    suspended(&mut events).await;
    let mut peer = server.accept().await;
    for n in 0..500 {
        session
            .send(message("a@b/c", &n.to_string()))
            .await
            .unwrap();
    }
    peer.log_in(BIND_SM).await;
    peer.expect("</resume>").await;
    peer.say("<resumed xmlns='urn:xmpp:sm:3' previd='one' h='0'/>")
        .await;
    // The server kept the session, but stanzas were dropped for want of room: the consumer must start over.
    reset(&mut events).await;
    session.send(message("a@b/c", "anew")).await.unwrap();
    peer.expect("anew").await;
}

#[tokio::test]
async fn a_server_that_counts_wrong_is_not_resumed() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    peer.say("<a xmlns='urn:xmpp:sm:3' h='7'/>").await;
    let reason = suspended(&mut events).await;
    assert!(reason.contains("never sent"), "{reason}");
    server.session().await;
    reset(&mut events).await;
}

#[tokio::test]
async fn a_silent_server_is_asked_then_given_up() {
    let mut options = options();
    options.timing.keep_alive = Duration::from_millis(100);
    options.timing.answer = Duration::from_millis(200);
    let (_session, mut events, mut server) = start(options);
    let mut peer = server.session().await;
    reset(&mut events).await;
    peer.expect("<r").await;
    let reason = suspended(&mut events).await;
    assert!(reason.contains("no answer"), "{reason}");
}

#[tokio::test]
async fn written_stanzas_are_asked_for() {
    let mut options = options();
    options.timing.acknowledge = Duration::from_millis(10);
    let (session, mut events, mut server) = start(options);
    let mut peer = server.session().await;
    reset(&mut events).await;
    session.send(message("a@b/c", "one")).await.unwrap();
    let said = peer.expect("<r").await;
    assert!(said.contains("one"), "{said}");
}

#[tokio::test]
async fn a_poisoned_stanza_counts_as_handled_before_the_resumption() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    peer.say("<message from='a@b/c'><body>before</body></message>")
        .await;
    for handled in 2..12 {
        peer.say(&format!(
            "<message from='evil@b/c' id='{}'/>",
            "x".repeat(9_000)
        ))
        .await;
        let last_words = peer.rest().await;
        assert!(
            last_words.contains("<a") && last_words.contains(&handled.to_string()),
            "{last_words}"
        );
        let resume;
        (peer, resume) = server.resume(0).await;
        assert!(
            resume.contains(&format!("h=\"{handled}\""))
                || resume.contains(&format!("h='{handled}'")),
            "{resume}"
        );
    }
    let why = until(&mut events, |event| match event {
        Event::Refused { why, .. } => Some(why),
        _ => None,
    });
    assert!(matches!(why.await, Refusal::NotXml(_)));
    peer.say("<message from='a@b/c'><body>after</body></message>")
        .await;
    assert_eq!(crate::common::body(&mut events).await, "after");
}
