//! A tap on the bus: every stanza that passes between clients and a server, heard by neither of them.
//!
//! It stands in a line in clear text ([`Encryption::ClearText`](crate::Encryption)) and reads the streams by itself, so what it reports
//! does not rest on the word of the programs under test. A stanza is heard before it is passed on: whoever has received an answer finds it
//! here.

mod splitter;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use archipel_protocol::{BareJid, Iq, Stanza};

use crate::Proxy;
use crate::proxy::Passing;

use splitter::Splitter;

/// A stanza that passed.
#[derive(Debug, Clone)]
pub struct Heard {
    /// On which connection, from 0 in the order in which they came.
    pub connection: usize,
    /// Whether it went to the server.
    pub to_server: bool,
    /// What it said.
    pub stanza: Stanza,
}

/// A request as it reached the one who was asked, and what that one answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// With the sender that the server vouches for.
    pub request: Iq,
    /// A result or an error.
    pub reply: Iq,
}

/// A good line to a server with a tap on it. Dropping it ends all its connections.
#[derive(Debug)]
pub struct Tap {
    proxy: Proxy,
    record: Arc<Mutex<Record>>,
}

#[derive(Debug, Default)]
struct Record {
    streams: HashMap<(usize, bool), Splitter>,
    heard: Vec<Heard>,
}

impl Tap {
    /// Before a server that speaks clear text at `target`. Must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// When there is no loopback port left.
    pub async fn before(target: SocketAddr) -> Result<Tap> {
        let record = Arc::new(Mutex::new(Record::default()));
        let hears = record.clone();
        let ear = move |passing: Passing<'_>| lock(&hears).hear(passing);
        Ok(Tap {
            proxy: Proxy::overheard(target, Arc::new(ear)).await?,
            record,
        })
    }

    /// Where to connect.
    pub fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// How many stanzas were heard so far.
    pub fn count(&self) -> usize {
        lock(&self.record).heard.len()
    }

    /// The first of all stanzas from number `mark` on in which `pick` finds something.
    pub fn find<T>(&self, mark: usize, pick: impl FnMut(&Heard) -> Option<T>) -> Option<T> {
        lock(&self.record).heard.iter().skip(mark).find_map(pick)
    }

    /// The request that `asker` sent under this id, and its answer, as they passed where the one who was asked is connected. `None`: one of
    /// both did not pass.
    pub fn exchange(&self, id: &str, asker: &BareJid) -> Option<Exchange> {
        let record = lock(&self.record);
        let (connection, request) = record.heard.iter().find_map(|heard| {
            let iq = heard.iq(false)?;
            let by = iq.from.as_ref()?.to_bare() == *asker;
            (iq.kind.is_request() && iq.id == id && by).then_some((heard.connection, iq))
        })?;
        let reply = record.heard.iter().find_map(|heard| {
            let iq = heard.iq(true)?;
            let answers = !iq.kind.is_request() && iq.id == id && iq.to == request.from;
            (heard.connection == connection && answers).then_some(iq)
        })?;
        Some(Exchange {
            request: request.clone(),
            reply: reply.clone(),
        })
    }
}

impl Heard {
    /// The IQ that went this way.
    fn iq(&self, to_server: bool) -> Option<&Iq> {
        match &self.stanza {
            Stanza::Iq(iq) if self.to_server == to_server => Some(iq),
            _ => None,
        }
    }
}

impl Record {
    /// What is no stanza (features, logins, stream management) is passed over.
    fn hear(&mut self, passing: Passing<'_>) {
        let way = (passing.connection, passing.to_server);
        let stream = self.streams.entry(way).or_default();
        for element in stream.take(passing.bytes) {
            if let Ok(stanza) = Stanza::parse(element) {
                self.heard.push(Heard {
                    connection: passing.connection,
                    to_server: passing.to_server,
                    stanza,
                });
            }
        }
    }
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    const STREAM: &str =
        "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>";

    /// A server that says this to whoever connects, and a tap before it.
    async fn saying(text: &'static str) -> Tap {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.write_all(STREAM.as_bytes()).await.unwrap();
                stream.write_all(text.as_bytes()).await.unwrap();
                tokio::spawn(async move {
                    let mut rest = Vec::new();
                    stream.read_to_end(&mut rest).await
                });
            }
        });
        Tap::before(target).await.unwrap()
    }

    #[tokio::test]
    async fn a_request_and_its_answer_belong_together_by_id_and_address() {
        let asked = "<iq type='get' id='7' from='olga@dc.example/x' to='hv01@dc.example/y'><q xmlns='urn:q'/></iq>";
        let tap = saying(asked).await;
        let mut agent = TcpStream::connect(tap.address()).await.unwrap();
        let mut heard = vec![0; STREAM.len() + asked.len()];
        agent.read_exact(&mut heard).await.unwrap();
        let answers = [
            "<iq type='result' id='8' to='olga@dc.example/x'/>",
            "<iq type='result' id='7' to='eve@dc.example/x'/>",
            "<iq type='error' id='7' to='olga@dc.example/x'/>",
        ];
        let said = format!("{STREAM}{}", answers.concat());
        agent.write_all(said.as_bytes()).await.unwrap();
        crate::until("four stanzas", crate::Patience::USUAL, async || {
            (tap.count() == 4).then_some(())
        })
        .await
        .unwrap();
        let olga = "olga@dc.example".parse().unwrap();
        let exchange = tap.exchange("7", &olga).unwrap();
        assert_eq!(exchange.request.payload().unwrap().ns(), "urn:q");
        assert_eq!(exchange.reply.kind, archipel_protocol::IqKind::Error);
        assert!(
            tap.exchange("7", &"eve@dc.example".parse().unwrap())
                .is_none()
        );
        assert!(tap.exchange("8", &olga).is_none());
    }
}
