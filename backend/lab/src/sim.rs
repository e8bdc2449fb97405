//! A simulated fleet: thousands of real agents in one process, each on a simulated hypervisor, against a real bus.
//!
//! Everything is the product but the machines: agents, their stores, the bus, an operator that looks on. What exists and what
//! happens follows from a seed; the drivers' own state and their logs of calls are the truth that an operator's belief is held
//! against.
//!
//! ```no_run
//! use archipel_lab::{Patience, ServerKind, sim::{Options, Simulation}};
//!
//! # async fn example() -> anyhow::Result<()> {
//! let sim = Simulation::start(Options::new("50x20".parse()?).on(ServerKind::Prosody)).await?;
//! sim.online(Patience::seconds(60)).await?;
//! let mut operator = sim.observer()?;
//! sim.seen_by(&mut operator, Patience::seconds(60)).await?;
//! println!("{}", sim.compare(operator.fleet()));
//! operator.stop().await;
//! sim.stop().await;
//! # Ok(())
//! # }
//! ```

mod attack;
mod audit;
mod blueprint;
mod bus;
mod check;
mod descriptors;
mod figures;
mod host;
mod observer;
mod options;
mod play;
pub mod program;
pub mod scenario;
mod script;
mod seed;
mod size;
mod span;
mod stage;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use archipel_agent::{Pools, Status, VmSessions};
use archipel_fleet::{Fleet, Run};
use archipel_hypervisor::simulated::Clock;
use futures::StreamExt as _;
use tokio::task::JoinSet;

pub use audit::{Audit, Finding};
pub use blueprint::{Blueprint, HostPlan, MachinePlan};
pub use bus::{Access, BusChoice, ExistingBus};
pub use check::{Comparison, Difference};
pub use descriptors::PER_AGENT as DESCRIPTORS_PER_AGENT;
pub use figures::Figures;
pub use host::SimHost;
pub use observer::Observer;
pub use options::Options;
pub use play::Played;
pub use scenario::{Phase, Rates, Scenario, ScenarioError};
pub use script::{Happening, HostNumber, Script, What};
pub use size::{FleetSize, InvalidSize};
pub use span::{InvalidSpan, Span};

use bus::FleetBus;
use host::Common;
use play::Theatre;

use crate::{Patience, Proxy, Scratch, XmppServer, until};

/// Stores opened at a time: more only wait for the same disk.
const OPENING: usize = 8;

/// Threads that block for stores and drivers, of all agents together.
const BLOCKING: usize = 32;

/// How many whole days the simulated hosts have been up when they begin.
const PAST: Duration = Duration::from_hours(24 * 20);

const SECONDS_OF_A_DAY: u64 = 86_400;

/// A running fleet. Dropping it ends all.
#[derive(Debug)]
pub struct Simulation {
    hosts: Vec<SimHost>,
    /// A proxy per site, where there are any.
    lines: Vec<(String, Proxy)>,
    bus: FleetBus,
    blueprint: Blueprint,
    /// `None` while a scenario's phase is played.
    theatre: Option<Theatre>,
    /// Last: everything above lives in it.
    _state: Option<Scratch>,
}

/// A runtime for thousands of agents: they share few threads for what blocks.
///
/// # Errors
///
/// When the system gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()
        .context("no threads for the simulation")
}

impl Simulation {
    /// Starts the bus if it is to be private, and all agents; [`Simulation::online`] waits for them. Must be called inside a
    /// tokio runtime.
    ///
    /// # Errors
    ///
    /// When the system grants too few file descriptors, the server does not start, or a store cannot be made.
    pub async fn start(options: Options) -> Result<Simulation> {
        descriptors::make_room(options.needs())?;
        let blueprint = Blueprint::new(options.size, options.seed);
        let bus = FleetBus::open(&options, &blueprint).await?;
        let scratch = options.state.is_none().then(Scratch::new).transpose()?;
        let own = scratch.as_ref().map(|scratch| scratch.path().to_owned());
        let common = Common {
            seed: options.seed,
            pools: Pools::new(BLOCKING / 4, BLOCKING / 4),
            vm_sessions: if options.vm_sessions {
                VmSessions::All
            } else {
                VmSessions::None
            },
            state: options.state.or(own).context("no folder for the stores")?,
        };
        let clock = clock();
        let build = |plan| SimHost::build(plan, &bus, common.clone(), clock.clone());
        let hosts: Result<Vec<SimHost>> = blueprint.hosts.iter().map(build).collect();
        let hosts = hosts?;
        let mut sim = Simulation {
            theatre: Some(Theatre::new(&blueprint, options.seed, &hosts)),
            hosts,
            lines: Vec::new(),
            bus,
            blueprint,
            _state: scratch,
        };
        if options.lines {
            sim.lay_lines().await?;
        }
        sim.start_agents().await?;
        Ok(sim)
    }

    /// A proxy per site, for the site's agents.
    async fn lay_lines(&mut self) -> Result<()> {
        let server = self.bus.address()?;
        for site in self.groups() {
            let proxy = Proxy::before(server).await?;
            let here = self.hosts.iter_mut().filter(|host| host.site() == site);
            here.for_each(|host| host.set_way(proxy.address()));
            self.lines.push((site, proxy));
        }
        Ok(())
    }

    async fn start_agents(&mut self) -> Result<()> {
        let starts = self.hosts.iter_mut().map(|host| host.start(&self.bus));
        let mut starts = futures::stream::iter(starts).buffer_unordered(OPENING);
        while let Some(started) = starts.next().await {
            started?;
        }
        Ok(())
    }

    /// Waits until all agents are on the bus; how long that took from now.
    ///
    /// # Errors
    ///
    /// When patience ends; the text says how many are, and what one of the others says.
    pub async fn online(&self, patience: Patience) -> Result<Duration> {
        let begun = Instant::now();
        let all = until("all agents to be on the bus", patience, async || {
            self.hosts.iter().all(SimHost::is_online).then_some(())
        });
        all.await.with_context(|| self.absentees())?;
        Ok(begun.elapsed())
    }

    fn absentees(&self) -> String {
        let online = self.hosts.iter().filter(|host| host.is_online()).count();
        let one = self.hosts.iter().find(|host| !host.is_online());
        let says = one.map_or_else(String::new, |host| match host.status() {
            Status::Offline { reason } => format!("; {} says: {reason}", host.name()),
            status => format!("; {} is {status:?}", host.name()),
        });
        format!(
            "{online} of {} agents are on the bus{says}",
            self.hosts.len()
        )
    }

    /// What the fleet consisted of in the beginning.
    pub fn blueprint(&self) -> &Blueprint {
        &self.blueprint
    }

    /// All hypervisors, in the order of their names.
    pub fn hosts(&self) -> &[SimHost] {
        &self.hosts
    }

    /// The private server: to stop, kill and restart it.
    pub fn server(&mut self) -> Option<&mut XmppServer> {
        self.bus.server()
    }

    /// The operator's account on a private server.
    pub fn operator(&self) -> Option<Access> {
        self.bus.operator()
    }

    /// An account without any rights on a private server.
    pub fn stranger(&self) -> Option<Access> {
        self.bus.stranger()
    }

    /// The operator's roster groups, one per site.
    pub fn groups(&self) -> Vec<String> {
        self.blueprint
            .sites()
            .into_iter()
            .map(|(site, _)| site)
            .collect()
    }

    /// An operator that logs in to a private server and watches the whole fleet.
    ///
    /// # Errors
    ///
    /// When the bus is not private, or the operator's folder cannot be made.
    pub fn observer(&self) -> Result<Observer> {
        let access = self.operator().context(
            "only a private bus has an operator's account of which the password is known",
        )?;
        Observer::start(access, &self.groups())
    }

    /// The line of a site, where the fleet was started with lines ([`Options::lines`]).
    pub fn line(&self, site: &str) -> Option<&Proxy> {
        let found = self.lines.iter().find(|(name, _)| name == site);
        found.map(|(_, proxy)| proxy)
    }

    /// What operators were told of these runs beside what the drivers were asked since the beginning. The runs must be all there
    /// were.
    pub fn audit(&self, runs: &[Run]) -> Audit {
        Audit::of(&self.hosts, runs)
    }

    /// The truth beside what an operator believes.
    pub fn compare(&self, fleet: &Fleet) -> Comparison {
        Comparison::of(self.hosts.iter(), fleet)
    }

    /// Waits until the operator sees exactly what is there; how long that took from now.
    ///
    /// # Errors
    ///
    /// When patience ends; the text lists what differs.
    pub async fn seen_by(&self, operator: &mut Observer, patience: Patience) -> Result<Duration> {
        let begun = Instant::now();
        let seen = operator.until("the operator to see the fleet", patience, |fleet| {
            self.compare(fleet).agrees()
        });
        let seen = seen.await;
        seen.with_context(|| self.compare(operator.fleet()).to_string())?;
        Ok(begun.elapsed())
    }

    /// Ends the agent of the host with this number and starts the next on the same store, as an upgrade does. The machines run
    /// on.
    ///
    /// # Errors
    ///
    /// When there is no such host or its store does not open.
    pub async fn restart_agent(&mut self, number: usize) -> Result<()> {
        let host = self
            .hosts
            .get_mut(number)
            .with_context(|| format!("there is no host number {number}"))?;
        host.stop().await;
        host.start(&self.bus).await
    }

    /// Ends all agents in an orderly way, then the private server.
    pub async fn stop(self) {
        let mut ends = JoinSet::new();
        for mut host in self.hosts {
            ends.spawn(async move { host.stop().await });
        }
        ends.join_all().await;
        self.bus.stop().await;
    }
}

/// Runs from a past on, in step with the real time: by day there is more load than by night.
fn clock() -> Clock {
    let begun = Instant::now();
    let epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    let today = Duration::from_secs(epoch.unwrap_or_default().as_secs() % SECONDS_OF_A_DAY);
    Arc::new(move || PAST + today + begun.elapsed())
}
