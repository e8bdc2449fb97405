//! What a session per machine costs an agent: memory with and without them, and how fast it opens them.

use std::time::Duration;

use archipel_config::Secret;

use super::{
    rows::{SESSIONS_FEW, SESSIONS_MANY},
    stage::Stage,
};
use crate::{
    client::{logins, settings},
    common::{ADMIN, PASSWORD},
    frame::{Figures, Row, Unit},
    processes::memory,
};

/// How long the agent may settle before its memory is read.
const SETTLE: Duration = Duration::from_secs(3);

/// All of [`SESSIONS_FEW`].
pub(crate) async fn sessions_few() -> Vec<Figures> {
    let mut stage = Stage::of(50).await;
    vec![without(&mut stage, &SESSIONS_FEW[0]).await]
}

/// All of [`SESSIONS_MANY`].
pub(crate) async fn sessions_many() -> Vec<Figures> {
    let mut stage = Stage::of(500).await;
    let start = stage.restart_agent().await;
    let correct = stage.correct(start).await;
    let rate = stage.machines.len() as f64 / correct.duration_since(start).as_secs_f64();
    let with = settled(&stage, &SESSIONS_MANY[1]).await;
    let without = without(&mut stage, &SESSIONS_MANY[0]).await;
    let account = format!("{ADMIN}@dc.example").parse().expect("an address");
    let password = Secret::new(PASSWORD.into());
    let floor = logins(account, password, settings(&stage.world.server)).await;
    let opened =
        SESSIONS_MANY[2]
            .value(rate)
            .beside("logins of a client", Unit::PerSecond, vec![floor]);
    vec![without, with, opened]
}

/// Starts the agent again without sessions of machines.
async fn without(stage: &mut Stage, row: &'static Row) -> Figures {
    let (old, new) = ("vm_sessions = \"auto\"", "vm_sessions = \"none\"");
    stage.world.hosts[0].rewrite_config(old, new);
    let start = stage.restart_agent().await;
    let machines = stage.machines.len();
    stage.seen.online(&stage.hypervisor, machines, start).await;
    settled(stage, row).await
}

async fn settled(stage: &Stage, row: &'static Row) -> Figures {
    tokio::time::sleep(SETTLE).await;
    let memory = memory(stage.agent());
    row.value(memory.private_mb())
        .beside("RSS", Unit::Megabytes, vec![memory.resident_mb()])
}
