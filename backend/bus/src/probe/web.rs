//! Whether browsers reach the bus: BOSH (XEP-0206) and websocket (RFC 7395), as the original's web client does.

use std::{collections::BTreeSet, io, time::Duration};

use archipel_config::finding::{Fault, Finding, Severity};
use archipel_protocol::text::clean_line;
use futures::future::join_all;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{Check, Line, Purpose};
use crate::{TlsClient, tls::certificate_problem, transport::ByteStream, wire::connection_text};

pub(super) static CHECK: Check<Line> = Check {
    id: "web",
    about: "Whether the original's web client reaches the server, by BOSH and by websocket",
    deadline: Duration::from_secs(30),
    alone: false,
    faults: &[&NONE, &UNTRUSTED, &NO_BOSH, &NO_WEBSOCKET],
    run: |line| Box::pin(run(line)),
};

const PROSODY: &str = "https_ports = { 5281 }\nmodules_enabled = { \"bosh\"; \"websocket\"; … }";
const EJABBERD: &str = "listen:\n  - port: 5443\n    module: ejabberd_http\n    tls: true\n    request_handlers:\n      /http-bind: mod_bosh\n      /xmpp-websocket: ejabberd_http_ws";

static NONE: Fault = Fault {
    id: "web.none",
    severity: Severity::Hint,
    title: "The original's web client does not reach this server",
    why: "It speaks BOSH or websocket, and nothing listens on their usual ports. Agents and this program need neither.",
    todo: "Nothing, unless somebody uses that client.",
    prosody: PROSODY,
    ejabberd: EJABBERD,
};

static UNTRUSTED: Fault = Fault {
    id: "web.untrusted",
    severity: Severity::Warning,
    title: "The port for browsers shows another certificate, or none",
    why: "A browser refuses it without a word that the original's web client would show.",
    todo: "Give that port the certificate of the other ones.",
    prosody: "https_ssl = { certificate = \"…\"; key = \"…\" }",
    ejabberd: "certfiles:\n  - /etc/ejabberd/dc.example.crt",
};

static NO_BOSH: Fault = Fault {
    id: "web.no-bosh",
    severity: Severity::Warning,
    title: "The port for browsers does not answer BOSH at /http-bind",
    why: "The original's web client as it is shipped logs in there.",
    todo: "Let the server serve BOSH under that path and this domain.",
    prosody: PROSODY,
    ejabberd: EJABBERD,
};

static NO_WEBSOCKET: Fault = Fault {
    id: "web.no-websocket",
    severity: Severity::Hint,
    title: "The port for browsers takes no websocket at /xmpp-websocket",
    why: "A client that speaks nothing but websocket does not get in; BOSH works all the same.",
    todo: "Let the server take websockets under that path and this domain.",
    prosody: PROSODY,
    ejabberd: EJABBERD,
};

/// What asks for a websocket (RFC 6455, 4.1).
const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: YXJjaGlwZWwgZG9jdG9yIQ==\r\nSec-WebSocket-Protocol: xmpp";
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest head of an answer that is read.
const HEAD_LIMIT: usize = 4096;

async fn run(line: &Line) -> Vec<Finding> {
    // A host has no browser.
    if line.purpose != Purpose::Operator {
        return Vec::new();
    }
    let Ok(tls) = TlsClient::new(&line.settings) else {
        return Vec::new();
    };
    let servers = line.visits().await.seen();
    let servers: BTreeSet<String> = servers.map(|(endpoint, _)| endpoint.host.clone()).collect();
    let judged = servers.into_iter().map(|server| {
        let tls = &tls;
        async move { judge(line, tls, &server).await }
    });
    join_all(judged).await.into_iter().flatten().collect()
}

/// One server, at each port where it may listen.
async fn judge(line: &Line, tls: &TlsClient, server: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for port in &line.web_ports {
        let page = Page {
            domain: line.domain(),
            tls,
            at: (server, *port),
        };
        if let Ok(Ok(_)) = timeout(PATIENCE, TcpStream::connect(page.at)).await {
            found.extend(page.judge().await);
        }
    }
    if found.is_empty() {
        found.push(Finding::of(&NONE, server, ""));
    }
    found
}

/// What serves browsers.
struct Page<'a> {
    domain: &'a str,
    tls: &'a TlsClient,
    at: (&'a str, u16),
}

impl Page<'_> {
    async fn judge(&self) -> Vec<Finding> {
        let on = format!("{}:{}", self.at.0, self.at.1);
        if let Err(error) = self.open().await {
            return vec![Finding::of(&UNTRUSTED, on, told(&error))];
        }
        let bosh = self.status("/http-bind", "Connection: close").await;
        let websocket = self.status("/xmpp-websocket", UPGRADE).await;
        let mut found = Vec::new();
        if !bosh.contains(" 200") {
            found.push(Finding::of(&NO_BOSH, &on, bosh));
        }
        if !websocket.contains(" 101") {
            found.push(Finding::of(&NO_WEBSOCKET, &on, websocket));
        }
        if found.is_empty() {
            found.push(Finding::ok(CHECK.id, on, "BOSH and websocket answer"));
        }
        found
    }

    async fn open(&self) -> io::Result<Box<dyn ByteStream>> {
        let opened = async {
            let tcp = TcpStream::connect(self.at).await?;
            self.tls.protect(self.domain, Box::new(tcp)).await
        };
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        let (io, _) = timeout(PATIENCE, opened).await.map_err(late)??;
        Ok(io)
    }

    /// The first line of the answer to a request, or why there is none.
    async fn status(&self, path: &str, headers: &str) -> String {
        let asked = timeout(PATIENCE, self.ask(path, headers)).await;
        match asked {
            Ok(Ok(line)) => line,
            Ok(Err(error)) => told(&error),
            Err(_) => "no answer".to_owned(),
        }
    }

    async fn ask(&self, path: &str, headers: &str) -> io::Result<String> {
        let mut io = self.open().await?;
        let host = self.domain;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n\r\n");
        io.write_all(request.as_bytes()).await?;
        io.flush().await?;
        let mut head = Vec::new();
        while head.len() < HEAD_LIMIT && !head.contains(&b'\n') {
            if io.read_buf(&mut head).await? == 0 {
                break;
            }
        }
        let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next();
        let line = String::from_utf8_lossy(line.unwrap_or_default());
        Ok(clean_line(&line, 80))
    }
}

fn told(error: &io::Error) -> String {
    certificate_problem(error).unwrap_or_else(|| connection_text(error))
}
