//! Which servers the name service names for the domain.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};

use super::{
    Check, Line,
    visit::{Source, Visits},
};
use crate::network::srv::{self, Servers};

pub(super) static CHECK: Check<Line> = Check {
    id: "dns",
    about: "Which servers the SRV records of the account's domain name",
    deadline: Duration::from_mins(1),
    alone: false,
    faults: &[&MISSING, &DENIED, &SILENT],
    run: |line| Box::pin(run(line)),
};

static MISSING: Fault = Fault {
    id: "dns.srv-missing",
    severity: Severity::Warning,
    title: "The domain has no SRV record",
    why: "Agents and clients then guess that the server is the domain itself on the standard port; the server cannot move, and a second one is never found.",
    todo: "Add a record such as `_xmpp-client._tcp.dc.example. 3600 IN SRV 5 0 5222 xmpp.dc.example.`, or name the servers with `hosts` under [bus].",
    prosody: "",
    ejabberd: "",
};

static DENIED: Fault = Fault {
    id: "dns.denied",
    severity: Severity::Problem,
    title: "The domain says that it offers no XMPP service",
    why: "An SRV record with the target `.` means: do not connect. Nobody does.",
    todo: "Replace that record by one that names the server, or name the servers with `hosts` under [bus].",
    prosody: "",
    ejabberd: "",
};

static SILENT: Fault = Fault {
    id: "dns.silent",
    severity: Severity::Warning,
    title: "The name service does not answer",
    why: "Servers are then guessed from the domain's name. When the guess is wrong nobody connects, and each attempt waits for the name service first.",
    todo: "Check /etc/resolv.conf, or `resolver` under [bus]; `hosts` under [bus] does without the name service.",
    prosody: "",
    ejabberd: "",
};

async fn run(line: &Line) -> Vec<Finding> {
    vec![judge(line, line.visits().await)]
}

fn judge(line: &Line, visits: &Visits) -> Finding {
    let (service, _) = srv::service(line.settings.tls);
    let on = format!("{service}.{}", line.domain());
    match &visits.source {
        Source::Settings => Finding::ok(CHECK.id, line.domain(), "the settings name the servers"),
        Source::Names(Servers::Named(endpoints)) => {
            let names: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
            Finding::ok(CHECK.id, on, names.join(", "))
        }
        Source::Names(Servers::Unnamed(itself)) if is_address(&itself.host) => {
            Finding::ok(CHECK.id, line.domain(), "an address needs no name service")
        }
        Source::Names(Servers::Unnamed(itself)) => {
            Finding::of(&MISSING, on, format!("{itself} is tried instead"))
        }
        Source::Names(Servers::Denied) => Finding::of(&DENIED, on, ""),
        Source::Names(Servers::Unanswered { problem, .. }) => Finding::of(&SILENT, on, problem),
    }
}

fn is_address(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}
