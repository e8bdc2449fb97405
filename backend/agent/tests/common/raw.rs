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

    pub async fn say(&mut self, xml: &str) {
        timeout(Patience::USUAL.0, self.socket.write_all(xml.as_bytes()))
            .await
            .expect("the server reads")
            .unwrap();
    }

    /// Waits until the server has taken all that was written.
    pub async fn settle(&mut self) {
        let ping =
            format!("<iq type='get' id='settled' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>");
        self.ask(&ping, "settled").await;
    }

    async fn ask(&mut self, xml: &str, marker: &str) {
        self.say(xml).await;
        loop {
            let text = String::from_utf8_lossy(&self.seen).into_owned();
            if let Some(start) = text.find(marker) {
                self.seen.drain(..start + marker.len());
                return;
            }
            let read = timeout(Patience::USUAL.0, self.socket.read_buf(&mut self.seen)).await;
            let count = read.expect("an answer").unwrap();
            assert!(count > 0, "the server hung up before {marker}: {text}");
        }
    }
}
