//! Whether the server answers pings (XEP-0199).

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};
use archipel_protocol::{IqKind, ping};

use super::{
    Check, Inside,
    inside::{is_unknown, text},
};

pub(super) static CHECK: Check<Inside> = Check {
    id: "ping",
    about: "Whether the server answers pings",
    deadline: Duration::from_secs(20),
    alone: false,
    faults: &[&MISSING],
    run: |inside| Box::pin(run(inside)),
};

static MISSING: Fault = Fault {
    id: "ping.missing",
    severity: Severity::Warning,
    title: "The server does not answer pings",
    why: "Clients, the original one among them, take a line without answers for a dead one and connect anew again and again.",
    todo: "",
    prosody: "modules_enabled = { \"ping\"; … }",
    ejabberd: "modules:\n  mod_ping: {}",
};

async fn run(inside: &Inside) -> Vec<Finding> {
    let on = inside.line.domain();
    let answer = inside
        .ask(IqKind::Get, inside.server(), ping::query())
        .await;
    vec![match &answer {
        Ok(_) => Finding::ok(CHECK.id, on, "answered"),
        refused if is_unknown(refused) => Finding::of(&MISSING, on, ""),
        refused => Finding::of(&MISSING, on, text(refused)),
    }]
}
