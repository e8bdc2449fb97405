//! Which servers stand for a domain: SRV records with priority and weight (RFC 2782; RFC 6120, 3.2; XEP-0368).

use std::net::SocketAddr;

use archipel_config::{BusSettings, Endpoint, TlsMode};
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::RData,
};

/// One SRV record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Record {
    priority: u16,
    weight: u16,
    endpoint: Endpoint,
}

/// What the name service says about the servers of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Servers {
    /// These, in the order to try.
    Named(Vec<Endpoint>),
    /// None by SRV records; the domain itself on the standard port is what remains.
    Unnamed(Endpoint),
    /// The domain offers no such service, and says so.
    Denied,
    /// The name service did not answer; the domain itself is what remains.
    Unanswered {
        /// The domain on the standard port.
        itself: Endpoint,
        /// What failed.
        problem: String,
    },
}

/// The servers of `domain` in the order to try. Without records, or without a name service, the domain itself on the standard port.
pub(super) async fn endpoints(
    domain: &str,
    settings: &BusSettings,
) -> Result<Vec<Endpoint>, String> {
    match servers(domain, settings).await {
        Servers::Named(endpoints) => Ok(endpoints),
        Servers::Unnamed(itself) | Servers::Unanswered { itself, .. } => Ok(vec![itself]),
        Servers::Denied => Err(format!(
            "{domain} says in its SRV records that it offers no XMPP service"
        )),
    }
}

/// Asks the name service for the servers of `domain`.
pub(crate) async fn servers(domain: &str, settings: &BusSettings) -> Servers {
    let (service, port) = service(settings.tls);
    let itself = Endpoint {
        host: domain.trim_matches(['[', ']']).to_owned(),
        port,
    };
    if itself.host.parse::<std::net::IpAddr>().is_ok() {
        return Servers::Unnamed(itself);
    }
    let found = lookup(&format!("{service}.{domain}."), settings.resolver).await;
    let records = match found {
        Ok(records) => records,
        Err(problem) => return Servers::Unanswered { itself, problem },
    };
    match records.as_slice() {
        [] => Servers::Unnamed(itself),
        [only] if only.endpoint.host.is_empty() => Servers::Denied,
        _ => Servers::Named(order(records, |below| rand::random_range(0..below))),
    }
}

/// The name of the service and its standard port.
pub(crate) fn service(tls: TlsMode) -> (&'static str, u16) {
    match tls {
        TlsMode::Direct => ("_xmpps-client._tcp", 5223),
        TlsMode::Starttls | TlsMode::ClearTextOnLoopback => ("_xmpp-client._tcp", 5222),
    }
}

/// The records of that name, none where there are none; the error is for people.
async fn lookup(name: &str, resolver: Option<SocketAddr>) -> Result<Vec<Record>, String> {
    let text = |error: NetError| error.to_string();
    let builder = match resolver {
        Some(address) => {
            TokioResolver::builder_with_config(only(address), TokioRuntimeProvider::default())
        }
        None => TokioResolver::builder_tokio().map_err(text)?,
    };
    let found = builder.build().map_err(text)?.srv_lookup(name).await;
    match found {
        Ok(found) => Ok(found
            .answers()
            .iter()
            .filter_map(|answer| record(&answer.data))
            .collect()),
        Err(error) if error.is_no_records_found() => Ok(Vec::new()),
        Err(error) => Err(text(error)),
    }
}

/// The name server of the settings and no other.
fn only(address: SocketAddr) -> ResolverConfig {
    let mut udp = ConnectionConfig::udp();
    let mut tcp = ConnectionConfig::tcp();
    udp.port = address.port();
    tcp.port = address.port();
    let server = NameServerConfig::new(address.ip(), true, vec![udp, tcp]);
    ResolverConfig::from_name_servers(vec![server])
}

fn record(data: &RData) -> Option<Record> {
    let RData::SRV(srv) = data else { return None };
    Some(Record {
        priority: srv.priority,
        weight: srv.weight,
        endpoint: Endpoint {
            // The root, `.`, means that there is no such service.
            host: srv.target.to_ascii().trim_end_matches('.').to_owned(),
            port: srv.port,
        },
    })
}

/// Lowest priority number first; within one, drawn by weight. `draw` gives a number below its argument.
fn order(mut records: Vec<Record>, mut draw: impl FnMut(u32) -> u32) -> Vec<Endpoint> {
    records.sort_by_key(|record| (record.priority, record.weight));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some(first) = records.first() {
        let priority = first.priority;
        let group = records
            .iter()
            .take_while(|record| record.priority == priority);
        let total: u32 = group.map(|record| u32::from(record.weight)).sum();
        let chosen = pick(&records, draw(total + 1));
        ordered.push(records.remove(chosen).endpoint);
    }
    ordered
}

/// The first record whose weight, added to those before it, reaches `drawn` (RFC 2782, "Weight").
fn pick(records: &[Record], drawn: u32) -> usize {
    let mut sum = 0;
    let reached = |record: &Record| {
        sum += u32::from(record.weight);
        sum >= drawn
    };
    records.iter().position(reached).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(priority: u16, weight: u16, host: &str) -> Record {
        let endpoint = Endpoint {
            host: host.to_owned(),
            port: 5222,
        };
        Record {
            priority,
            weight,
            endpoint,
        }
    }

    fn hosts(records: Vec<Record>, draw: impl FnMut(u32) -> u32) -> Vec<String> {
        order(records, draw)
            .into_iter()
            .map(|endpoint| endpoint.host)
            .collect()
    }

    #[test]
    fn priority_comes_before_weight() {
        let records = vec![
            record(20, 100, "c"),
            record(10, 0, "a"),
            record(10, 60, "b"),
        ];
        assert_eq!(hosts(records.clone(), |_| 0), ["a", "b", "c"]);
        assert_eq!(hosts(records, |below| below - 1), ["b", "a", "c"]);
    }

    #[test]
    fn weights_decide_how_often_a_server_is_first() {
        let records = vec![record(1, 10, "light"), record(1, 90, "heavy")];
        let heavy = (0..=100).filter(|drawn| {
            let mut draws = [*drawn, 0].into_iter();
            hosts(records.clone(), |_| draws.next().unwrap_or_default())
                .first()
                .is_some_and(|host| host == "heavy")
        });
        assert_eq!(heavy.count(), 90);
    }
}
