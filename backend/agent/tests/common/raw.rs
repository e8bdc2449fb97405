//! A client that writes whatever a test wants: what no sound program would send.

use std::net::SocketAddr;

use archipel_lab::Patience;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{DOMAIN, PASSWORD};

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='dc.example' version='1.0'>";

/// A logged-in stream in clear text.
pub struct Raw {
    socket: TcpStream,
    seen: Vec<u8>,
}

impl Raw {
    pub async fn log_in(address: SocketAddr, name: &str) -> Self {
        let socket = TcpStream::connect(address).await.unwrap();
        let mut raw = Self {
            socket,
            seen: Vec::new(),
        };
        raw.ask(HEADER, "</stream:features>").await;
        let secret = STANDARD.encode(format!("\0{name}\0{PASSWORD}"));
        let auth = format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>"
        );
        raw.ask(&auth, "<success").await;
        raw.ask(HEADER, "</stream:features>").await;
        let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
        raw.ask(bind, "</iq>").await;
        raw
    }

    /// Writes all, and waits until the server has taken it or hung up: what it does not bear does not reach others.
    pub async fn attack(mut self, stanzas: impl IntoIterator<Item = String>) {
        for stanza in stanzas {
            if !self.say(&stanza).await {
                return;
            }
        }
        let ping =
            format!("<iq type='get' id='settled' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>");
        if self.say(&ping).await {
            self.reads("settled").await;
        }
    }

    async fn say(&mut self, xml: &str) -> bool {
        let write = self.socket.write_all(xml.as_bytes());
        let written = timeout(Patience::USUAL.0, write).await;
        written.expect("the server reads").is_ok()
    }

    async fn ask(&mut self, xml: &str, marker: &str) {
        assert!(self.say(xml).await && self.reads(marker).await, "{marker}");
    }

    /// Whether the server says `marker` before it hangs up.
    async fn reads(&mut self, marker: &str) -> bool {
        loop {
            let text = String::from_utf8_lossy(&self.seen).into_owned();
            if let Some(start) = text.find(marker) {
                self.seen.drain(..start + marker.len());
                return true;
            }
            let read = timeout(Patience::USUAL.0, self.socket.read_buf(&mut self.seen)).await;
            if !read.expect("an answer").is_ok_and(|count| count > 0) {
                return false;
            }
        }
    }
}
