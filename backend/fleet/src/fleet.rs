//! The model: everything known.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use archipel_protocol::{HypervisorId, VmId};

use crate::{
    claims::Claims,
    counts::Counts,
    event::{Contact, Link},
    groups::{self, Group},
    host::Host,
    hypervisor::Hypervisor,
    journal::{Journal, Logged, Noticed},
    run::{Run, RunId},
    runs::Runs,
    vm::{Vm, VmRef},
};

/// Everything known of the fleet. [`Fleet::apply`] is the one way to change it.
#[derive(Debug, Default)]
pub struct Fleet {
    pub(crate) link: Link,
    pub(crate) hosts: HashMap<HypervisorId, Host>,
    /// The hosts by name.
    pub(crate) order: BTreeSet<(String, HypervisorId)>,
    pub(crate) contacts: BTreeMap<HypervisorId, Contact>,
    pub(crate) claims: Claims,
    /// All totals but that of the duplicates.
    pub(crate) counts: Counts,
    pub(crate) journal: Journal,
    pub(crate) runs: Runs,
    /// The hypervisors whose past is kept, asked for last at the back.
    pub(crate) looked_at: VecDeque<HypervisorId>,
}

impl Fleet {
    /// The operator's own session.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// The totals.
    pub fn counts(&self) -> Counts {
        Counts {
            duplicates: self.claims.duplicate_count(),
            ..self.counts
        }
    }

    /// All trusted hypervisors, ordered by name.
    pub fn hypervisors(&self) -> impl Iterator<Item = &Hypervisor> {
        self.in_order().map(|host| &host.own)
    }

    /// One hypervisor.
    pub fn hypervisor(&self, id: &HypervisorId) -> Option<&Hypervisor> {
        self.hosts.get(id).map(|host| &host.own)
    }

    /// The hypervisors by roster group; those without one come last. One in several groups is in each.
    pub fn groups(&self) -> Vec<Group<'_>> {
        groups::groups(self)
    }

    /// Contacts that are not trusted as hypervisors and no machines of them, ordered by account.
    pub fn contacts(&self) -> impl Iterator<Item = &Contact> {
        let others = self.contacts.values();
        others.filter(|contact| !self.hosts.contains_key(&contact.id) && !self.is_machine(contact))
    }

    /// Machines of original agents are contacts of whoever made them.
    fn is_machine(&self, contact: &Contact) -> bool {
        let account = contact.id.jid().node();
        let vm = account.and_then(|account| account.as_str().parse().ok());
        vm.is_some_and(|vm| !self.claims.claimants(vm).is_empty())
    }

    /// One machine.
    pub fn vm(&self, at: &VmRef) -> Option<&Vm> {
        self.hosts.get(&at.hypervisor)?.machines.get(at.vm)
    }

    /// The machines of one hypervisor, ordered by name.
    pub fn vms_of(&self, id: &HypervisorId) -> impl Iterator<Item = &Vm> {
        self.hosts
            .get(id)
            .into_iter()
            .flat_map(|host| host.machines.iter())
    }

    /// All machines, ordered by the name of their hypervisor, then by their own.
    pub fn vms(&self) -> impl Iterator<Item = &Vm> {
        self.in_order().flat_map(|host| host.machines.iter())
    }

    /// Whether another hypervisor claims the same uuid.
    pub fn is_duplicate(&self, at: &VmRef) -> bool {
        self.claims.is_duplicate(at.vm)
    }

    /// The uuids that several hypervisors claim, each with its claimants.
    pub fn duplicates(&self) -> impl Iterator<Item = (VmId, &[HypervisorId])> {
        self.claims
            .duplicates()
            .map(|vm| (vm, self.claims.claimants(vm)))
    }

    /// The messages to the operator, oldest first; the last 1,000.
    pub fn notices(&self) -> impl DoubleEndedIterator<Item = &Noticed> + ExactSizeIterator {
        self.journal.notices()
    }

    /// Recent entries of all agents' logs, in the order of their arrival; the last 2,000.
    pub fn log(&self) -> impl DoubleEndedIterator<Item = &Logged> + ExactSizeIterator {
        self.journal.log()
    }

    /// The recent runs, oldest first; the last 50.
    pub fn runs(&self) -> impl DoubleEndedIterator<Item = &Run> + ExactSizeIterator {
        self.runs.iter()
    }

    /// One run.
    pub fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.get(id)
    }

    /// The names of the other hypervisors that claim the machine's uuid.
    pub(crate) fn other_claimants(&self, at: &VmRef) -> Vec<String> {
        let all = self.claims.claimants(at.vm).iter();
        let others = all.filter(|id| **id != at.hypervisor);
        others.map(|id| self.name_of(id).to_owned()).collect()
    }

    pub(crate) fn in_order(&self) -> impl Iterator<Item = &Host> {
        self.order.iter().filter_map(|(_, id)| self.hosts.get(id))
    }

    /// Whether `name` is that of a trusted account on the server of `beside`.
    pub(crate) fn is_account(&self, name: &str, beside: &HypervisorId) -> bool {
        let whole = format!("{name}@{}", beside.jid().domain());
        whole
            .parse()
            .is_ok_and(|id: HypervisorId| self.hosts.contains_key(&id))
    }

    pub(crate) fn name_of<'a>(&'a self, id: &'a HypervisorId) -> &'a str {
        self.hosts
            .get(id)
            .map_or(id.jid().as_str(), |host| &host.own.name)
    }
}
