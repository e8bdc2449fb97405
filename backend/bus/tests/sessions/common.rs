//! What all tests need: options, waiting for events, payloads.

use std::time::Duration;

use archipel_bus::{Account, End, Event, Events, Options, TlsClient};
use archipel_config::{BusSettings, Secret};
use archipel_protocol::{Element, Iq, IqKind, Message, Stanza};
use tokio::time::timeout;

/// Nothing that works takes this long, be the machine ever so busy.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// Options for `name@dc.example` with the password `secret`.
pub fn options(name: &str, settings: BusSettings) -> Options {
    let account = Account {
        jid: format!("{name}@dc.example").parse().unwrap(),
        resource: Some("here".to_owned()),
        secret: Secret::new("secret".to_owned()),
    };
    let tls = TlsClient::new(&settings).unwrap();
    let mut options = Options::new(account, settings, tls);
    options.timing.min_interval = Duration::from_millis(10);
    options
}

/// The next event; what came is shown if the test fails.
pub async fn next(events: &mut Events) -> Event {
    until(events, Some).await
}

/// Takes events up to one that `wanted` turns into something.
pub async fn until<T>(events: &mut Events, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
    let search = async {
        loop {
            let event = events.next().await.expect("an event");
            println!("{event:?}");
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    };
    timeout(PATIENCE, search).await.expect("the event in time")
}

/// Waits for a fresh session; the answer says whether it is resumable.
pub async fn reset(events: &mut Events) -> bool {
    until(events, |event| match event {
        Event::Reset { resumable, .. } => Some(resumable),
        Event::Ended(end) => panic!("no session: {end}"),
        _ => None,
    })
    .await
}

/// Waits for the next reason why there is no connection.
pub async fn suspended(events: &mut Events) -> String {
    until(events, |event| match event {
        Event::Suspended { reason, .. } => Some(reason),
        Event::Ended(end) => panic!("over: {end}"),
        _ => None,
    })
    .await
}

/// Waits for the end.
pub async fn ended(events: &mut Events) -> End {
    until(events, |event| match event {
        Event::Ended(end) => Some(end),
        _ => None,
    })
    .await
}

/// Waits for the next message and returns its text.
pub async fn body(events: &mut Events) -> String {
    until(events, |event| match event {
        Event::Stanza(Stanza::Message(message)) => message.body(),
        Event::Ended(end) => panic!("over: {end}"),
        _ => None,
    })
    .await
}

/// A headline with a text.
pub fn message(to: &str, text: &str) -> Message {
    let mut body = Element::bare("body", "jabber:client");
    body.append_text(text);
    Message::headline(to.parse().unwrap(), body)
}

/// A question that any server and agent may ignore.
pub fn question(to: Option<&str>) -> Iq {
    Iq::request(
        IqKind::Get,
        to.map(|to| to.parse().unwrap()),
        Element::bare("query", "urn:test"),
    )
}
