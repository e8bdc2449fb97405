//! Plays scenarios on a fleet.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::time::{Instant, sleep, sleep_until};

use super::attack::Attack;
use super::scenario::{BadLine, End, Hostile, Outage, Phase, Rates, Scenario, Upgrade};
use super::script::Script;
use super::stage::Stage;
use super::{Blueprint, SimHost, Simulation};
use crate::{Line, Patience};

/// How long a group of upgraded agents may take to be back.
const BACK: Patience = Patience::seconds(180);

/// What was brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Played {
    /// Events of machines.
    pub events: u64,
    /// Events that could not happen, because an operator had changed what the machine does.
    pub left_out: u64,
    /// Agents ended and started again.
    pub upgraded: usize,
    /// Stanzas that the hostile account sent.
    pub attacks: u64,
}

/// The events of machines by themselves, and where they happen.
#[derive(Debug)]
pub(crate) struct Theatre {
    script: Script,
    stage: Stage,
    /// The scenarios' time, not the clock's: a phase that takes longer than it should does not change what follows.
    time: Duration,
}

impl Theatre {
    pub(crate) fn new(fleet: &Blueprint, seed: u64, hosts: &[SimHost]) -> Theatre {
        Theatre {
            script: Script::new(fleet, seed),
            stage: Stage::new(hosts.iter().map(|host| host.driver().clone())),
            time: Duration::ZERO,
        }
    }

    /// Lets happen what happens within one phase; how much did and did not.
    async fn phase(&mut self, rates: Rates, lasts: Duration) -> (u64, u64) {
        let (begun, start) = (Instant::now(), self.time);
        let (mut done, mut left_out) = (0, 0);
        self.time += lasts;
        self.script.set_rates(rates, start);
        while let Some(happening) = self.script.next_before(self.time) {
            sleep_until(begun + happening.at.saturating_sub(start)).await;
            if self.stage.act(happening) {
                done += 1;
            } else {
                left_out += 1;
            }
        }
        sleep_until(begun + lasts).await;
        (done, left_out)
    }
}

impl Simulation {
    /// Plays a scenario from its first phase to its last; `tell` hears of each phase as it begins. Lines are good again afterwards.
    ///
    /// # Errors
    ///
    /// When the fleet was not started for it ([`super::Options::scenario`]), the server does not come back, or an agent does not.
    pub async fn play(
        &mut self,
        scenario: &Scenario,
        mut tell: impl FnMut(&Phase),
    ) -> Result<Played> {
        ensure!(
            !scenario.needs_lines() || !self.lines.is_empty(),
            "the fleet was started without proxies, which this scenario needs"
        );
        ensure!(
            !scenario.needs_own_server() || self.operator().is_some(),
            "this scenario stops the server or attacks on it: it is played on a private server only"
        );
        let mut played = Played::default();
        for phase in &scenario.phases {
            tell(phase);
            let happened = self.phase(phase).await;
            happened
                .with_context(|| format!("phase `{}`", phase.name))
                .map(|more| played.add(more))?;
        }
        self.set_lines(None);
        Ok(played)
    }

    async fn phase(&mut self, phase: &Phase) -> Result<Played> {
        self.set_lines(Some(phase));
        let attack = phase
            .hostile
            .map(|hostile| self.attack(hostile))
            .transpose()?;
        let mut theatre = self
            .theatre
            .take()
            .context("a fleet plays one scenario at a time")?;
        let (happened, upgraded) = tokio::join!(
            theatre.phase(phase.events, phase.lasts.into()),
            self.deeds(phase)
        );
        self.theatre = Some(theatre);
        let attacks = match attack {
            Some(attack) => attack.stop().await,
            None => 0,
        };
        Ok(Played {
            events: happened.0,
            left_out: happened.1,
            upgraded: upgraded?,
            attacks,
        })
    }

    /// What is done to server and agents.
    async fn deeds(&mut self, phase: &Phase) -> Result<usize> {
        if let Some(outage) = phase.server {
            self.outage(outage).await?;
        }
        match phase.agents {
            Some(upgrade) => self.upgrade(upgrade).await,
            None => Ok(0),
        }
    }

    async fn outage(&mut self, outage: Outage) -> Result<()> {
        let server = self
            .server()
            .context("the server is not the simulation's")?;
        match outage.end {
            End::Stop => server.stop().await,
            End::Kill => server.kill().await,
        }
        sleep(outage.away.into()).await;
        server.restart().await
    }

    async fn upgrade(&mut self, upgrade: Upgrade) -> Result<usize> {
        let bus = &self.bus;
        for group in self.hosts.chunks_mut(upgrade.restart_at_a_time.into()) {
            let restarts = group.iter_mut().map(async |host| {
                host.stop().await;
                host.start(bus).await?;
                host.online(BACK).await
            });
            futures::future::try_join_all(restarts).await?;
        }
        Ok(self.hosts.len())
    }

    fn attack(&self, hostile: Hostile) -> Result<Attack> {
        let access = self
            .stranger()
            .context("only a private bus has a hostile account")?;
        let operators = self.bus.operators().to_vec();
        Ok(Attack::start(
            access,
            &self.hosts,
            operators,
            hostile.stanzas_per_second,
        ))
    }

    /// Brings the lines into the state of a phase; good ones where it says nothing.
    fn set_lines(&self, phase: Option<&Phase>) {
        let bad = phase.and_then(|phase| phase.line);
        let share = bad.map_or(0.0, |bad| bad.sites);
        for (number, (_, proxy)) in self.lines.iter().enumerate() {
            let line = bad.filter(|_| is_within(number, share, self.lines.len()));
            let line = line.map_or_else(Line::default, BadLine::line);
            if proxy.line() != line {
                proxy.set(line);
            }
        }
    }
}

/// Whether the item with this number is in the first `share` of so many; the first one always is.
#[expect(
    clippy::cast_precision_loss,
    reason = "a fleet has at most hundreds of sites"
)]
fn is_within(number: usize, share: f64, all: usize) -> bool {
    share > 0.0 && (number == 0 || (number as f64) < share * all as f64)
}

impl Played {
    pub(crate) fn add(&mut self, more: Played) {
        self.events += more.events;
        self.left_out += more.left_out;
        self.upgraded += more.upgraded;
        self.attacks += more.attacks;
    }
}
