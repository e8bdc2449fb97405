//! The program `archipel-fleet-sim`.

mod arguments;
mod texts;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Parser as _;
use tokio::time::sleep;

use super::{Figures, Observer, Simulation};
use crate::interrupts::Interrupts;
use crate::profile::ProfileFile;
use crate::{Patience, Scratch};

use arguments::Arguments;
use texts::{Note, say};

/// Agents come up by the hundred a second; a server with stock limits or a busy machine takes longer.
const ONLINE: Patience = Patience::seconds(600);

/// How long the operator may take to see everything once nothing happens any more.
const SETTLED: Patience = Patience::seconds(120);

/// Runs the program with the arguments of this process.
///
/// # Errors
///
/// When a part does not start, or the operator's belief is not the truth in the end.
pub fn run() -> Result<()> {
    let arguments = Arguments::parse();
    super::runtime()?.block_on(live(&arguments))
}

async fn live(arguments: &Arguments) -> Result<()> {
    let mut interrupts = Interrupts::listen()?;
    let outcome = tokio::select! {
        biased;
        () = interrupts.next() => return Ok(()),
        begun = Show::begin(arguments) => begun,
    };
    let mut show = outcome?;
    let outcome = tokio::select! {
        biased;
        () = interrupts.next() => Ok(()),
        outcome = show.go_on(arguments) => outcome,
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
    async fn begin(arguments: &Arguments) -> Result<Show> {
        let before = Figures::now();
        say(&Note::Starting {
            size: arguments.size,
            seed: arguments.seed,
            bus: arguments.bus_name(),
        });
        let begun = Instant::now();
        let sim = Simulation::start(arguments.options()?).await?;
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

    async fn go_on(&mut self, arguments: &Arguments) -> Result<()> {
        self.pass_time(arguments.lasting()).await?;
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

    /// The operator's queue is emptied meanwhile: an engine that waits for its consumer reads nothing from the bus.
    async fn pass_time(&mut self, lasting: Option<Duration>) -> Result<()> {
        let end = lasting.map(|lasting| Instant::now() + lasting);
        while end.is_none_or(|end| Instant::now() < end) {
            if let Some(operator) = &mut self.operator {
                operator.catch_up();
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    async fn end(self) {
        drop(self.profile);
        if let Some(operator) = self.operator {
            operator.stop().await;
        }
        self.sim.stop().await;
    }
}
