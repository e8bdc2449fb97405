//! One verb for a thousand machines on a thousand hosts.

use std::time::Instant;

use archipel_fleet::{Fleet, Run, RunId, StepState, Vm, VmRef, plan};
use archipel_lab::ServerKind;
use archipel_language::Verb;
use archipel_protocol::VmState;

use super::{
    fleet::{Desk, login, online},
    rows::STARTS,
};
use crate::frame::Figures;

/// From the plan to the last acknowledgement.
pub(crate) async fn starts() -> Vec<Figures> {
    let sim = online("1000x16", ServerKind::Ejabberd).await;
    let desk = Desk::new();
    let mut operator = desk.open(&login(&sim));
    operator.synced(&sim).await;
    let mut times = Vec::new();
    for _ in 0..3 {
        let targets: Vec<VmRef> = operator
            .fleet
            .hypervisors()
            .filter_map(|host| operator.fleet.vms_of(&host.id).find(|vm| is_off(vm)))
            .map(|vm| vm.at.clone())
            .collect();
        let begun = Instant::now();
        let verb = Verb::by_id("vm.start").expect("a verb");
        let plan = plan(&operator.fleet, verb, &targets);
        let run = operator.handle.execute(plan).expect("an engine");
        let over = |fleet: &Fleet| fleet.run(run).is_some_and(Run::is_over);
        let ended = operator.until("the end of the run", over).await;
        let failures = failures(&operator.fleet, run);
        assert!(failures.is_empty(), "{failures:?}");
        // Some hosts have nothing that is off: the time is that of a thousand.
        let share = 1_000.0 / targets.len().max(1) as f64;
        times.push(ended.duration_since(begun).as_secs_f64() * share);
        // A start may be acknowledged before the state that it led to is told.
        let all_run = |fleet: &Fleet| targets.iter().all(|at| !fleet.vm(at).is_some_and(is_off));
        operator.until("all of them to run", all_run).await;
    }
    operator.close().await;
    sim.stop().await;
    vec![STARTS[0].values(times)]
}

/// What the steps that failed say.
fn failures(fleet: &Fleet, run: RunId) -> Vec<String> {
    let steps = &fleet.run(run).expect("a run").steps;
    let failed = steps.iter().filter_map(|step| match &step.state {
        StepState::Failed(why) => Some(format!("{} on {}: {why}", step.name, step.hypervisor)),
        _ => None,
    });
    failed.collect()
}

fn is_off(vm: &Vm) -> bool {
    vm.state == VmState::Off
}
