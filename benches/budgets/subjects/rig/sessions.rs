//! Every machine a contact of its own, as the original had it.

use std::time::Instant;

use archipel_lab::{
    ServerKind,
    sim::{Figures as Process, FleetSize, Options, Simulation},
};

use super::{
    fleet::{Desk, Watching, login, start},
    rows::{SESSIONS_EJABBERD, SESSIONS_PROSODY},
};
use crate::frame::{Figures, Row};

const SIZE: &str = "100x25";

pub(crate) async fn sessions_ejabberd() -> Vec<Figures> {
    sessions(ServerKind::Ejabberd, SESSIONS_EJABBERD).await
}

pub(crate) async fn sessions_prosody() -> Vec<Figures> {
    sessions(ServerKind::Prosody, SESSIONS_PROSODY).await
}

/// Agents that make an account for every machine; what a session takes is the difference to the same fleet without them.
async fn sessions(kind: ServerKind, rows: &'static [Row]) -> Vec<Figures> {
    let size: FleetSize = SIZE.parse().expect("a size");
    let without = resident(Options::new(size).on(kind)).await;
    let before = Process::now();
    let begun = Instant::now();
    let sim = start(Options::new(size).on(kind).vm_sessions()).await;
    let desk = Desk::new();
    let mut operator = desk.open(&login(&sim));
    let all = all_contacts(&mut operator, &sim).await;
    let with = Process::now().each_since(before, 1).private;
    operator.close().await;
    sim.stop().await;
    let machines = size.all_machines() as f64;
    let each = with.saturating_sub(without) as f64 / machines / 1_000.0;
    vec![
        rows[0].value(all.duration_since(begun).as_secs_f64()),
        rows[1].value(each),
    ]
}

/// The private bytes that the agents take without sessions.
async fn resident(options: Options) -> u64 {
    let before = Process::now();
    let sim = start(options).await;
    let desk = Desk::new();
    let mut operator = desk.open(&login(&sim));
    operator.synced(&sim).await;
    let with = Process::now().each_since(before, 1).private;
    operator.close().await;
    sim.stop().await;
    with
}

async fn all_contacts(operator: &mut Watching, sim: &Simulation) -> Instant {
    let machines = sim.blueprint().machines();
    operator
        .until("all machines to be contacts", |fleet| {
            fleet.vms().filter(|vm| vm.flags.session).count() == machines
        })
        .await
}
