//! What an agent costs its process. Alone in its file: another test's descriptors would count, too.

#![allow(clippy::unwrap_used)]

use archipel_lab::sim::{DESCRIPTORS_PER_AGENT, Figures, Options, Simulation, runtime};
use archipel_lab::{Patience, ServerKind, missing, skip};

const AGENTS: usize = 40;

#[test]
fn an_agent_has_at_most_four_descriptors_and_no_thread_of_its_own() {
    if let Some(reason) = missing(ServerKind::Prosody.programs()) {
        return skip("descriptors of agents", &reason);
    }
    runtime().unwrap().block_on(measure());
}

async fn measure() {
    let start = async |size: &str| {
        let sim = Simulation::start(Options::new(size.parse().unwrap()))
            .await
            .unwrap();
        sim.online(Patience::seconds(120)).await.unwrap();
        sim
    };
    // The server, the runtime, the first store: what is needed once.
    let one = start("1x3").await;
    let before = Figures::now();
    let many = start(&format!("{AGENTS}x3")).await;
    let more = Figures::now().each_since(before, AGENTS);
    assert!(more.descriptors <= DESCRIPTORS_PER_AGENT, "{more:?}");
    assert_eq!(more.threads, 0, "{more:?}");
    many.stop().await;
    one.stop().await;
}
