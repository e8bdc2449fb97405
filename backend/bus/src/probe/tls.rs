//! What TLS the servers speak.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};

use super::{
    Check, Line,
    visit::{self, Visit},
};
use crate::transport::Protection;

pub(super) static CHECK: Check<Line> = Check {
    id: "tls",
    about: "Whether each server speaks TLS, and a current version of it",
    deadline: Duration::from_mins(1),
    alone: false,
    faults: &[&MISSING, &FAILED, &OLD],
    run: |line| Box::pin(run(line)),
};

/// On Debian the listeners name a macro, which wins over a line of `c2s_protocol_options`.
const EJABBERD: &str = "c2s_protocol_options: [no_sslv3, no_tlsv1, no_tlsv1_1]\n# as Debian installs it, in the macro that the listeners name instead:\ndefine_macro:\n  'TLS_OPTIONS': [no_sslv3, no_tlsv1, no_tlsv1_1, cipher_server_preference, no_compression]";

static MISSING: Fault = Fault {
    id: "tls.missing",
    severity: Severity::Problem,
    title: "The server does not offer STARTTLS",
    why: "Passwords and commands would travel in the clear; so nothing logs in.",
    todo: "Give the server a certificate and TLS; or use its port of direct TLS with tls = \"direct\" under [bus].",
    prosody: "modules_enabled = { \"tls\"; … }\nc2s_require_encryption = true",
    ejabberd: "listen:\n  - port: 5222\n    module: ejabberd_c2s\n    starttls_required: true",
};

static FAILED: Fault = Fault {
    id: "tls.failed",
    severity: Severity::Problem,
    title: "No TLS connection comes about",
    why: "The server speaks only versions older than TLS 1.2, or does not speak TLS on this port.",
    todo: "Check `tls` under [bus]: \"starttls\" is for port 5222, \"direct\" for 5223.",
    prosody: "ssl = { protocol = \"tlsv1_2+\" }",
    ejabberd: EJABBERD,
};

static OLD: Fault = Fault {
    id: "tls.old",
    severity: Severity::Hint,
    title: "The server speaks TLS 1.2 at best",
    why: "It is safe still; but with TLS 1.3 a login is bound to its connection, so that a stolen certificate alone cannot stand between, and it takes one round trip less.",
    todo: "",
    prosody: "ssl = { protocol = \"tlsv1_2+\" }",
    ejabberd: EJABBERD,
};

async fn run(line: &Line) -> Vec<Finding> {
    let each = line.visits().await.each.iter();
    each.filter_map(judge).collect()
}

fn judge(visit: &Visit) -> Option<Finding> {
    let on = visit.endpoint.to_string();
    let well = |seen: &str| Some(Finding::ok(CHECK.id, &on, seen));
    match &visit.outcome {
        Ok(seen) => match &seen.protection {
            Protection::Tls { exporter: Some(_) } => well("TLS 1.3"),
            Protection::Tls { exporter: None } => Some(Finding::of(&OLD, on, "")),
            Protection::ClearText | Protection::Private => well("not asked for"),
        },
        Err(error) if visit::lacks_tls(error) => Some(Finding::of(&MISSING, on, "")),
        Err(error) => {
            let text = error.to_string();
            let (_, seen) = text.split_once("TLS failed: ")?;
            Some(Finding::of(&FAILED, on, seen))
        }
    }
}
