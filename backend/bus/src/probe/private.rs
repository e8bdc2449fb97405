//! Whether an account may keep things on the server for itself (XEP-0049).

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};
use archipel_protocol::{IqKind, private_storage};

use super::{Check, Inside, Purpose, inside::text};

pub(super) static CHECK: Check<Inside> = Check {
    id: "private",
    about: "Whether an operator may keep settings on the server (private storage)",
    deadline: Duration::from_secs(20),
    alone: false,
    faults: &[&MISSING],
    run: |inside| Box::pin(run(inside)),
};

static MISSING: Fault = Fault {
    id: "private.missing",
    severity: Severity::Hint,
    title: "The server keeps nothing for its accounts",
    why: "The original client loses its settings, and nested groups of the roster are not told apart by the same sign everywhere.",
    todo: "",
    prosody: "modules_enabled = { \"private\"; … }",
    ejabberd: "modules:\n  mod_private: {}",
};

async fn run(inside: &Inside) -> Vec<Finding> {
    let on = inside.line.domain();
    if inside.line.purpose != Purpose::Operator {
        return Vec::new();
    }
    let answer = inside
        .ask(IqKind::Get, None, private_storage::ask_delimiter())
        .await;
    vec![match &answer {
        Ok(_) => Finding::ok(CHECK.id, on, "it keeps settings of accounts"),
        refused => Finding::of(&MISSING, on, text(refused)),
    }]
}
