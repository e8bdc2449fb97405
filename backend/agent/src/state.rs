//! What the agent knows about its host. One task owns it; modules read it.

use std::collections::BTreeSet;

use archipel_hypervisor::Node;
use archipel_protocol::{
    BareJid, FullJid, VmId, audit::Head, feed::HostRow, presence::HypervisorStatus,
};
use jiff::Timestamp;

use crate::{
    access::{Access, Subject, Target},
    clock::Clock,
    eventlog::EventLog,
    health::Health,
    logging::LogTail,
    machines::Machines,
};

/// What a watcher of the feed must hold: for the host, or for the machines that it is to see.
pub(crate) const WATCH: &str = "rostervm";
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
    /// Where machines' files lie: what definitions may reach without rights on the host.
    pub(crate) folders: Vec<String>,
    /// Hosts with the original agent, with which machines are exchanged.
    pub(crate) originals: Vec<BareJid>,
    pub(crate) clock: Clock,
    pub(crate) log: LogTail,
    /// The hypervisor's own tags.
    pub(crate) tags: Vec<String>,
    /// The end of the audit.
    pub(crate) audit: Head,
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
        let (rights, scoped) = self.access.rights(who, self.clock.now());
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
            rights,
            scoped,
            policy: self.access.policy().version,
            audit: (self.audit.number > 0).then_some(self.audit),
        }
    }

    /// What a request about this machine, or about the host, is decided by.
    pub(crate) fn target(&self, vm: Option<VmId>) -> Target<'_> {
        vm.map_or(Target::Host, |id| {
            let machine = self.machines.get(id);
            Target::Machine(self.subject(id, machine.map_or(&[], |machine| &machine.tags)))
        })
    }

    /// A machine with these tags.
    pub(crate) fn subject<'a>(&'a self, id: VmId, tags: &'a [String]) -> Subject<'a> {
        Subject {
            hypervisor: &self.identity,
            id,
            tags,
        }
    }

    /// Whether `who` may do what `permission` names to this machine, or to the host.
    pub(crate) fn allows(&self, who: &BareJid, permission: &str, vm: Option<VmId>) -> bool {
        self.allows_at(who, permission, vm, self.clock.now())
    }

    /// The same at another moment.
    pub(crate) fn allows_at(
        &self,
        who: &BareJid,
        permission: &str,
        vm: Option<VmId>,
        at: Timestamp,
    ) -> bool {
        self.access.allows(who, permission, self.target(vm), at)
    }

    /// Whether `who` may do it to anything here.
    pub(crate) fn allows_something(&self, who: &BareJid, permission: &str) -> bool {
        self.allows_something_at(who, permission, self.clock.now())
    }

    /// The same at another moment.
    pub(crate) fn allows_something_at(
        &self,
        who: &BareJid,
        permission: &str,
        at: Timestamp,
    ) -> bool {
        self.access.allows(who, permission, Target::Anything, at)
    }

    /// Whether a machine shows to `who`.
    pub(crate) fn shows(&self, who: &BareJid, id: VmId) -> bool {
        self.allows(who, WATCH, Some(id))
    }

    /// The machines that `who` may know of; `None`: all there were, are and will be.
    pub(crate) fn shown(&self, who: &BareJid) -> Option<BTreeSet<VmId>> {
        if self.allows(who, WATCH, None) {
            return None;
        }
        let ids = self.machines.iter().map(|(id, _)| id);
        Some(ids.filter(|id| self.shows(who, *id)).collect())
    }

    /// A machine's name for people, or its id.
    pub(crate) fn name(&self, id: VmId) -> String {
        let known = self.machines.get(id);
        known.map_or_else(|| id.to_string(), |machine| machine.name.clone())
    }
}
