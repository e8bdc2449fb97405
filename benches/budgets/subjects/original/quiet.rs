//! Start, memory, round trips, idle load.

use std::time::{Duration, Instant};

use archipel_bus::Session;
use archipel_protocol::{Element, FullJid, Iq, IqKind, Request, hypervisor_control, vm_control};

use super::{
    rows::{MEMORY_OF_MANY, MEMORY_OF_NONE, QUIET},
    stage::Stage,
};
use crate::{
    client::{Client, ask_plainly},
    frame::{Figures, Unit},
    processes::{memory, processor_s},
    subjects::milliseconds,
};

/// How long the agent may settle before its memory is read.
const SETTLE: Duration = Duration::from_secs(3);
/// How long [`in_flight`] asks.
const SPAN: Duration = Duration::from_secs(5);
/// How long the idle load is counted: it comes in steps of 10 ms.
const IDLE: Duration = Duration::from_secs(30);

/// All of [`QUIET`].
pub(crate) async fn quiet() -> Vec<Figures> {
    let mut stage = Stage::of(50).await;
    let start = stage.restart_agent().await;
    let correct = stage.correct(start).await;
    tokio::time::sleep(SETTLE).await;
    let memory = memory(stage.agent());
    let info = sequential(&stage.session, &stage.machine(7), 500, INFO).await;
    let floor = floor(&stage).await;
    let rate = in_flight(&stage.session, &stage.machine(7)).await;
    let roster = sequential(&stage.session, &stage.address, 100, ROSTER).await;
    let idle = idle(stage).await;
    vec![
        QUIET[0].value(correct.duration_since(start).as_secs_f64()),
        QUIET[1].value(memory.private_mb()).beside(
            "RSS",
            Unit::Megabytes,
            vec![memory.resident_mb()],
        ),
        QUIET[2]
            .values(info)
            .beside("ping of a client", Unit::Milliseconds, floor),
        QUIET[3].value(rate),
        QUIET[4].values(roster),
        QUIET[5].value(idle),
    ]
}

/// The row of [`MEMORY_OF_NONE`].
pub(crate) async fn memory_of_none() -> Vec<Figures> {
    vec![memory_at(&MEMORY_OF_NONE[0], 0).await]
}

/// The row of [`MEMORY_OF_MANY`].
pub(crate) async fn memory_of_many() -> Vec<Figures> {
    vec![memory_at(&MEMORY_OF_MANY[0], 200).await]
}

async fn memory_at(row: &'static crate::frame::Row, machines: usize) -> Figures {
    let mut stage = Stage::of(machines).await;
    let start = stage.restart_agent().await;
    stage.correct(start).await;
    tokio::time::sleep(SETTLE).await;
    let memory = memory(stage.agent());
    row.value(memory.private_mb())
        .beside("RSS", Unit::Megabytes, vec![memory.resident_mb()])
}

const INFO: Request = Request::VmControl(vm_control::Action::Info);
const ROSTER: Request = Request::HypervisorControl(hypervisor_control::Action::RosterVm);

/// Questions one after the other, milliseconds each.
async fn sequential(session: &Session, to: &FullJid, count: usize, request: Request) -> Vec<f64> {
    let mut times = Vec::new();
    for _ in 0..count {
        let start = Instant::now();
        ask_plainly(session, to, request.clone()).await;
        times.push(milliseconds(start, Instant::now()));
    }
    times
}

/// What the bus alone takes: one client asks another one.
async fn floor(stage: &Stage) -> Vec<f64> {
    let other = Client::log_in(&stage.world.server, "floor").await.deaf();
    let to = other.bound_jid().expect("a session");
    let mut times = Vec::new();
    for _ in 0..500 {
        let ping = Element::builder("ping", "urn:xmpp:ping").build();
        let iq = Iq::request(IqKind::Get, Some(to.clone().into()), ping);
        let start = Instant::now();
        let answer = stage.session.request(iq, SPAN).await;
        times.push(milliseconds(start, Instant::now()));
        answer.expect("a pong");
    }
    other.stop();
    times
}

/// Answers per second to sixteen who ask without a pause.
async fn in_flight(session: &Session, to: &FullJid) -> f64 {
    let end = Instant::now() + SPAN;
    let askers: Vec<_> = (0..16)
        .map(|_| {
            let (session, to) = (session.clone(), to.clone());
            tokio::spawn(async move {
                let mut count = 0_u32;
                while Instant::now() < end {
                    ask_plainly(&session, &to, INFO).await;
                    count += 1;
                }
                count
            })
        })
        .collect();
    let mut all = 0;
    for asker in askers {
        all += asker.await.expect("an asker");
    }
    f64::from(all) / SPAN.as_secs_f64()
}

/// The share of a processor in per cent, nobody connected but the agent.
async fn idle(stage: Stage) -> f64 {
    stage.session.stop();
    stage.session.closed().await;
    tokio::time::sleep(SETTLE).await;
    let before = processor_s(stage.agent());
    tokio::time::sleep(IDLE).await;
    (processor_s(stage.agent()) - before) / IDLE.as_secs_f64() * 100.0
}
