//! Whether the server takes ad-hoc commands (XEP-0050), by which accounts and groups are administered.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};
use archipel_protocol::ns;

use super::{Check, Inside, Purpose};

pub(super) static CHECK: Check<Inside> = Check {
    id: "ad-hoc",
    about: "Whether the server takes ad-hoc commands",
    deadline: Duration::from_secs(20),
    alone: false,
    faults: &[&MISSING],
    run: |inside| Box::pin(run(inside)),
};

static MISSING: Fault = Fault {
    id: "ad-hoc.missing",
    severity: Severity::Hint,
    title: "The server takes no ad-hoc commands",
    why: "Accounts and groups can then be administered on the server alone, not from here.",
    todo: "",
    prosody: "modules_enabled = { \"admin_adhoc\"; … }",
    ejabberd: "modules:\n  mod_adhoc: {}\n  mod_configure: {}",
};

async fn run(inside: &Inside) -> Vec<Finding> {
    let on = inside.line.domain();
    if inside.line.purpose != Purpose::Operator {
        return Vec::new();
    }
    let Some(server) = inside.server() else {
        return Vec::new();
    };
    let info = inside.info(server).await.unwrap_or_default();
    vec![if info.has(ns::COMMANDS) {
        Finding::ok(CHECK.id, on, "it takes commands")
    } else {
        Finding::of(&MISSING, on, "")
    }]
}
