//! A server that says what a test tells it to say.

use archipel_bus::{Events, MemoryListener, Options, Session, connect_over, memory};
use archipel_config::BusSettings;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::timeout,
};

use crate::common::{self, PATIENCE};

/// Features before the login.
pub const PLAIN: &str = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>";
/// Features after it.
pub const BIND: &str = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
/// Features after it, with stream management.
pub const BIND_SM: &str =
    "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>";

/// The server's side of all connections of one session.
pub struct Server(MemoryListener);

/// The server's side of one connection.
pub struct Peer {
    io: DuplexStream,
    seen: String,
}

/// Options that may send the password through the pipe.
pub fn options() -> Options {
    let settings = BusSettings {
        allow_plain: true,
        ..BusSettings::default()
    };
    common::options("me", settings)
}

/// Starts a session with a scripted server.
pub fn start(options: Options) -> (Session, Events, Server) {
    let (transport, listener) = memory(64 * 1024);
    let (session, events) = connect_over(options, transport);
    (session, events, Server(listener))
}

impl Server {
    /// The next connection.
    pub async fn accept(&mut self) -> Peer {
        let io = timeout(PATIENCE, self.0.accept())
            .await
            .expect("a connection in time")
            .expect("a session");
        Peer {
            io,
            seen: String::new(),
        }
    }

    /// The next connection, logged in and bound, with stream management on.
    pub async fn session(&mut self) -> Peer {
        let mut peer = self.accept().await;
        peer.log_in(BIND_SM).await;
        peer.bind().await;
        peer.enable("id='one' resume='true'").await;
        peer
    }

    /// The next connection, logged in and resumed after `handled` stanzas; what the session says it received is the answer.
    pub async fn resume(&mut self, handled: u32) -> (Peer, String) {
        let mut peer = self.accept().await;
        peer.log_in(BIND_SM).await;
        let resume = peer.expect("</resume>").await;
        assert!(resume.contains("<resume"), "{resume}");
        assert!(resume.contains("one"), "{resume}");
        peer.say(&format!(
            "<resumed xmlns='urn:xmpp:sm:3' previd='one' h='{handled}'/>"
        ))
        .await;
        (peer, resume)
    }
}

impl Peer {
    /// Reads up to and including `marker`.
    pub async fn expect(&mut self, marker: &str) -> String {
        loop {
            if let Some(start) = self.seen.find(marker) {
                let rest = self.seen.split_off(start + marker.len());
                return std::mem::replace(&mut self.seen, rest);
            }
            assert!(
                self.read().await,
                "the session hung up before `{marker}`: {}",
                self.seen
            );
        }
    }

    /// Reads to the end of the connection.
    pub async fn rest(&mut self) -> String {
        while self.read().await {}
        std::mem::take(&mut self.seen)
    }

    async fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let count = timeout(PATIENCE, self.io.read(&mut buffer)).await;
        let count = count
            .unwrap_or_else(|_| panic!("nothing more came after: {}", self.seen))
            .unwrap_or(0);
        self.seen
            .push_str(std::str::from_utf8(&buffer[..count]).expect("the tests write ASCII"));
        count > 0
    }

    /// Writes. A session that has hung up already does not matter.
    pub async fn say(&mut self, xml: &str) {
        let _ = self.io.write_all(xml.as_bytes()).await;
    }

    /// Answers a stream header with `features`.
    pub async fn open(&mut self, features: &str) {
        self.expect("<stream:stream").await;
        self.expect(">").await;
        self.say("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='s' from='dc.example' version='1.0'>").await;
        self.say(&format!("<stream:features>{features}</stream:features>"))
            .await;
    }

    /// Lets the session log in, then offers `features`.
    pub async fn log_in(&mut self, features: &str) {
        self.open(PLAIN).await;
        self.authenticate(features).await;
    }

    /// As [`Peer::log_in`], after the first features.
    pub async fn authenticate(&mut self, features: &str) {
        self.expect("</auth>").await;
        self.say("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
            .await;
        self.open(features).await;
    }

    /// Binds the resource that is asked for.
    pub async fn bind(&mut self) {
        self.expect("</iq>").await;
        self.say("<iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>me@dc.example/here</jid></bind></iq>").await;
    }

    /// Turns stream management on.
    pub async fn enable(&mut self, attributes: &str) {
        let enable = self.expect("</enable>").await;
        assert!(enable.contains("<enable"), "{enable}");
        self.say(&format!("<enabled xmlns='urn:xmpp:sm:3' {attributes}/>"))
            .await;
    }
}
