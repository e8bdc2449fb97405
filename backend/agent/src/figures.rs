//! What the agent counts about itself.

use std::collections::BTreeMap;

use crate::host::Host;

/// Figures of one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Whether the hypervisor is on the bus.
    pub(crate) bus: bool,
    /// Whether libvirt answers.
    pub(crate) libvirt: bool,
    /// Machines by the word of their state.
    pub(crate) machines: BTreeMap<&'static str, u64>,
    /// Machines that the agent looks after.
    pub(crate) managed: u64,
    /// Watches on the feed.
    pub(crate) watches: u64,
    /// Requests that are being worked on.
    pub(crate) jobs: u64,
    /// What was asked to be changed or was refused, by what became of it.
    pub(crate) asked: BTreeMap<&'static str, u64>,
    /// The newest event.
    pub(crate) events: u64,
    /// The newest entry of the audit.
    pub(crate) audit: u64,
    /// The version of the policy.
    pub(crate) policy: u64,
}

impl Host {
    /// How things stand now.
    pub(crate) fn figures(&self) -> Figures {
        let state = &self.state;
        let mut machines = BTreeMap::new();
        for (_, machine) in state.machines.iter() {
            *machines.entry(machine.state().word()).or_default() += 1;
        }
        Figures {
            bus: self.is_connected(),
            libvirt: state.outage.is_none(),
            machines,
            managed: state.machines.managed() as u64,
            watches: self.feed.watchers().count() as u64,
            jobs: self.jobs_under_way() as u64,
            asked: state.events.asked().clone(),
            events: state.events.written(),
            audit: state.audit.number,
            policy: state.access.policy().version,
        }
    }
}
