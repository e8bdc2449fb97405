//! The demo with a simulated fleet in place of libvirt daemons: `make demo FLEET=100x40`.

use anyhow::{Context as _, Result};

use super::programs::{self, Operator};
use super::texts::{Note, say};
use super::{PROFILE, screen, sync, texts};
use crate::interrupts::Interrupts;
use crate::profile::ProfileFile;
use crate::sim::{BusChoice, FleetSize, Options, Scenario, Simulation};
use crate::{Patience, Profile, Scratch, ServerKind};

/// Agents come up by the hundred a second; a busy machine takes longer.
const ONLINE: Patience = Patience::seconds(300);

/// A simulated fleet to look at.
#[derive(Debug, Clone)]
pub struct Training {
    size: FleetSize,
    scenario: Scenario,
    headless: bool,
}

impl Training {
    /// Reads `FLEET`, `SCENARIO` and `HEADLESS`; `None` where no fleet is asked for.
    ///
    /// # Errors
    ///
    /// When one of them is not sound.
    pub fn from_environment() -> Result<Option<Training>> {
        let variable = |name| std::env::var(name).unwrap_or_default();
        let size = variable("FLEET");
        if size.is_empty() {
            return Ok(None);
        }
        let scenario = match variable("SCENARIO") {
            none if none.is_empty() => "steady".to_owned(),
            word => word,
        };
        Ok(Some(Training {
            size: size.parse().context("FLEET")?,
            scenario: Scenario::find(&scenario).context("SCENARIO")?,
            headless: super::is_set("HEADLESS"),
        }))
    }
}

/// Everything that was started. The profile goes first: nobody shall connect to a bus that is being stopped.
struct Class {
    profile: ProfileFile,
    _folder: Scratch,
    operator: Operator,
    sim: Simulation,
}

/// Runs the demo until the screen is left or a signal comes, and stops all it started.
///
/// # Errors
///
/// When something is not installed or built, or a part does not start; the text says what next.
pub async fn train(training: Training) -> Result<()> {
    let mut interrupts = Interrupts::listen()?;
    let started = tokio::select! {
        biased;
        () = interrupts.next() => return Ok(()),
        started = Class::start(&training) => started,
    };
    let mut class = started.context("the demo did not start")?;
    let outcome = class.live(&training, &mut interrupts).await;
    say(&Note::Stopping);
    class.stop().await;
    outcome
}

impl Class {
    async fn start(training: &Training) -> Result<Class> {
        screen::refuse_without_terminal(training.headless)?;
        let operator = programs::operator()?;
        let profile = ProfileFile::reserve(PROFILE)?;
        say(&Note::Simulating(training.size));
        let bus = BusChoice::Private {
            kind: ServerKind::Prosody,
            profile: Profile::Fleet,
        };
        let options = Options::new(training.size)
            .bus(bus)
            .scenario(&training.scenario);
        let sim = Simulation::start(options).await?;
        sim.online(ONLINE).await?;
        let folder = Scratch::new()?;
        let access = sim.operator().context("a bus without an operator")?;
        profile.write(&access.profile("`make demo`", &folder, &sim.groups())?)?;
        Ok(Class {
            profile,
            _folder: folder,
            operator,
            sim,
        })
    }

    /// The scenario goes on and on beside the screen, or beside nothing.
    async fn live(&mut self, training: &Training, interrupts: &mut Interrupts) -> Result<()> {
        let (sim, operator) = (&mut self.sim, &self.operator);
        let shown = async {
            if !training.headless {
                return screen::run(operator, interrupts).await;
            }
            let expected = training.size.all_machines();
            tokio::select! {
                biased;
                () = interrupts.next() => return Ok(()),
                synced = sync::wait(operator, expected, &mut []) => synced?,
            }
            texts::announce_ready(expected);
            interrupts.next().await;
            Ok(())
        };
        tokio::select! {
            shown = shown => shown,
            played = play_on(sim, &training.scenario) => played,
        }
    }

    async fn stop(self) {
        drop(self.profile);
        self.sim.stop().await;
    }
}

async fn play_on(sim: &mut Simulation, scenario: &Scenario) -> Result<()> {
    loop {
        sim.play(scenario, |_| ()).await?;
    }
}
