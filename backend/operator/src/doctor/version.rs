//! Whether the agents' version fits this program's.

use std::time::Duration;

use archipel_bus::probe::Check;
use archipel_config::finding::{Fault, Finding, Severity};

use super::{Desk, gathered};

pub(super) static CHECK: Check<Desk> = Check {
    id: "version",
    about: "Whether the agents have this program's version",
    deadline: Duration::from_secs(5),
    alone: false,
    faults: &[&OTHER],
    run: |desk| Box::pin(std::future::ready(run(desk))),
};

static OTHER: Fault = Fault {
    id: "version.agent",
    severity: Severity::Warning,
    title: "The agent has another version than this program",
    why: "What one of them knows the other may not: verbs are refused, or columns stay empty.",
    todo: "Bring both to the newer version; the order does not matter.",
    prosody: "",
    ejabberd: "",
};

/// This program's version.
const OWN: &str = env!("CARGO_PKG_VERSION");

fn run(desk: &Desk) -> Vec<Finding> {
    let versions = desk.current().filter_map(|own| {
        let row = own.row.as_ref()?;
        Some((own.id.to_string(), row.agent_version.clone()))
    });
    let (same, other): (Vec<_>, Vec<_>) = versions.partition(|(_, version)| fits(OWN, version));
    let told = other
        .into_iter()
        .map(|(on, version)| (on, format!("{version} there, {OWN} here")));
    let mut findings = gathered(&OTHER, &told.collect::<Vec<_>>());
    if !same.is_empty() {
        let seen = format!("{} have version {OWN} or one that fits", same.len());
        findings.push(Finding::ok(CHECK.id, "agents", seen));
    }
    findings
}

/// Before 1.0 the second number counts, from then on the first.
fn fits(own: &str, other: &str) -> bool {
    let generation = |version: &str| {
        let mut parts = version.split('.').map(str::to_owned);
        match (parts.next(), parts.next()) {
            (Some(major), minor) if major == "0" => (major, minor),
            (major, _) => (major.unwrap_or_default(), None),
        }
    };
    generation(own) == generation(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generation_counts() {
        assert!(fits("0.1.0", "0.1.7") && fits("1.2.0", "1.9.1"));
        assert!(!fits("0.1.0", "0.2.0") && !fits("0.9.0", "1.0.0") && !fits("1.0.0", ""));
    }
}
