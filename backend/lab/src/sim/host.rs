//! One hypervisor of the fleet: a simulated driver, a store, and the agent between driver and bus.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use archipel_agent::{
    Adopt, Agent, Clock, Deadlines, Parts, Pools, Rules, Status, Store, VmSessions,
    logging::LogTail,
};
use archipel_hypervisor::{
    SimulatedDriver,
    simulated::{self, Logged, Setup},
};
use archipel_protocol::{BareJid, HypervisorId, VmId};
use tokio::sync::watch;
use tokio::time::timeout;

use super::{HostPlan, bus::FleetBus};
use crate::Patience;

/// What all hosts of a fleet share.
#[derive(Debug, Clone)]
pub(crate) struct Common {
    pub(crate) seed: u64,
    pub(crate) pools: Pools,
    pub(crate) vm_sessions: VmSessions,
    pub(crate) state: PathBuf,
}

/// A hypervisor.
#[derive(Debug)]
pub struct SimHost {
    name: String,
    site: String,
    account: BareJid,
    /// A proxy before the server.
    way: Option<SocketAddr>,
    driver: Arc<SimulatedDriver>,
    common: Common,
    /// Put into the store before the first start.
    tags: Vec<(Option<VmId>, Vec<String>)>,
    /// `None` while it is being upgraded, and after the end.
    agent: Option<Agent>,
    status: watch::Receiver<Status>,
}

impl SimHost {
    /// Builds the host; its agent is started by [`SimHost::start`].
    pub(crate) fn build(
        plan: &HostPlan,
        bus: &FleetBus,
        common: Common,
        clock: simulated::Clock,
    ) -> Result<SimHost> {
        let domains = plan.machines.iter().map(|machine| machine.domain.clone());
        let driver = SimulatedDriver::with(Setup {
            domains: domains.collect(),
            seed: common.seed,
            clock,
            node: plan.node.clone(),
            logged: Logged::Changes,
            ..Setup::default()
        });
        Ok(SimHost {
            name: plan.name.clone(),
            site: plan.site.clone(),
            account: bus.account(&plan.name)?,
            way: None,
            driver: Arc::new(driver),
            common,
            agent: None,
            tags: tags(plan),
            status: watch::channel(Status::Starting).1,
        })
    }

    /// The account's name, and the host's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it stands: the operator's roster group.
    pub fn site(&self) -> &str {
        &self.site
    }

    /// The hypervisor as operators know it.
    pub fn id(&self) -> HypervisorId {
        HypervisorId::from(self.account.clone())
    }

    /// What the agent works on: the truth about the machines, and the log of all calls.
    pub fn driver(&self) -> &Arc<SimulatedDriver> {
        &self.driver
    }

    /// How its agent says things stand.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Whether its agent is on the bus.
    pub fn is_online(&self) -> bool {
        matches!(*self.status.borrow(), Status::Online { .. })
    }

    /// The folder of the agent's store.
    pub fn state_folder(&self) -> PathBuf {
        self.common.state.join(&self.name)
    }

    /// Starts the agent on its store; the one of an earlier life if there is one.
    pub(crate) async fn start(&mut self, bus: &FleetBus) -> Result<()> {
        let store = open_store(&self.state_folder()).await?;
        store.set_tags(std::mem::take(&mut self.tags)).await?;
        let agent = Agent::start(Parts {
            account: self.account.clone(),
            credentials: bus.login().clone(),
            hostname: self.name.clone(),
            bus: bus.of_agent(self.way),
            rules: Rules {
                admins: bus.operators().to_vec(),
                adopt: Adopt::Manage,
                ..Rules::default()
            },
            vm_sessions: self.common.vm_sessions,
            driver: self.driver.clone(),
            store,
            pools: self.common.pools.clone(),
            deadlines: Deadlines::default(),
            clock: Clock::system(),
            log: LogTail::default(),
        });
        self.status = agent.status();
        self.agent = Some(agent);
        Ok(())
    }

    /// Ends the agent in an orderly way. The machines run on.
    pub(crate) async fn stop(&mut self) {
        if let Some(agent) = self.agent.take() {
            agent.stop().await;
        }
    }
}

impl SimHost {
    /// Its connections go through a proxy from the next start on.
    pub(crate) fn set_way(&mut self, way: SocketAddr) {
        self.way = Some(way);
    }

    /// Waits until its agent is on the bus.
    pub(crate) async fn online(&self, patience: Patience) -> Result<()> {
        let mut status = self.status.clone();
        let online = status.wait_for(|status| matches!(status, Status::Online { .. }));
        let came = timeout(patience.0, online).await;
        let here = came.is_ok_and(|online| online.is_ok());
        ensure!(
            here,
            "the agent of {} is not on the bus: {:?}",
            self.name,
            self.status()
        );
        Ok(())
    }
}

/// What the first life of its agent finds in its store.
fn tags(plan: &HostPlan) -> Vec<(Option<VmId>, Vec<String>)> {
    let machines = plan.machines.iter();
    let tags = machines.map(|machine| (Some(machine.domain.id), machine.tags.clone()));
    tags.collect()
}

/// Opening waits for the disk.
async fn open_store(folder: &Path) -> Result<Store> {
    let path = folder.to_owned();
    let opened = tokio::task::spawn_blocking(move || Store::open(&path)).await?;
    opened.with_context(|| format!("no store for an agent in `{}`", folder.display()))
}
