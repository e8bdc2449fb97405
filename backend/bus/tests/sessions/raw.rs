//! A client that writes whatever bytes a test wants: what no proper library would send.

use std::net::SocketAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    time::timeout,
};

use crate::common::PATIENCE;

/// A logged-in stream.
pub struct Raw {
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
    seen: Vec<u8>,
}

impl Raw {
    /// Logs in over clear text as `name` with the password `secret`.
    pub async fn log_in(address: SocketAddr, name: &str) -> Self {
        let (reader, writer) = TcpStream::connect(address).await.unwrap().into_split();
        let mut raw = Self {
            reader,
            writer,
            seen: Vec::new(),
        };
        let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='dc.example' version='1.0'>";
        raw.ask(header, "</stream:features>").await;
        let plain = STANDARD.encode(format!("\0{name}\0secret"));
        raw.ask(
            &format!(
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>"
            ),
            "<success",
        )
        .await;
        raw.ask(header, "</stream:features>").await;
        raw.ask(
            "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
            "</iq>",
        )
        .await;
        raw
    }

    /// Writes.
    pub async fn say(&mut self, xml: &str) {
        timeout(PATIENCE, self.writer.write_all(xml.as_bytes()))
            .await
            .expect("the server reads")
            .unwrap();
    }

    /// Writes and reads up to `marker`.
    pub async fn ask(&mut self, xml: &str, marker: &str) {
        self.say(xml).await;
        loop {
            let text = String::from_utf8_lossy(&self.seen);
            if let Some(start) = text.find(marker) {
                self.seen.drain(..start + marker.len());
                return;
            }
            let mut buffer = [0; 4096];
            let read = timeout(PATIENCE, self.reader.read(&mut buffer)).await;
            let count = read.expect("an answer").unwrap_or_default();
            assert!(count > 0, "the server hung up before `{marker}`: {text}");
            self.seen.extend(&buffer[..count]);
        }
    }
}
