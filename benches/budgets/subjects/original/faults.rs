//! What happens behind the agent's back: libvirt's news, servers and daemons that die.

use std::time::{Duration, Instant};

use archipel_protocol::VmState;

use super::{
    rows::{BACK, EVENTS},
    stage::Stage,
};
use crate::{
    frame::{Figures, Unit},
    subjects::{live::follow_libvirt, milliseconds},
};

/// Suspensions and resumptions of [`events`].
const ROUNDS: usize = 40;

/// All of [`EVENTS`].
pub(crate) async fn events() -> Vec<Figures> {
    let stage = Stage::of(50).await;
    let libvirt = &stage.world.hosts[0].libvirt;
    let (name, machine) = (&stage.names[7], &stage.machines[7]);
    libvirt.virsh(&["start", name]).await.expect("it starts");
    let long_ago = Instant::now()
        .checked_sub(Duration::from_secs(10))
        .expect("a machine that was not started just now");
    stage.seen.state(machine, VmState::Running, long_ago).await;
    let heard = follow_libvirt(&libvirt.uri());
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let (verb, wanted) =
            [("suspend", VmState::Paused), ("resume", VmState::Running)][round % 2];
        let begin = Instant::now();
        libvirt.virsh(&[verb, name]).await.expect("virsh works");
        let told = heard
            .recv_timeout(Duration::from_secs(10))
            .expect("libvirt tells its event");
        let seen = stage.seen.state(machine, wanted, begin).await;
        // Presence may be here before the other client of libvirt has heard: no time at all.
        times.push(milliseconds(told, seen));
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    libvirt.virsh(&["destroy", name]).await.expect("it ends");
    vec![EVENTS[0].values(times)]
}

/// All of [`BACK`].
pub(crate) async fn back() -> Vec<Figures> {
    let mut stage = Stage::of(50).await;
    settle(&mut stage).await;
    let (all, server) = server(&mut stage).await;
    let libvirtd = libvirtd(&mut stage).await;
    vec![
        BACK[0]
            .value(all)
            .beside("server alone", Unit::Seconds, vec![server]),
        BACK[1].value(libvirtd),
    ]
}

/// Accounts and rosters of the last seconds are not on the server's disk yet: a polite end writes them.
async fn settle(stage: &mut Stage) {
    let begun = Instant::now();
    stage.world.server.stop().await;
    stage.world.server.restart().await.expect("it starts again");
    stage.correct(begun).await;
}

/// Seconds from the kill until all is right, and until the server answers.
async fn server(stage: &mut Stage) -> (f64, f64) {
    stage.world.server.kill().await;
    let killed = Instant::now();
    stage.world.server.restart().await.expect("it starts again");
    let answers = killed.elapsed().as_secs_f64();
    let correct = stage.correct(killed).await;
    (correct.duration_since(killed).as_secs_f64(), answers)
}

/// Seconds from libvirt's answer until all is right; afterwards a start has to be seen.
async fn libvirtd(stage: &mut Stage) -> f64 {
    let libvirt = &mut stage.world.hosts[0].libvirt;
    libvirt.kill().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let begun = Instant::now();
    libvirt.restart().await.expect("it starts again");
    let answers = Instant::now();
    let correct = stage.correct(begun).await;
    let libvirt = &stage.world.hosts[0].libvirt;
    libvirt
        .virsh(&["start", &stage.names[0]])
        .await
        .expect("it starts");
    stage
        .seen
        .state(&stage.machines[0], VmState::Running, answers)
        .await;
    correct.saturating_duration_since(answers).as_secs_f64()
}
