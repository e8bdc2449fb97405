//! One host with thirty machines where nobody touched the server's limits.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use archipel_agent::Credentials;
use archipel_config::{BusSettings, Endpoint, Secret};
use archipel_lab::{
    Limits, ServerKind, ServerOptions, XmppServer,
    sim::{Blueprint, BusChoice, ExistingBus, FleetSize, Options},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    fleet::{Desk, is_synced, start},
    rows::{STOCK_ON_EJABBERD, STOCK_ON_PROSODY},
};
use crate::{
    client::settings,
    common::{ADMIN, PASSWORD},
    frame::{Figures, Row},
    home::Login,
};

/// How long bytes are counted.
const SPAN: Duration = Duration::from_mins(1);

pub(crate) async fn stock_ejabberd() -> Vec<Figures> {
    stock(ServerKind::Ejabberd, STOCK_ON_EJABBERD).await
}

pub(crate) async fn stock_prosody() -> Vec<Figures> {
    stock(ServerKind::Prosody, STOCK_ON_PROSODY).await
}

/// A host that comes onto the bus and is watched for the first time, then left in peace.
async fn stock(kind: ServerKind, rows: &'static [Row]) -> Vec<Figures> {
    let size: FleetSize = "1x30".parse().expect("a size");
    let blueprint = Blueprint::new(size, 1);
    let (group, members) = blueprint.sites().remove(0);
    let own = |name: &str| format!("{name}@dc.example");
    let mut options = ServerOptions::new("dc.example")
        .limits(Limits::Stock)
        .account(ADMIN, PASSWORD);
    for name in &members {
        options = options.account(name, PASSWORD);
    }
    let everybody = members.iter().map(String::as_str).chain([ADMIN]).map(own);
    let server = XmppServer::start(kind, options.group(&group, everybody))
        .await
        .expect("a server");
    let bytes = Arc::new(AtomicU64::new(0));
    let bus = settings(&server);
    let counted = BusSettings {
        hosts: vec![count(server.tls_addr(), Arc::clone(&bytes)).await],
        ..bus.clone()
    };
    let existing = ExistingBus {
        settings: counted,
        domain: "dc.example".into(),
        login: Credentials::Password(Secret::new(PASSWORD.into())),
        operators: vec![own(ADMIN).parse().expect("an address")],
    };
    let sim = start(Options::new(size).bus(BusChoice::Existing(Box::new(existing)))).await;
    let desk = Desk::new();
    let begun = Instant::now();
    let mut operator = desk.open(&Login {
        jid: own(ADMIN).parse().expect("an address"),
        secret: Secret::new(PASSWORD.into()),
        bus,
        groups: vec![group],
    });
    let synced = operator.synced(&sim).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = bytes.load(Ordering::Relaxed);
    operator.stay(SPAN).await;
    let rate = (bytes.load(Ordering::Relaxed) - before) as f64 / SPAN.as_secs_f64();
    let stays = is_synced(&operator.fleet, &sim);
    assert!(stays, "fell out of sync: {:?}", operator.fleet.counts());
    operator.close().await;
    sim.stop().await;
    vec![
        rows[0].value(synced.duration_since(begun).as_secs_f64()),
        rows[1].value(rate),
    ]
}

/// An address that leads to the server and counts what passes, both ways.
async fn count(server: SocketAddr, bytes: Arc<AtomicU64>) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let onward = TcpStream::connect(server).await.expect("the server");
            let (client, onward) = (client.into_split(), onward.into_split());
            tokio::spawn(pass(client.0, onward.1, Arc::clone(&bytes)));
            tokio::spawn(pass(onward.0, client.1, Arc::clone(&bytes)));
        }
    });
    Endpoint {
        host: "127.0.0.1".into(),
        port,
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    bytes: Arc<AtomicU64>,
) {
    let mut buffer = vec![0; 16_384];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        bytes.fetch_add(count as u64, Ordering::Relaxed);
        if to.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}
