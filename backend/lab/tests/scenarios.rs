//! Scenarios on simulated fleets: whatever happened, in the end an operator sees what is there, and no command was lost or doubled.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::time::Duration;

use archipel_fleet::{Run, VmRef};
use archipel_hypervisor::simulated::{Call, Fault};
use archipel_lab::sim::{Observer, Options, Played, Scenario, Simulation};
use archipel_lab::{Patience, ServerKind, missing, skip};
use archipel_protocol::VmState;

/// For what takes seconds on a quiet machine.
const PATIENCE: Patience = Patience::seconds(180);

/// A fleet and its operator, in sync.
struct Stage {
    sim: Simulation,
    operator: Observer,
}

impl Stage {
    /// `None`, said so, where the server is not installed.
    async fn set(kind: ServerKind, size: &str, scenario: &Scenario) -> Option<Stage> {
        if let Some(reason) = missing(kind.programs()) {
            skip("a scenario", &reason);
            return None;
        }
        let options = Options::new(size.parse().unwrap())
            .on(kind)
            .scenario(scenario);
        let sim = Simulation::start(options).await.unwrap();
        sim.online(PATIENCE).await.unwrap();
        let mut operator = sim.observer().unwrap();
        sim.seen_by(&mut operator, PATIENCE).await.unwrap();
        Some(Stage { sim, operator })
    }

    async fn play(&mut self, scenario: &Scenario) -> Played {
        tokio::select! {
            played = self.sim.play(scenario, |_| ()) => played.unwrap(),
            ended = self.operator.attend() => panic!("{ended:?}"),
        }
    }

    async fn agree(&mut self) {
        self.sim
            .seen_by(&mut self.operator, PATIENCE)
            .await
            .unwrap();
    }

    async fn end(self) {
        self.operator.stop().await;
        self.sim.stop().await;
    }
}

/// A scenario of one's own: those that are shipped are made to be watched and take their time.
fn scenario(phases: &str) -> Scenario {
    Scenario::parse(Path::new("test"), &format!("summary = 'a test'\n{phases}")).unwrap()
}

#[tokio::test]
async fn after_a_storm_the_operator_sees_what_is_there() {
    let storm = scenario(
        "[[phase]]\nname = 'storm'\nlasts = '8s'\n\
         events = { boots = 120, stops = 60, crashes = 40, pauses = 40, migrations = 20 }",
    );
    let Some(mut stage) = Stage::set(ServerKind::Prosody, "20x20", &storm).await else {
        return;
    };
    let played = stage.play(&storm).await;
    assert!(played.events > 100, "{played:?}");
    stage.agree().await;
    stage.end().await;
}

#[tokio::test]
async fn after_a_partition_the_operator_sees_what_is_there() {
    let partition = scenario(
        "[[phase]]\nname = 'swallowed'\nlasts = '4s'\nevents = { boots = 60, stops = 60 }\n\
         line = { sites = 0.5, passage = 'blackhole' }\n\
         [[phase]]\nname = 'cut'\nlasts = '4s'\nevents = { boots = 60, stops = 60 }\n\
         line = { sites = 0.5, passage = 'cut' }",
    );
    let Some(mut stage) = Stage::set(ServerKind::Ejabberd, "50x5", &partition).await else {
        return;
    };
    let played = stage.play(&partition).await;
    assert!(played.events > 10, "{played:?}");
    stage.agree().await;
    stage.end().await;
}

#[tokio::test]
async fn agents_are_upgraded_under_way_and_a_stranger_changes_nothing() {
    let both = scenario(
        "[[phase]]\nname = 'upgrade'\nlasts = '1s'\nevents = { boots = 20, stops = 20 }\n\
         agents = { restart_at_a_time = 4 }\nhostile = { stanzas_per_second = 100 }",
    );
    let Some(mut stage) = Stage::set(ServerKind::Prosody, "8x10", &both).await else {
        return;
    };
    let played = stage.play(&both).await;
    assert_eq!(played.upgraded, 8);
    assert!(played.attacks > 0, "{played:?}");
    stage.agree().await;
    let audit = stage.sim.audit(&[]);
    assert!(audit.is_clean(), "{audit}");
    stage.end().await;
}

/// All machines that are off are started while the server is killed and comes back: each command has a result, and the drivers' logs
/// say that each was carried out once or not at all, as the operator was told.
async fn commands_outlive_a_server(kind: ServerKind) {
    let outage =
        scenario("[[phase]]\nname = 'gone'\nlasts = '1s'\nserver = { end = 'kill', away = '1s' }");
    let Some(mut stage) = Stage::set(kind, "10x40", &outage).await else {
        return;
    };
    let targets: Vec<VmRef> = {
        let fleet = stage.operator.fleet();
        let off = fleet.vms().filter(|vm| vm.state == VmState::Off);
        off.map(|vm| vm.at.clone()).collect()
    };
    assert!(targets.len() > 40, "{}", targets.len());
    for host in stage.sim.hosts() {
        // Slow enough that the server goes while commands are on their way.
        let slow = Fault::delay(Duration::from_millis(200));
        host.driver().inject(slow.on(Call::changes));
    }
    let (sim, operator) = (&mut stage.sim, &mut stage.operator);
    let act = operator.act("vm.start", &targets, Patience::seconds(400));
    let (played, run) = tokio::join!(sim.play(&outage, |_| ()), act);
    played.unwrap();
    let run: Run = run.unwrap();
    let audit = stage.sim.audit(std::slice::from_ref(&run));
    assert!(audit.is_clean(), "{audit}");
    assert_eq!(audit.done + audit.failed, targets.len(), "{audit}");
    stage.agree().await;
    stage.end().await;
}

#[tokio::test]
async fn commands_during_a_restart_of_prosody_are_done_once() {
    commands_outlive_a_server(ServerKind::Prosody).await;
}

#[tokio::test]
async fn commands_during_a_restart_of_ejabberd_are_done_once() {
    commands_outlive_a_server(ServerKind::Ejabberd).await;
}
