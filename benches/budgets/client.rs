//! A session of the operator's account, to ask an agent directly.

use std::time::{Duration, Instant};

use archipel_bus::{Account, Event, Events, Options, Session, TlsClient, connect};
use archipel_config::{BusSettings, Endpoint, Secret, TlsMode};
use archipel_lab::XmppServer;
use archipel_protocol::{
    BareJid, Command, Element, FullJid, Iq, IqKind, Presence, PresenceKind, Request, Stanza,
};

use crate::common::{ADMIN, PASSWORD};

/// Longer than anything that is measured.
const DEADLINE: Duration = Duration::from_mins(3);

/// A session and what arrives on it.
pub(crate) struct Client {
    pub(crate) session: Session,
    events: Events,
}

/// How to reach a server, with TLS from the first byte.
pub(crate) fn settings(server: &XmppServer) -> BusSettings {
    BusSettings {
        hosts: vec![Endpoint {
            host: "127.0.0.1".into(),
            port: server.tls_addr().port(),
        }],
        tls: TlsMode::Direct,
        ca_file: Some(server.ca_pem_path().to_owned()),
        ..BusSettings::default()
    }
}

impl Client {
    /// Logs the operator in, under this resource, and announces it.
    pub(crate) async fn log_in(server: &XmppServer, resource: &str) -> Self {
        let settings = settings(server);
        let account = Account {
            jid: format!("{ADMIN}@dc.example").parse().expect("an address"),
            resource: Some(resource.into()),
            secret: Secret::new(PASSWORD.into()),
        };
        let tls = TlsClient::new(&settings).expect("a trusted authority");
        let (session, events) = connect(Options::new(account, settings, tls));
        let mut client = Self { session, events };
        client
            .wait("a session", |event| {
                matches!(event, Event::Reset { .. }).then_some(())
            })
            .await;
        let available = Presence::new(PresenceKind::Available);
        client.session.send(available).await.expect("a session");
        client
    }

    /// The full address of a contact's agent, from its presence.
    pub(crate) async fn address_of(&mut self, name: &str) -> FullJid {
        let bare = format!("{name}@dc.example");
        self.presence("the agent's presence", |from, presence| {
            let is_there = presence.kind == PresenceKind::Available;
            (is_there && from.to_bare().to_string() == bare).then(|| from.clone())
        })
        .await
    }

    /// The first presence of a session in which `pick` finds something.
    pub(crate) async fn presence<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&FullJid, &Presence) -> Option<T>,
    ) -> T {
        self.wait(what, |event| {
            let Event::Stanza(Stanza::Presence(presence)) = event else {
                return None;
            };
            let from = presence.from.as_ref()?.try_as_full().ok()?;
            pick(from, presence)
        })
        .await
    }

    /// The first event in which `pick` finds something.
    pub(crate) async fn wait<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&Event) -> Option<T>,
    ) -> T {
        let end = Instant::now() + DEADLINE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let event = tokio::time::timeout(left, self.events.next()).await;
            let event = event.unwrap_or_else(|_| panic!("waited in vain for {what}"));
            if let Some(found) = pick(&event.expect("a living session")) {
                return found;
            }
        }
    }

    /// The session and what arrives on it.
    pub(crate) fn into_parts(self) -> (Session, Events) {
        (self.session, self.events)
    }

    /// Goes on taking events, and drops them: nobody else may hold the session back.
    pub(crate) fn deaf(self) -> Session {
        let Self {
            session,
            mut events,
        } = self;
        tokio::spawn(async move { while events.next().await.is_some() {} });
        session
    }
}

/// Asks somebody something and returns the answer's payload.
pub(crate) async fn ask(session: &Session, to: &FullJid, command: &Command) -> Element {
    let kind = if command.request.is_change() {
        IqKind::Set
    } else {
        IqKind::Get
    };
    let iq = Iq::request(kind, Some(to.clone().into()), command.to_element());
    let answer = session.request(iq, DEADLINE).await.expect("an answer");
    answer.payload().cloned().expect("a payload")
}

/// The same for a request without additions.
pub(crate) async fn ask_plainly(session: &Session, to: &FullJid, request: Request) -> Element {
    ask(session, to, &Command::new(request)).await
}

/// How long logins are counted.
const SPAN: Duration = Duration::from_secs(5);

/// Logins per second that the server gives to sixteen who do nothing else.
pub(crate) async fn logins(jid: BareJid, secret: Secret, settings: BusSettings) -> f64 {
    let tls = TlsClient::new(&settings).expect("a trusted authority");
    let account = Account {
        jid,
        resource: None,
        secret,
    };
    let options = Options::new(account, settings, tls);
    let end = Instant::now() + SPAN;
    let clients: Vec<_> = (0..16)
        .map(|_| tokio::spawn(logins_until(end, options.clone())))
        .collect();
    let mut all = 0;
    for client in clients {
        all += client.await.expect("a client");
    }
    f64::from(all) / SPAN.as_secs_f64()
}

/// How often one logs in.
async fn logins_until(end: Instant, options: Options) -> u32 {
    let mut count = 0;
    while Instant::now() < end {
        let (session, mut events) = connect(options.clone());
        while let Some(event) = events.next().await {
            if matches!(event, Event::Reset { .. }) {
                break;
            }
        }
        session.stop();
        count += 1;
    }
    count
}
