//! Plans carried out, with agents that refuse, servers that die and profiles that forbid.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_fleet::{Plan, Run, StepState, plan};
use archipel_language::Verb;
use archipel_protocol::{OperationId, failure::FailureKind};
use common::{
    Lab, Screen,
    agent::{Agent, Manner},
    hv, lab, vm, vm_id,
};

async fn live(lab: &Lab, machines: u8) -> (Agent, Screen) {
    let agent = Agent::start(lab, "hv01", machines);
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), machines.into()).await;
    (agent, screen)
}

fn start_all(screen: &Screen, machines: u8) -> Plan {
    let targets: Vec<_> = (1..=machines).map(|number| vm(1, number)).collect();
    plan(&screen.fleet, Verb::by_id("vm.start").unwrap(), &targets)
}

fn operations(agent: &Agent) -> Vec<OperationId> {
    let script = agent.script();
    let ids = script
        .commands
        .iter()
        .filter_map(|command| command.operation.clone());
    ids.map(|operation| operation.id).collect()
}

#[tokio::test]
async fn the_failed_machine_is_named_and_tried_again() {
    let Some(lab) = lab("retry").await else {
        return;
    };
    let (agent, mut screen) = live(&lab, 20).await;
    agent.script().manner = Manner::Refuse(vm_id(4));
    let run = screen.handle.execute(start_all(&screen, 20)).unwrap();
    screen
        .until("the run is over", |fleet| {
            fleet.run(run).is_some_and(Run::is_over)
        })
        .await;
    let seen = screen.fleet.run(run).unwrap();
    assert_eq!((seen.progress().done, seen.progress().failed), (19, 1));
    assert_eq!(seen.failed(), [vm(1, 4)]);
    let failed = &seen.steps[3];
    assert!(
        matches!(&failed.state, StepState::Failed(failure) if failure.kind == FailureKind::Busy)
    );

    agent.script().manner = Manner::Obey;
    let again = plan(&screen.fleet, seen.verb, &seen.failed());
    let again = screen.handle.execute(again).unwrap();
    screen
        .until("the retry is over", |fleet| {
            fleet.run(again).is_some_and(Run::is_over)
        })
        .await;
    assert_eq!(screen.fleet.run(again).unwrap().progress().done, 1);
    let ids = operations(&agent);
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(
        (ids.len(), distinct.len()),
        (21, 21),
        "a retry is a new operation"
    );
    screen.stop().await;
}

#[tokio::test]
async fn a_command_whose_answer_was_lost_is_asked_again_as_the_same_operation() {
    let Some(mut lab) = lab("lost answer").await else {
        return;
    };
    let (agent, mut screen) = live(&lab, 1).await;
    agent.script().manner = Manner::Hold;
    let run = screen.handle.execute(start_all(&screen, 1)).unwrap();
    agent
        .until("the command is there", |script| script.commands.len() == 1)
        .await;
    lab.server.kill().await;
    agent.script().manner = Manner::Obey;
    lab.server.restart().await.unwrap();
    screen
        .until("the run is over", |fleet| {
            fleet.run(run).is_some_and(Run::is_over)
        })
        .await;
    assert_eq!(screen.fleet.run(run).unwrap().progress().done, 1);
    let ids = operations(&agent);
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
    screen.stop().await;
}

#[tokio::test]
async fn what_was_never_sent_fails_when_the_agent_leaves() {
    let Some(lab) = lab("leaves during a run").await else {
        return;
    };
    let (agent, mut screen) = live(&lab, 12).await;
    agent.script().manner = Manner::Hold;
    let run = screen.handle.execute(start_all(&screen, 12)).unwrap();
    agent
        .until("eight are on their way", |script| {
            script.commands.len() == 8
        })
        .await;
    screen.settle().await;
    assert_eq!(
        agent.script().commands.len(),
        8,
        "no more than that at a time"
    );
    agent.stop().await;
    let four_failed = |fleet: &archipel_fleet::Fleet| {
        fleet.run(run).is_some_and(|run| run.progress().failed == 4)
    };
    screen.until("the others have failed", four_failed).await;

    // The eight are in doubt: the agent is asked again when it is back.
    let agent = Agent::start(&lab, "hv01", 12);
    screen
        .until("the run is over", |fleet| {
            fleet.run(run).is_some_and(Run::is_over)
        })
        .await;
    assert_eq!(screen.fleet.run(run).unwrap().progress().done, 8);
    assert_eq!(agent.script().commands.len(), 8);
    screen.stop().await;
}

#[tokio::test]
async fn a_read_only_profile_changes_nothing_that_is_missed() {
    let Some(lab) = lab("read only").await else {
        return;
    };
    let (agent, mut screen) = live(&lab, 1).await;
    agent
        .change(common::agent::machine(
            1,
            archipel_protocol::VmState::Running,
        ))
        .await;
    screen
        .until("it runs", |fleet| fleet.counts().by_state[0] == 1)
        .await;
    screen.stop().await;

    let mut settings = lab.settings();
    settings.profile.read_only = true;
    let mut screen = Screen::start(settings);
    screen.until_live(&hv(1), 1).await;
    let destroy = plan(
        &screen.fleet,
        Verb::by_id("vm.destroy").unwrap(),
        &[vm(1, 1)],
    );
    let run = screen.handle.execute(destroy).unwrap();
    screen
        .until("the run is over", |fleet| {
            fleet.run(run).is_some_and(Run::is_over)
        })
        .await;
    assert_eq!(screen.fleet.run(run).unwrap().progress().failed, 1);
    assert!(agent.script().commands.is_empty());
    let text = screen.handle.definition(&vm(1, 1)).await.unwrap();
    assert!(text.contains("kvm"), "{text}");
    screen.stop().await;
}
