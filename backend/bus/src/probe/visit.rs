//! A look at each server before any login: TCP, TLS with whatever certificate, the features.

use archipel_config::{BusSettings, Endpoint};
use futures::future::join_all;
use xmpp_parsers::ns;

use super::{
    Line,
    witness::{Verdict, Witness},
};
use crate::{
    End, OpenError, Protection, Timing, TlsClient, TlsError,
    features::Features,
    guard::Guarded,
    network::{
        Network,
        srv::{self, Servers},
    },
    tls,
    transport::Opened,
    wire::{Incoming, Wire},
};

/// Where the servers come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// The settings name them.
    Settings,
    /// The name service was asked.
    Names(Servers),
}

/// All servers, looked at.
#[derive(Debug)]
pub(super) struct Visits {
    pub(super) source: Source,
    /// The settings cannot be used for TLS: nothing was looked at.
    pub(super) unusable: Option<TlsError>,
    pub(super) each: Vec<Visit>,
}

/// One server, looked at.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) endpoint: Endpoint,
    pub(super) outcome: Result<Seen, OpenError>,
    /// Of a certificate that was shown.
    pub(super) verdict: Option<Verdict>,
}

/// What a server shows.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) protection: Protection,
    pub(super) features: Features,
}

impl Visits {
    /// What the servers that can be talked to show.
    pub(super) fn seen(&self) -> impl Iterator<Item = (&Endpoint, &Seen)> {
        self.each.iter().filter_map(|visit| {
            let seen = visit.outcome.as_ref().ok()?;
            Some((&visit.endpoint, seen))
        })
    }
}

/// Looks at all servers at once.
pub(super) async fn all(line: &Line) -> Visits {
    let (source, endpoints) = servers(line).await;
    let judge = match tls::verifier(&line.settings) {
        Ok(judge) => judge,
        Err(error) => {
            return Visits {
                source,
                unusable: Some(error),
                each: Vec::new(),
            };
        }
    };
    let visits = endpoints.into_iter().map(|endpoint| {
        let witness = Witness::new(judge.clone());
        async move {
            let outcome = look(line, &endpoint, &witness).await;
            let verdict = witness.verdict();
            Visit {
                endpoint,
                outcome,
                verdict,
            }
        }
    });
    Visits {
        source,
        unusable: None,
        each: join_all(visits).await,
    }
}

async fn servers(line: &Line) -> (Source, Vec<Endpoint>) {
    if !line.settings.hosts.is_empty() {
        return (Source::Settings, line.settings.hosts.clone());
    }
    let servers = srv::servers(line.domain(), &line.settings).await;
    let endpoints = match &servers {
        Servers::Named(endpoints) => endpoints.clone(),
        Servers::Unnamed(itself) | Servers::Unanswered { itself, .. } => vec![itself.clone()],
        Servers::Denied => Vec::new(),
    };
    (Source::Names(servers), endpoints)
}

/// Opens a connection as a session would, but for the certificate, and reads the features.
async fn look(
    line: &Line,
    endpoint: &Endpoint,
    witness: &std::sync::Arc<Witness>,
) -> Result<Seen, OpenError> {
    let network = network(line, witness)?;
    let opened = network.server(endpoint).await?;
    let protection = opened.protection.clone();
    let features = features(line, opened).await?;
    Ok(Seen {
        protection,
        features,
    })
}

/// The way to the servers, with a witness in place of the judge.
pub(super) fn network(
    line: &Line,
    witness: &std::sync::Arc<Witness>,
) -> Result<Network, OpenError> {
    let tls = TlsClient::with_verifier(&line.settings, witness.clone());
    let tls = tls.map_err(|error| OpenError::Temporary(error.to_string()))?;
    Ok(Network::to(line.domain(), line.settings.clone(), tls))
}

async fn features(line: &Line, opened: Opened) -> Result<Features, OpenError> {
    let failed = |problem: String| OpenError::Temporary(format!("{}: {problem}", opened.server));
    let wire = Wire::open(opened.io, line.domain(), &Timing::default()).await;
    let mut wire = wire.map_err(|error| failed(error.to_string()))?;
    loop {
        match wire.next().await {
            Incoming::Child(Guarded::Element(element)) if element.is("features", ns::STREAM) => {
                return Ok(Features::read(&element));
            }
            Incoming::Child(Guarded::Element(element)) => {
                return Err(failed(format!(
                    "<{}> came instead of its features",
                    element.name()
                )));
            }
            Incoming::Child(Guarded::Refused(_, refusal)) => {
                return Err(failed(refusal.to_string()));
            }
            Incoming::Poisoned(problem) | Incoming::Lost(problem) => return Err(failed(problem)),
            Incoming::Silence | Incoming::Flushed => {}
        }
    }
}

/// Whether the failure is that the server has no TLS.
pub(super) fn lacks_tls(error: &OpenError) -> bool {
    matches!(error, OpenError::Fatal(End::NoTls { .. }))
}

/// Whether certificates matter with these settings.
pub(super) fn is_protected(settings: &BusSettings) -> bool {
    settings.tls != archipel_config::TlsMode::ClearTextOnLoopback
}
