//! Stanzas in a session that is up.

use std::time::Duration;

use archipel_bus::{Event, Limits, Refusal, RequestError};
use archipel_protocol::{IqKind, Stanza};
use tokio::time::timeout;

use crate::{
    common::{PATIENCE, body, message, next, question, reset, until},
    peer::{Peer, options, start},
};

/// The id that a request was sent under.
async fn asked(peer: &mut Peer) -> String {
    let request = peer.expect("</iq>").await;
    let id = request.split("id=").nth(1).unwrap();
    id[1..].split(['\'', '"']).next().unwrap().to_owned()
}

async fn refused(events: &mut archipel_bus::Events) -> Refusal {
    until(events, |event| match event {
        Event::Refused { why, .. } => Some(why),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_request_gets_the_answer_of_whom_it_asked() {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    let request = tokio::spawn(async move {
        session
            .request(question(Some("hv@dc.example/a")), PATIENCE)
            .await
    });
    let id = asked(&mut peer).await;
    peer.say(&format!(
        "<iq type='result' id='{id}' from='evil@dc.example/a'><query xmlns='urn:forged'/></iq>"
    ))
    .await;
    peer.say(&format!(
        "<iq type='result' id='{id}' from='hv@dc.example/a'><query xmlns='urn:test'/></iq>"
    ))
    .await;
    let answer = request.await.unwrap().unwrap();
    assert_eq!(answer.payload().unwrap().ns(), "urn:test");
    let Event::Stanza(Stanza::Iq(forged)) = next(&mut events).await else {
        panic!("the forged answer is a stanza like any other")
    };
    assert_eq!(forged.from.unwrap().as_str(), "evil@dc.example/a");
}

#[tokio::test]
async fn refusals_and_the_originals_ignore_reach_the_caller() {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    for (answer, expected) in [
        ("error", "the request was refused"),
        ("ignore", "the recipient did not understand the request"),
    ] {
        let session = session.clone();
        let request = tokio::spawn(async move { session.request(question(None), PATIENCE).await });
        let id = asked(&mut peer).await;
        peer.say(&format!(
            "<iq type='{answer}' id='{id}' from='me@dc.example'><error code='-1'/></iq>"
        ))
        .await;
        assert_eq!(request.await.unwrap().unwrap_err().to_string(), expected);
    }
}

#[tokio::test]
async fn a_late_answer_is_an_ordinary_stanza() {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    let late = session
        .request(question(None), Duration::from_millis(20))
        .await;
    assert_eq!(late, Err(RequestError::Timeout));
    let id = asked(&mut peer).await;
    peer.say(&format!("<iq type='result' id='{id}'/>")).await;
    assert!(
        matches!(next(&mut events).await, Event::Stanza(Stanza::Iq(iq)) if iq.kind == IqKind::Result)
    );
}

#[tokio::test]
async fn pings_are_answered_by_the_session_itself() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    peer.say("<iq type='get' id='p1' from='dc.example'><ping xmlns='urn:xmpp:ping'/></iq>")
        .await;
    let answer = peer.expect("</iq>").await;
    assert!(
        answer.contains("result") && answer.contains("p1") && answer.contains("dc.example"),
        "{answer}"
    );
}

#[tokio::test]
async fn roster_pushes_count_only_from_the_own_account() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    peer.say("<iq type='set' id='r1' from='evil@dc.example/x'><query xmlns='jabber:iq:roster'><item jid='evil@dc.example' subscription='both'/></query></iq>").await;
    let answer = peer.expect("</iq>").await;
    assert!(
        answer.contains("error") && answer.contains("r1"),
        "{answer}"
    );
    assert_eq!(refused(&mut events).await, Refusal::ForgedRosterPush);
    peer.say("<iq type='set' id='r2'><query xmlns='jabber:iq:roster'><item jid='a@dc.example'/></query></iq>").await;
    let answer = peer.expect("</iq>").await;
    assert!(
        answer.contains("result") && answer.contains("r2"),
        "{answer}"
    );
    assert!(matches!(next(&mut events).await, Event::Stanza(Stanza::Iq(iq)) if iq.id == "r2"));
}

#[tokio::test]
async fn what_strict_types_refuse_reaches_the_consumer() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    peer.say(
        "<iq type='ignore' id='1' from='hv@dc.example/a'><query xmlns='archipel:vm:control'/></iq>",
    )
    .await;
    assert!(
        matches!(next(&mut events).await, Event::Stanza(Stanza::Iq(iq)) if iq.kind == IqKind::Other("ignore".into()))
    );
    peer.say(
        "<presence from='hv@dc.example/a'><show>online</show><priority>1000</priority></presence>",
    )
    .await;
    assert!(
        matches!(next(&mut events).await, Event::Stanza(Stanza::Presence(presence)) if presence.show.as_deref() == Some("online"))
    );
}

#[tokio::test]
async fn a_refused_request_is_counted_and_answered_and_the_stream_lives() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    let deep = format!("{}{}", "<x>".repeat(5_000), "</x>".repeat(5_000));
    peer.say(&format!(
        "<iq type='get' id='d1' from='evil@dc.example/x'>{deep}</iq>"
    ))
    .await;
    let answer = peer.expect("</iq>").await;
    assert!(
        answer.contains("policy-violation") && answer.contains("d1"),
        "{answer}"
    );
    assert_eq!(refused(&mut events).await, Refusal::TooDeep);
    peer.say(&format!(
        "<message from='evil@dc.example/x'><body>{}</body></message>",
        "x".repeat(5_000_000)
    ))
    .await;
    assert_eq!(refused(&mut events).await, Refusal::TooLong);
    peer.say("<r xmlns='urn:xmpp:sm:3'/>").await;
    let answer = peer.expect("</a>").await;
    assert!(answer.contains("<a") && answer.contains('2'), "{answer}");
    peer.say("<message from='a@b/c'><body>alive</body></message>")
        .await;
    assert_eq!(body(&mut events).await, "alive");
}

#[tokio::test]
async fn an_invalid_address_is_refused_and_answered_where_possible() {
    let (_session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    peer.say("<message from='@@@'><body>nobody</body></message>")
        .await;
    assert!(matches!(refused(&mut events).await, Refusal::Unreadable(_)));
    peer.say("<iq type='set' id='j1' from='a@b/c' to='@'><query xmlns='x'/></iq>")
        .await;
    let answer = peer.expect("</iq>").await;
    assert!(
        answer.contains("jid-malformed") && answer.contains("j1"),
        "{answer}"
    );
}

#[tokio::test]
async fn forbidden_characters_do_not_reach_the_wire() {
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    session
        .send(message("a@b/c", "bell \u{7} and escape \u{1b}[2J"))
        .await
        .unwrap();
    session.send(message("a@b/c", "next")).await.unwrap();
    let said = peer.expect("next").await;
    assert!(
        !said.contains('\u{7}') && !said.contains('\u{1b}'),
        "{said}"
    );
}

#[tokio::test]
async fn a_consumer_that_does_not_listen_stops_the_reading_and_loses_nothing() {
    let mut options = options();
    options.limits.events = 2;
    let (session, mut events, mut server) = start(options);
    let mut peer = server.session().await;
    let writer = tokio::spawn(async move {
        for n in 0..2_000 {
            peer.say(&format!(
                "<message from='a@b/c'><body>{n} {}</body></message>",
                "x".repeat(500)
            ))
            .await;
        }
        peer
    });
    reset(&mut events).await;
    // Sending works all the same.
    session
        .send(message("a@b/c", "from the deaf"))
        .await
        .unwrap();
    for n in 0..2_000 {
        let text = body(&mut events).await;
        assert_eq!(text.split(' ').next(), Some(n.to_string().as_str()));
    }
    writer.await.unwrap().expect("from the deaf").await;
}

/// The acknowledgements that make room come behind what the consumer does not take before it has room.
#[tokio::test]
async fn a_consumer_that_waits_for_room_gets_it_though_it_does_not_listen() {
    let mut options = options();
    options.limits = Limits {
        commands: 1,
        events: 1,
        unacknowledged: 4,
    };
    let (session, mut events, mut server) = start(options);
    let mut peer = server.session().await;
    for n in 0..3 {
        peer.say(&format!("<message from='a@b/c'><body>{n}</body></message>"))
            .await;
    }
    let acknowledging = tokio::spawn(async move {
        for n in 1..=20 {
            peer.expect("</message>").await;
            peer.say(&format!("<a xmlns='urn:xmpp:sm:3' h='{n}'/>"))
                .await;
        }
        peer
    });
    let sends = async {
        while session.bound_jid().is_none() {
            tokio::task::yield_now().await;
        }
        for n in 0..20 {
            let text = n.to_string();
            session.send(message("a@b/c", &text)).await.unwrap();
        }
    };
    timeout(PATIENCE, sends).await.expect("room in time");
    for n in 0..3 {
        assert_eq!(body(&mut events).await, n.to_string());
    }
    acknowledging.await.unwrap();
}

#[tokio::test]
async fn a_flood_both_ways_loses_no_wake_up() {
    const COUNT: usize = 20_000;
    let (session, mut events, mut server) = start(options());
    let mut peer = server.session().await;
    reset(&mut events).await;
    let echo = tokio::spawn(async move {
        let mut acknowledged = 0;
        for n in 0..COUNT {
            let text = peer.expect("</message>").await;
            assert!(text.contains(&format!("{n}</body>")), "{text}");
            peer.say(&format!("<message from='a@b/c'><body>{n}</body></message>"))
                .await;
            if text.contains("<r ") || n - acknowledged >= 64 {
                acknowledged = n;
                peer.say(&format!("<a xmlns='urn:xmpp:sm:3' h='{n}'/>"))
                    .await;
            }
        }
        peer
    });
    let sender = tokio::spawn(async move {
        for n in 0..COUNT {
            session
                .send(message("a@b/c", &n.to_string()))
                .await
                .unwrap();
        }
        session
    });
    for n in 0..COUNT {
        assert_eq!(body(&mut events).await, n.to_string());
    }
    drop((sender.await.unwrap(), echo.await.unwrap()));
}
