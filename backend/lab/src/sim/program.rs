//! The program `archipel-fleet-sim`.

mod arguments;
mod texts;

use std::future::pending;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Parser as _;
use tokio::time::sleep;

use super::{Figures, Observer, Scenario, Simulation};
use crate::interrupts::Interrupts;
use crate::profile::ProfileFile;
use crate::{Patience, Scratch};

use arguments::Arguments;
use texts::{Note, say};

/// Agents come up by the hundred a second; a server with stock limits or a busy machine takes longer.
const ONLINE: Patience = Patience::seconds(600);

/// How long the operator may take to see everything once nothing happens any more.
const SETTLED: Patience = Patience::seconds(120);

/// Longer than any simulation.
const FOR_EVER: Duration = Duration::from_hours(24 * 365);

/// Runs the program with the arguments of this process.
///
/// # Errors
///
/// When a part does not start, or the operator's belief is not the truth in the end.
pub fn run() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.scenarios {
        return texts::list_scenarios();
    }
    let scenario = arguments.scenario()?;
    super::runtime()?.block_on(live(&arguments, &scenario))
}

async fn live(arguments: &Arguments, scenario: &Scenario) -> Result<()> {
    let mut interrupts = Interrupts::listen()?;
    let begun = tokio::select! {
        biased;
        () = interrupts.next() => return Ok(()),
        begun = Show::begin(arguments, scenario) => begun,
    };
    let mut show = begun?;
    let outcome = tokio::select! {
        biased;
        () = interrupts.next() => Ok(()),
        outcome = show.go_on(arguments, scenario) => outcome,
    };
    say(&Note::Stopping);
    show.end().await;
    outcome
}

/// Everything that runs. Its profile goes first: nobody shall connect to a bus that is being stopped.
struct Show {
    profile: Option<(ProfileFile, Scratch)>,
    operator: Option<Observer>,
    sim: Simulation,
}

impl Show {
    async fn begin(arguments: &Arguments, scenario: &Scenario) -> Result<Show> {
        let before = Figures::now();
        say(&Note::Starting {
            size: arguments.size,
            seed: arguments.seed,
            bus: arguments.bus_name(),
        });
        let begun = Instant::now();
        let sim = Simulation::start(arguments.options(scenario)?).await?;
        sim.online(ONLINE).await?;
        say(&Note::Online {
            agents: arguments.size.hosts,
            took: begun.elapsed(),
            each: Figures::now().each_since(before, arguments.size.hosts),
        });
        let mut show = Show {
            profile: None,
            operator: None,
            sim,
        };
        show.offer_profile(arguments)?;
        if arguments.check {
            show.look_on().await?;
        }
        Ok(show)
    }

    /// Only a private bus has an account whose password is known.
    fn offer_profile(&mut self, arguments: &Arguments) -> Result<()> {
        let Some(access) = self.sim.operator() else {
            return Ok(());
        };
        let file = ProfileFile::reserve(arguments.profile.as_str())?;
        let folder = Scratch::new()?;
        file.write(&access.profile("`archipel-fleet-sim`", &folder, &self.sim.groups())?)?;
        self.profile = Some((file, folder));
        texts::announce_ready(arguments.size.all_machines(), &arguments.profile);
        Ok(())
    }

    async fn look_on(&mut self) -> Result<()> {
        let mut operator = self.sim.observer()?;
        let took = self.sim.seen_by(&mut operator, ONLINE).await?;
        let counts = operator.fleet().counts();
        say(&Note::InSync {
            hosts: counts.hypervisors_online,
            machines: counts.machines,
            took,
        });
        self.operator = Some(operator);
        Ok(())
    }

    async fn go_on(&mut self, arguments: &Arguments, scenario: &Scenario) -> Result<()> {
        self.play_on(arguments, scenario).await?;
        let Some(operator) = &mut self.operator else {
            return Ok(());
        };
        // What happened last may still be on its way.
        let settled = self.sim.seen_by(operator, SETTLED).await;
        say(&Note::Compared(self.sim.compare(operator.fleet())));
        if settled.is_err() {
            bail!("the operator does not see the fleet as it is");
        }
        Ok(())
    }

    /// Plays as often, or for as long, as is wanted.
    async fn play_on(&mut self, arguments: &Arguments, scenario: &Scenario) -> Result<()> {
        let (sim, operator) = (&mut self.sim, &mut self.operator);
        let play = async {
            for _ in 0..arguments.times.unwrap_or(u32::MAX) {
                let played = sim
                    .play(scenario, |phase| say(&Note::Phase(phase.name.clone())))
                    .await?;
                say(&Note::Played(played));
            }
            Ok(())
        };
        let attend = async {
            match operator {
                Some(operator) => operator.attend().await,
                None => pending().await,
            }
        };
        tokio::select! {
            played = play => played,
            ended = attend => ended,
            () = sleep(arguments.lasting().unwrap_or(FOR_EVER)) => Ok(()),
        }
    }

    async fn end(self) {
        drop(self.profile);
        if let Some(operator) = self.operator {
            operator.stop().await;
        }
        self.sim.stop().await;
    }
}
