//! How far the hypervisors' clocks are from this machine's (XEP-0202).

use std::time::Duration;

use archipel_bus::probe::{Check, TOLERANCE, skew, skew_text};
use archipel_config::finding::{Fault, Finding, Severity};
use archipel_protocol::{HypervisorId, time};
use futures::stream::{self, StreamExt as _};
use jiff::{SignedDuration, Timestamp};

use super::{Desk, gathered};

pub(super) static CHECK: Check<Desk> = Check {
    id: "clock",
    about: "How far the clocks of the server and of the hypervisors are from this machine's",
    deadline: Duration::from_secs(30),
    alone: false,
    faults: &[&OFF],
    run: |desk| Box::pin(run(desk)),
};

static OFF: Fault = Fault {
    id: "clock.agent",
    severity: Severity::Problem,
    title: "The hypervisor's clock and this machine's differ",
    why: "A command says until when it may be carried out. An agent whose clock is ahead refuses it as expired, and what its log says happened at another time.",
    todo: "Let both keep time by NTP; see: timedatectl",
    prosody: "",
    ejabberd: "",
};

/// How many are asked at a time.
const AT_ONCE: usize = 32;

async fn run(desk: &Desk) -> Vec<Finding> {
    let ids: Vec<HypervisorId> = desk.current().map(|own| own.id.clone()).collect();
    let asked = stream::iter(ids).map(|id| measure(desk, id));
    let skews: Vec<(String, SignedDuration)> = asked
        .buffered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    let (off, well): (Vec<_>, Vec<_>) = skews
        .into_iter()
        .partition(|(_, skew)| skew.abs() > TOLERANCE);
    let told = off.into_iter().map(|(on, skew)| (on, skew_text(skew)));
    let mut findings = gathered(&OFF, &told.collect::<Vec<_>>());
    let worst = well
        .iter()
        .map(|(_, skew)| *skew)
        .max_by_key(|skew| skew.abs());
    if let Some(worst) = worst {
        let on = format!("{} hypervisors", well.len());
        findings.push(Finding::ok(CHECK.id, on, skew_text(worst)));
    }
    findings
}

async fn measure(desk: &Desk, id: HypervisorId) -> Option<(String, SignedDuration)> {
    let asked = Timestamp::now();
    let answer = desk.engine.handle().ask(&id, time::query()).await.ok()?;
    let told = time::parse(answer.payload()?).ok()?;
    Some((id.to_string(), skew(asked, told, Timestamp::now())))
}
