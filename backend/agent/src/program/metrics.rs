//! Figures for Prometheus: plain text over HTTP on loopback, off unless agent.toml says `metrics`.
//!
//! A handful of lines of HTTP: one request per connection, a bounded head, a bounded time, a bounded number of connections. Whoever wants
//! more puts a proxy in front.

use std::{collections::BTreeMap, fmt::Write as _, io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};

use crate::{agent::Looker, figures::Figures};

/// Connections at a time; more wait outside.
const CONNECTIONS: usize = 4;
/// The longest head of a request, bytes.
const HEAD: usize = 4_096;
/// How long a connection may last.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait after an error of the listener, such as too many open files.
const PAUSE: Duration = Duration::from_millis(200);

/// Answers until it is dropped.
pub(super) async fn serve(address: SocketAddr, looker: Looker) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    tracing::info!(%address, "metrics can be read");
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(place) = places.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let looker = looker.clone();
                tokio::spawn(async move {
                    // One that is too slow, or leaves, gets nothing.
                    let _ = timeout(PATIENCE, answer(stream, &looker)).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::debug!(%error, "no connection for metrics");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    Ok(())
}

async fn answer(mut stream: TcpStream, looker: &Looker) -> io::Result<()> {
    let (status, body) = match request(&mut stream).await?.as_deref() {
        Some("GET /metrics") => match looker.figures().await {
            Some(figures) => ("200 OK", text(&figures)),
            None => (
                "503 Service Unavailable",
                "the agent is not ready\n".to_owned(),
            ),
        },
        Some(other) if other.starts_with("GET ") => {
            ("404 Not Found", "only /metrics is here\n".to_owned())
        }
        Some(_) => (
            "405 Method Not Allowed",
            "only GET is answered\n".to_owned(),
        ),
        None => ("400 Bad Request", "this is no request\n".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

/// Method and path, when the whole head has come; `None`: it is none, or too long.
async fn request(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut head = Vec::with_capacity(HEAD);
    let mut bounded = stream.take(HEAD as u64);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if bounded.read_buf(&mut head).await? == 0 {
            return Ok(None);
        }
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let line = line
        .rsplit_once(" HTTP/1.")
        .map(|(line, _)| line.to_owned());
    Ok(line)
}

/// Name, type, help and samples, each with its labels.
type Family = (&'static str, &'static str, &'static str, Vec<(String, u64)>);

/// In the text format of Prometheus.
fn text(figures: &Figures) -> String {
    let mut text = String::new();
    for (name, kind, help, samples) in families(figures) {
        // Writing into a text cannot fail.
        let _ = writeln!(
            text,
            "# HELP archipel_{name} {help}\n# TYPE archipel_{name} {kind}"
        );
        for (labels, value) in samples {
            let _ = writeln!(text, "archipel_{name}{labels} {value}");
        }
    }
    text
}

/// One on each line.
#[rustfmt::skip]
fn families(figures: &Figures) -> Vec<Family> {
    let one = |value: u64| vec![(String::new(), value)];
    let info = labelled("version", &BTreeMap::from([(crate::state::VERSION, 1)]));
    let machines = labelled("state", &figures.machines);
    let asked = labelled("outcome", &figures.asked);
    vec![
        ("agent_info", "gauge", "The agent.", info),
        ("bus_up", "gauge", "Whether the hypervisor is on the bus.", one(figures.bus.into())),
        ("libvirt_up", "gauge", "Whether libvirt answers.", one(figures.libvirt.into())),
        ("machines", "gauge", "Machines by state.", machines),
        ("machines_managed", "gauge", "Machines that the agent looks after.", one(figures.managed)),
        ("watches", "gauge", "Watches on the feed.", one(figures.watches)),
        ("jobs", "gauge", "Requests that are being worked on.", one(figures.jobs)),
        ("changes_total", "counter", "What was asked to be changed or was refused, since the start.", asked),
        ("events_total", "counter", "The number of the newest event.", one(figures.events)),
        ("audit_entries_total", "counter", "The number of the newest entry of the audit.", one(figures.audit)),
        ("policy_version", "gauge", "The version of the host's rights.", one(figures.policy)),
    ]
}

/// A sample for each value of a label.
fn labelled(label: &str, values: &BTreeMap<&'static str, u64>) -> Vec<(String, u64)> {
    let sample = |(value, count): (&&str, &u64)| (format!("{{{label}=\"{value}\"}}"), *count);
    values.iter().map(sample).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What a connection says to `sent`; the writing end stays open.
    async fn said(sent: &[u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let answered = tokio::spawn(async move { answer(stream, &Looker::of_nobody()).await });
        client.write_all(sent).await.unwrap();
        let mut text = String::new();
        // A peer that closes on what is unread resets: what came before counts.
        let _ = client.read_to_string(&mut text).await;
        let _ = answered.await.unwrap();
        text
    }

    #[tokio::test]
    async fn only_what_is_there_is_answered() {
        let cases: [(&[u8], &str); 5] = [
            (b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 503"),
            (b"GET /other HTTP/1.1\r\n\r\n", "HTTP/1.1 404"),
            (b"POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405"),
            (b"\xff\xfe\r\n\r\n", "HTTP/1.1 400"),
            (&[b'a'; HEAD], "HTTP/1.1 400"),
        ];
        for (sent, status) in cases {
            let said = said(sent).await;
            assert!(said.starts_with(status), "{status}: {said}");
        }
    }

    #[test]
    fn figures_are_written_as_prometheus_reads_them() {
        let figures = Figures {
            bus: true,
            machines: [("running", 3)].into(),
            asked: [("denied", 2)].into(),
            ..Figures::default()
        };
        let text = text(&figures);
        for line in [
            "archipel_bus_up 1",
            concat!("archipel_", "libvirt_up 0"),
            "archipel_machines{state=\"running\"} 3",
            "archipel_changes_total{outcome=\"denied\"} 2",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}: {text}");
        }
        assert!(text.ends_with('\n'));
    }
}
