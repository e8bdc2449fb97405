//! Whether a lost connection can be resumed (XEP-0198).

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};

use super::{Check, Inside};

pub(super) static CHECK: Check<Inside> = Check {
    id: "management",
    about: "Whether a lost connection can be resumed (stream management)",
    deadline: Duration::from_secs(5),
    alone: false,
    faults: &[&MISSING],
    run: |inside| Box::pin(std::future::ready(run(inside))),
};

static MISSING: Fault = Fault {
    id: "management.missing",
    severity: Severity::Warning,
    title: "A lost connection cannot be resumed",
    why: "Each cut of the line then costs what was on its way, and afterwards every agent and operator begins anew: many logins at once, and all states sent again.",
    todo: "",
    prosody: "modules_enabled = { \"smacks\"; … }\nsmacks_hibernation_time = 300",
    ejabberd: "modules:\n  mod_stream_mgmt: { resume_timeout: 300 }",
};

fn run(inside: &Inside) -> Vec<Finding> {
    let on = inside.line.domain();
    vec![if inside.resumable {
        Finding::ok(CHECK.id, on, "lost connections can be resumed")
    } else {
        Finding::of(&MISSING, on, "")
    }]
}
