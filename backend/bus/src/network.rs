//! Connections over the network: where to, TCP, TLS.

use std::{io, net::SocketAddr, time::Duration};

use archipel_config::{BusSettings, Endpoint, TlsMode};
use futures::future::BoxFuture;
use minidom::Element;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use xmpp_parsers::ns;

use crate::{
    End, Options,
    features::{Condition, Features},
    guard::Guarded,
    negotiate::temporary,
    options::Timing,
    stream_error,
    tls::{TlsClient, certificate_problem},
    transport::{ByteStream, OpenError, Opened, Protection, Transport},
    wire::{Incoming, Wire, connection_text},
};

pub(crate) mod srv;

/// Opens connections as the settings say.
pub(crate) struct Network {
    domain: String,
    settings: BusSettings,
    tls: TlsClient,
    timing: Timing,
    last: Option<Tried>,
}

/// The server that was turned to last.
struct Tried {
    endpoint: Endpoint,
    /// Whether a session came of it.
    served: bool,
}

impl Transport for Network {
    fn open(&mut self) -> BoxFuture<'_, Result<Opened, OpenError>> {
        Box::pin(self.first_that_answers())
    }

    fn served(&mut self) {
        if let Some(last) = &mut self.last {
            last.served = true;
        }
    }
}

impl Network {
    pub(crate) fn new(options: &Options) -> Self {
        let domain = options.account.jid.domain().as_str();
        Self {
            timing: options.timing,
            ..Self::to(domain, options.settings.clone(), options.tls.clone())
        }
    }

    /// Connections to the servers of `domain`, without an account.
    pub(crate) fn to(domain: &str, settings: BusSettings, tls: TlsClient) -> Self {
        Self {
            domain: domain.to_owned(),
            settings,
            tls,
            timing: Timing::default(),
            last: None,
        }
    }

    /// Tries the servers in their order. If none answers, what cannot be helped by waiting counts more than what can.
    async fn first_that_answers(&mut self) -> Result<Opened, OpenError> {
        let mut problems = Vec::new();
        let mut fatal = None;
        for endpoint in in_turn(self.endpoints().await?, self.last.as_ref()) {
            // Before the attempt: one that is given up half-way, at a server that accepts and stays silent, counts as well.
            self.last = Some(Tried {
                endpoint: endpoint.clone(),
                served: false,
            });
            match self.server(&endpoint).await {
                Ok(opened) => return Ok(opened),
                Err(OpenError::Temporary(problem)) => problems.push(problem),
                Err(error) => fatal = fatal.or(Some(error)),
            }
        }
        Err(fatal.unwrap_or_else(|| OpenError::Temporary(problems.join("; "))))
    }

    /// Where to connect, in order.
    async fn endpoints(&self) -> Result<Vec<Endpoint>, OpenError> {
        if !self.settings.hosts.is_empty() {
            return Ok(self.settings.hosts.clone());
        }
        srv::endpoints(&self.domain, &self.settings)
            .await
            .map_err(OpenError::Temporary)
    }

    /// Tries the addresses of one server.
    pub(crate) async fn server(&self, endpoint: &Endpoint) -> Result<Opened, OpenError> {
        let server = endpoint.to_string();
        let unknown =
            |error: io::Error| temporary(&server, format!("cannot find its address: {error}"));
        let lookup = lookup_host((endpoint.host.as_str(), endpoint.port));
        let addresses = timeout(self.timing.connect, lookup)
            .await
            .map_err(|_| temporary(&server, "no answer from the name service"))?;
        let mut problem = temporary(&server, "it has no address");
        for address in addresses.map_err(unknown)? {
            match self.address(address, &server).await {
                Err(error @ OpenError::Temporary(_)) => problem = error,
                settled => return settled,
            }
        }
        Err(problem)
    }

    async fn address(&self, address: SocketAddr, server: &str) -> Result<Opened, OpenError> {
        if self.settings.tls == TlsMode::ClearTextOnLoopback && !address.ip().is_loopback() {
            return Err(End::ClearTextRefused {
                server: format!("{server} ({})", address.ip()),
            }
            .into());
        }
        let tcp = tcp(address, self.timing.connect)
            .await
            .map_err(|error| temporary(server, refused_text(&error)))?;
        let (io, protection) = self.protect(Box::new(tcp), server).await?;
        Ok(Opened {
            io,
            protection,
            server: server.to_owned(),
        })
    }

    async fn protect(
        &self,
        io: Box<dyn ByteStream>,
        server: &str,
    ) -> Result<(Box<dyn ByteStream>, Protection), OpenError> {
        let io = match self.settings.tls {
            TlsMode::ClearTextOnLoopback => return Ok((io, Protection::ClearText)),
            TlsMode::Direct => io,
            TlsMode::Starttls => self.starttls(io, server).await?,
        };
        let secured = self.tls.protect(&self.domain, io).await;
        secured.map_err(|error| match certificate_problem(&error) {
            Some(problem) => End::Untrusted {
                server: server.to_owned(),
                problem,
            }
            .into(),
            None => temporary(server, format!("TLS failed: {}", connection_text(&error))),
        })
    }

    /// RFC 6120, 5.4.
    async fn starttls(
        &self,
        io: Box<dyn ByteStream>,
        server: &str,
    ) -> Result<Box<dyn ByteStream>, OpenError> {
        let broken = |error: io::Error| temporary(server, connection_text(&error));
        let mut wire = Wire::open(io, &self.domain, &self.timing)
            .await
            .map_err(broken)?;
        let features = self.receive(&mut wire, server).await?;
        if features.is("features", ns::STREAM) && !Features::read(&features).starttls {
            return Err(End::NoTls {
                server: server.to_owned(),
            }
            .into());
        }
        wire.send(&Element::bare("starttls", ns::TLS))
            .await
            .map_err(broken)?;
        let answer = self.receive(&mut wire, server).await?;
        if !answer.is("proceed", ns::TLS) {
            return Err(temporary(server, "it refused STARTTLS"));
        }
        wire.into_io().map_err(broken)
    }

    /// Before TLS anybody on the way may speak for the server: nothing here ends a session but the absence of TLS.
    async fn receive(&self, wire: &mut Wire, server: &str) -> Result<Element, OpenError> {
        loop {
            match wire.next().await {
                Incoming::Child(Guarded::Element(element)) if element.is("error", ns::STREAM) => {
                    let text = stream_error::text(&self.domain, &Condition::read(&element));
                    return Err(temporary(server, text));
                }
                Incoming::Child(Guarded::Element(element)) => return Ok(element),
                Incoming::Child(Guarded::Refused(_, refusal)) => {
                    return Err(temporary(server, refusal));
                }
                Incoming::Poisoned(problem) => {
                    return Err(temporary(
                        server,
                        format!("this is no XMPP server: {problem}"),
                    ));
                }
                Incoming::Lost(reason) => return Err(temporary(server, &reason)),
                Incoming::Silence | Incoming::Flushed => {}
            }
        }
    }
}

/// Begins with the server of the last session, which may still hold it; else with the one after the last that was tried in vain.
fn in_turn(mut endpoints: Vec<Endpoint>, last: Option<&Tried>) -> Vec<Endpoint> {
    let position = |last: &Tried| {
        let at = endpoints
            .iter()
            .position(|endpoint| *endpoint == last.endpoint)?;
        Some(if last.served { at } else { at + 1 })
    };
    let first = last.and_then(position).unwrap_or_default();
    let count = endpoints.len().max(1);
    endpoints.rotate_left(first % count);
    endpoints
}

/// Short stanzas must not wait for one another (Nagle's algorithm costs 40 ms each).
async fn tcp(address: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
    let late = || io::Error::from(io::ErrorKind::TimedOut);
    let stream = timeout(limit, TcpStream::connect(address))
        .await
        .map_err(|_| late())??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn refused_text(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "connection refused: is the server running there?".to_owned()
        }
        io::ErrorKind::TimedOut => {
            "no answer: is the host up, does a firewall drop the port?".to_owned()
        }
        _ => format!("cannot connect: {error}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn order(last: Option<(&str, bool)>) -> Vec<String> {
        let endpoint = |host: &str| format!("{host}:5222").parse::<Endpoint>().unwrap();
        let last = last.map(|(host, served)| Tried {
            endpoint: endpoint(host),
            served,
        });
        let all = ["a", "b", "c"].map(endpoint).to_vec();
        let turned = in_turn(all, last.as_ref());
        turned.into_iter().map(|endpoint| endpoint.host).collect()
    }

    #[test]
    fn a_server_that_failed_comes_last_and_one_that_served_first() {
        assert_eq!(order(None), ["a", "b", "c"]);
        assert_eq!(order(Some(("a", false))), ["b", "c", "a"]);
        assert_eq!(order(Some(("b", true))), ["b", "c", "a"]);
        assert_eq!(order(Some(("c", false))), ["a", "b", "c"]);
        assert_eq!(order(Some(("gone", false))), ["a", "b", "c"]);
    }
}
