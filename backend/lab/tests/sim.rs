//! Simulated fleets on real servers: what an operator sees of them is what is there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use archipel_lab::sim::{Options, Simulation};
use archipel_lab::{Patience, ServerKind, missing, skip};

/// A fleet of fifty hosts with twenty machines each comes up within seconds; a busy machine may take longer.
const PATIENCE: Patience = Patience::seconds(180);

/// `None`, said so, where the server is not installed.
async fn sim(kind: ServerKind, size: &str, test: &str) -> Option<Simulation> {
    if let Some(reason) = missing(kind.programs()) {
        skip(test, &reason);
        return None;
    }
    let options = Options::new(size.parse().unwrap()).on(kind);
    Some(Simulation::start(options).await.unwrap())
}

async fn the_operator_sees_the_world(kind: ServerKind) {
    let Some(sim) = sim(kind, "50x20", "an operator sees a simulated fleet").await else {
        return;
    };
    sim.online(PATIENCE).await.unwrap();
    let mut operator = sim.observer().unwrap();
    sim.seen_by(&mut operator, PATIENCE).await.unwrap();
    let seen = sim.compare(operator.fleet());
    assert!(
        seen.agrees() && seen.machines == 1_000 && seen.hosts == 50,
        "{seen}"
    );
    operator.stop().await;
    sim.stop().await;
}

#[tokio::test]
async fn an_operator_sees_all_machines_on_prosody() {
    the_operator_sees_the_world(ServerKind::Prosody).await;
}

#[tokio::test]
async fn an_operator_sees_all_machines_on_ejabberd() {
    the_operator_sees_the_world(ServerKind::Ejabberd).await;
}
