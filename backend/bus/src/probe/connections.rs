//! How many connections the server takes at once from here.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};
use futures::future::join_all;
use tokio::time::timeout;

use super::{Check, Inside, visit, witness::Witness};
use crate::{tls, transport::Opened};

pub(super) static CHECK: Check<Inside> = Check {
    id: "connections",
    about: "Whether the server takes 32 connections at once from this address; nobody logs in on them",
    deadline: Duration::from_secs(30),
    alone: true,
    faults: &[&LIMITED],
    run: |inside| Box::pin(run(inside)),
};

static LIMITED: Fault = Fault {
    id: "connections.limited",
    severity: Severity::Warning,
    title: "The server does not take enough connections",
    why: "Each hypervisor needs one, and with sessions of machines each machine one more. Those that find no place try for ever, and after a restart of the server it is chance who gets in.",
    todo: "Give the server a longer queue for those that come at once, a higher limit of open files, or what is on the way (firewall, proxy) a higher limit per address.",
    prosody: "network_settings = { tcp_backlog = 1024 }\nsystemctl edit prosody:\n  [Service]\n  LimitNOFILE=65536",
    ejabberd: "listen:\n  - port: 5222\n    module: ejabberd_c2s\n    backlog: 1024       # as installed: 5, and a burst of 32 loses some\nERL_MAX_PORTS=65536     (ejabberdctl.cfg)",
};

/// How many are opened.
const MANY: usize = 32;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(12);

async fn run(inside: &Inside) -> Vec<Finding> {
    let on = inside.line.domain();
    let opened = open(inside).await;
    let taken = opened.len();
    drop(opened);
    vec![if taken < MANY {
        let seen = format!("of {MANY} opened at once it took {taken}");
        Finding::of(&LIMITED, on, seen)
    } else {
        Finding::ok(CHECK.id, on, format!("{MANY} at once are taken"))
    }]
}

/// All stay open until the last is.
async fn open(inside: &Inside) -> Vec<Opened> {
    let line = &inside.line;
    let mut seen = line.visits().await.seen();
    let (Some((endpoint, _)), Ok(judge)) = (seen.next(), tls::verifier(&line.settings)) else {
        return Vec::new();
    };
    let witness = Witness::new(judge);
    let one = async || {
        let network = visit::network(line, &witness).ok()?;
        let opened = timeout(PATIENCE, network.server(endpoint)).await;
        opened.ok()?.ok()
    };
    let all = join_all((0..MANY).map(|_| one())).await;
    all.into_iter().flatten().collect()
}
