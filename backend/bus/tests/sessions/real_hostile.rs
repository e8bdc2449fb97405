//! What an ordinary account can send through a real server: the session stays up and other traffic flows.

use archipel_bus::{Event, Refusal, connect};
use archipel_lab::{Encryption, ServerKind};

use crate::{
    common::{body, message, options, reset, until},
    raw::Raw,
    real_login::{direct, furnished, server},
};

const TO: &str = "me@dc.example/here";

async fn refused(events: &mut archipel_bus::Events) -> Refusal {
    until(events, |event| match event {
        Event::Refused { why, .. } => Some(why),
        Event::Reset { .. } => panic!("the session was lost"),
        Event::Ended(end) => panic!("over: {end}"),
        _ => None,
    })
    .await
}

fn nested(depth: usize) -> String {
    format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth))
}

async fn hostile(kind: ServerKind) {
    let options_of_server = furnished()
        .account("friend", "secret")
        .encryption(Encryption::ClearText);
    let Some(server) = server("hostile", kind, options_of_server).await else {
        return;
    };
    let (me, mut events) = connect(options("me", direct(&server)));
    let (friend, mut friends) = connect(options("friend", direct(&server)));
    assert!(reset(&mut events).await);
    reset(&mut friends).await;
    let mut raw = Raw::log_in(server.starttls_addr(), "other").await;

    for _ in 0..10 {
        raw.say(&format!(
            "<message to='{TO}'><x xmlns='urn:test' long='{}'/></message>",
            "x".repeat(9_000)
        ))
        .await;
    }
    raw.say(&format!(
        "<message to='{TO}'><body>after the attributes</body></message>"
    ))
    .await;
    for _ in 0..10 {
        assert!(matches!(refused(&mut events).await, Refusal::NotXml(_)));
    }
    assert_eq!(body(&mut events).await, "after the attributes");

    let text = "x".repeat(5_000_000);
    raw.say(&format!("<message to='{TO}'><body>{text}</body></message>"))
        .await;
    assert_eq!(refused(&mut events).await, Refusal::TooLong);

    // ejabberd empties a body that holds elements; Prosody passes it on.
    let body_of = nested(30_000);
    raw.say(&format!(
        "<message to='{TO}'><body>{body_of}</body></message>"
    ))
    .await;
    if kind == ServerKind::Prosody {
        assert_eq!(refused(&mut events).await, Refusal::TooDeep);
    }
    // Not deeper: 3,600 in any other place end ejabberd 23.01 itself.
    let deep = nested(200);
    raw.say(&format!(
        "<message to='{TO}'><x xmlns='urn:test'>{deep}</x></message>"
    ))
    .await;
    assert_eq!(refused(&mut events).await, Refusal::TooDeep);
    let request = format!("<iq to='{TO}' type='get' id='deep'><q xmlns='urn:test'>{deep}</q></iq>");
    raw.ask(&request, "policy-violation").await;
    assert_eq!(refused(&mut events).await, Refusal::TooDeep);

    // A body that ejabberd emptied may stand before this one.
    friend.send(message(TO, "from a friend")).await.unwrap();
    while body(&mut events).await != "from a friend" {}
    me.send(message("friend@dc.example/here", "to a friend"))
        .await
        .unwrap();
    assert_eq!(body(&mut friends).await, "to a friend");
}

#[tokio::test]
async fn hostile_stanzas_through_prosody() {
    hostile(ServerKind::Prosody).await;
}

#[tokio::test]
async fn hostile_stanzas_through_ejabberd() {
    hostile(ServerKind::Ejabberd).await;
}
