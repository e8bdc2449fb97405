//! Whether the servers can be reached and speak XMPP.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};

use super::{
    Check, Line,
    visit::{self, Source, Visit, Visits},
};
use crate::network::srv::Servers;

pub(super) static CHECK: Check<Line> = Check {
    id: "reach",
    about: "Whether each server can be reached, speaks XMPP and serves the domain",
    deadline: Duration::from_mins(1),
    alone: false,
    faults: &[&FAILED, &ELSEWHERE, &OTHER_DOMAIN],
    run: |line| Box::pin(run(line)),
};

static FAILED: Fault = Fault {
    id: "reach.failed",
    severity: Severity::Problem,
    title: "The server cannot be reached",
    why: "Nothing connects: neither agents nor operators.",
    todo: "See that the server runs and that nothing between drops the port; check `hosts` and `tls` under [bus].",
    prosody: "c2s_ports = { 5222 }\nc2s_direct_tls_ports = { 5223 }",
    ejabberd: "listen:\n  - port: 5222\n    module: ejabberd_c2s\n    starttls_required: true\n  - port: 5223\n    module: ejabberd_c2s\n    tls: true",
};

static ELSEWHERE: Fault = Fault {
    id: "reach.srv-wrong",
    severity: Severity::Problem,
    title: "An SRV record names a server that does not answer as one",
    why: "Each attempt that draws this record fails first; if it is the only one, nobody connects.",
    todo: "Correct target and port of the record, or take it out of the zone.",
    prosody: "",
    ejabberd: "",
};

static OTHER_DOMAIN: Fault = Fault {
    id: "reach.other-domain",
    severity: Severity::Problem,
    title: "The server does not serve this domain",
    why: "It may be the right machine with another name in its configuration, or the wrong machine.",
    todo: "Check the account's domain and `hosts` under [bus].",
    prosody: "VirtualHost \"dc.example\"",
    ejabberd: "hosts:\n  - dc.example",
};

async fn run(line: &Line) -> Vec<Finding> {
    let visits = line.visits().await;
    let each = visits.each.iter();
    each.filter_map(|visit| judge(visits, visit)).collect()
}

fn judge(visits: &Visits, visit: &Visit) -> Option<Finding> {
    let on = visit.endpoint.to_string();
    let error = match &visit.outcome {
        Ok(_) => return Some(Finding::ok(CHECK.id, on, "it answers")),
        // Told by another check.
        Err(error) if visit::lacks_tls(error) || visit.verdict.is_some() => return None,
        Err(error) => error.to_string(),
    };
    // The text begins with the server's name, which is the subject here.
    let seen = error.strip_prefix(&format!("{on}: ")).unwrap_or(&error);
    let named = matches!(&visits.source, Source::Names(Servers::Named(_)));
    let fault = match () {
        () if seen.contains("does not serve") => &OTHER_DOMAIN,
        () if seen.starts_with("TLS failed") => return None,
        () if named => &ELSEWHERE,
        () => &FAILED,
    };
    Some(Finding::of(fault, on, seen))
}
