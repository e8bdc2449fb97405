//! The bus dies under everybody.

use std::time::Instant;

use archipel_fleet::{Fleet, Plan, Run, RunId, StepState, plan};
use archipel_lab::{
    ServerKind,
    sim::{Access, Simulation},
    until,
};
use archipel_language::Verb;
use archipel_protocol::VmState;

use super::{
    fleet::{Desk, PATIENCE, Watching, login, online},
    rows::{BACK_FULL, BACK_TEN_TIMES},
};
use crate::{
    client::logins,
    frame::{Figures, Row, Unit},
};

pub(crate) async fn back_ten_times() -> Vec<Figures> {
    let (back, answers) = back("1000x16", 10, &BACK_TEN_TIMES[0]).await;
    let done = answers.iter().filter(|answer| *answer == DONE).count();
    let answered = BACK_TEN_TIMES[1].value(answers.len() as f64);
    vec![
        back,
        answered.beside("done", Unit::Commands, vec![done as f64]),
    ]
}

pub(crate) async fn back_full() -> Vec<Figures> {
    vec![back("2500x16", 1, &BACK_FULL[0]).await.0]
}

/// What became of a command that was done.
const DONE: &str = "done";

/// Seconds from the server's first answer until every agent and all machines are seen again; and what became of a command issued
/// meanwhile, in each round.
async fn back(size: &str, deaths: usize, row: &'static Row) -> (Figures, Vec<String>) {
    let mut sim = online(size, ServerKind::Ejabberd).await;
    let Access {
        jid,
        secret,
        settings,
    } = sim.operator().expect("a private bus");
    let rate = logins(jid, secret, settings).await;
    let desk = Desk::new();
    let mut operator = desk.open(&login(&sim));
    operator.synced(&sim).await;
    let (mut times, mut answers) = (Vec::new(), Vec::new());
    for _ in 0..deaths {
        let start = start_of_one(&operator.fleet);
        let server = sim.server().expect("a private bus");
        server.kill().await;
        let run = operator.handle.execute(start).expect("an engine");
        all_gone(&sim).await;
        let server = sim.server().expect("a private bus");
        server.restart().await.expect("it starts again");
        let again = Instant::now();
        all_back(&sim).await;
        let synced = operator.synced(&sim).await;
        times.push(synced.duration_since(again).as_secs_f64());
        let answer = answer(&mut operator, run).await;
        eprintln!("a start while the bus was dead: {answer}");
        answers.push(answer);
    }
    operator.close().await;
    let bound = 10.0 + 1.5 * sim.hosts().len() as f64 / rate;
    sim.stop().await;
    let figures = row
        .values(times)
        .bound(bound)
        .beside("logins", Unit::PerSecond, vec![rate]);
    (figures, answers)
}

/// A plan to start a machine that is off.
fn start_of_one(fleet: &Fleet) -> Plan {
    let off = fleet.vms().find(|vm| vm.state == VmState::Off);
    let targets = [off.expect("a machine that is off").at.clone()];
    plan(fleet, Verb::by_id("vm.start").expect("a verb"), &targets)
}

/// What became of a command, in the words for the operator.
async fn answer(operator: &mut Watching, run: RunId) -> String {
    let over = |fleet: &Fleet| fleet.run(run).is_some_and(Run::is_over);
    operator.until("the answer to a command", over).await;
    let step = operator.fleet.run(run).expect("a run").steps[0].clone();
    match step.state {
        StepState::Done => {
            // The next death shall find another machine to start.
            let runs = |fleet: &Fleet| {
                fleet
                    .vm(&step.vm)
                    .is_some_and(|vm| vm.state != VmState::Off)
            };
            operator.until("the machine to run", runs).await;
            DONE.to_owned()
        }
        StepState::Failed(why) => why.to_string(),
        StepState::Refused(why) => why.to_string(),
        other => panic!("neither done nor refused: {other:?}"),
    }
}

async fn all_gone(sim: &Simulation) {
    let gone = until("all agents to notice", PATIENCE, async || {
        sim.hosts()
            .iter()
            .all(|host| !host.is_online())
            .then_some(())
    });
    gone.await.expect("all agents notice");
}

async fn all_back(sim: &Simulation) {
    sim.online(PATIENCE).await.expect("all agents come back");
}
