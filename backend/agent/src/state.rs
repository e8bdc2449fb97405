//! What the agent knows about its host. One task owns it; modules read it.

use archipel_hypervisor::Node;
use archipel_protocol::{BareJid, FullJid, VmId, feed::HostRow, presence::HypervisorStatus};

use crate::{
    access::Access, clock::Clock, eventlog::EventLog, health::Health, logging::LogTail,
    machines::Machines,
};

/// The version of this agent.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Who this agent is on the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The hypervisor's account.
    pub(crate) account: BareJid,
    /// Its full address, as wished until the server has bound it.
    pub(crate) full: FullJid,
    /// The account's name part: the resource of all machines.
    pub(crate) node: String,
}

impl Identity {
    /// The account of a machine.
    pub(crate) fn machine(&self, id: VmId) -> Option<BareJid> {
        BareJid::new(&format!("{id}@{}", self.account.domain())).ok()
    }

    /// The full address of a machine.
    pub(crate) fn machine_full(&self, id: VmId) -> Option<FullJid> {
        self.machine(id)?.with_resource_str(&self.node).ok()
    }
}

/// What is known about the host.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) identity: Identity,
    /// What the host is.
    pub(crate) node: Node,
    /// Why libvirt is out of reach; `None` while all is well.
    pub(crate) outage: Option<String>,
    pub(crate) machines: Machines,
    pub(crate) health: Health,
    pub(crate) events: EventLog,
    pub(crate) access: Access,
    pub(crate) clock: Clock,
    pub(crate) log: LogTail,
}

impl State {
    /// What the hypervisor says of itself.
    pub(crate) fn status(&self) -> HypervisorStatus {
        if self.outage.is_some() {
            return HypervisorStatus::LibvirtLost;
        }
        HypervisorStatus::Online {
            machines: self.machines.managed(),
            hardware_virtualisation: self.node.hardware_virtualisation,
        }
    }

    /// The hypervisor's row in the feed, for `who`.
    pub(crate) fn host_row(&self, who: &BareJid) -> HostRow {
        let node = &self.node;
        HostRow {
            name: self.identity.node.clone(),
            driver: node.driver.clone(),
            driver_version: node.driver_version,
            libvirt_version: node.libvirt_version,
            agent_version: VERSION.to_owned(),
            cpus: node.cpus,
            mhz: node.mhz,
            model: node.model.clone(),
            memory_kib: node.memory_kib,
            libvirt_lost: self.outage.clone(),
            rights: self.access.rights(who),
        }
    }

    /// A machine's name for people, or its id.
    pub(crate) fn name(&self, id: VmId) -> String {
        let known = self.machines.get(id);
        known.map_or_else(|| id.to_string(), |machine| machine.name.clone())
    }
}
