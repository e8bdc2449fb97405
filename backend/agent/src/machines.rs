//! The machines of this host as the agent knows them: libvirt's domains and what the agent looks after.

mod adopt;

use std::collections::{BTreeMap, BTreeSet};

use archipel_hypervisor::Domain;
use archipel_protocol::{
    VmId, VmState,
    feed::{VmFlags, VmRow},
};

pub use adopt::Adopt;

use crate::{card::Organisation, state::Identity};

/// One machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Machine {
    /// The name it has, or had last.
    pub(crate) name: String,
    /// What libvirt says; `None`: it has no definition.
    pub(crate) domain: Option<Domain>,
    /// Whether the agent looks after it.
    pub(crate) managed: bool,
    /// Whether it has a session of its own on the bus now.
    pub(crate) session: bool,
    /// Its tags.
    pub(crate) tags: Vec<String>,
    /// Whether it is guarded against being switched off hard and against removal.
    pub(crate) protected: bool,
    /// What its card says besides its name; `None`: nobody said it to this agent.
    pub(crate) organisation: Option<Organisation>,
}

/// A machine that the agent looked after in an earlier life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) id: VmId,
    /// The name it had last.
    pub(crate) name: String,
    pub(crate) protected: bool,
}

impl Machine {
    fn new(domain: Domain, managed: bool) -> Self {
        Self {
            name: domain.name.clone(),
            managed,
            domain: Some(domain),
            session: false,
            tags: Vec::new(),
            protected: false,
            organisation: None,
        }
    }

    /// One without a definition that the agent looks after.
    fn undefined(name: String) -> Self {
        Self {
            name,
            domain: None,
            managed: true,
            session: false,
            tags: Vec::new(),
            protected: false,
            organisation: None,
        }
    }

    /// What it does.
    pub(crate) fn state(&self) -> VmState {
        self.domain
            .as_ref()
            .map_or(VmState::Undefined, |domain| domain.state)
    }

    /// Its organisation, where there is something to tell.
    fn told(&self) -> Option<Box<Organisation>> {
        let known = self.organisation.as_ref();
        known
            .filter(|known| !known.is_empty())
            .cloned()
            .map(Box::new)
    }

    /// Its row in the feed.
    pub(crate) fn row(&self, id: VmId) -> VmRow {
        let domain = self.domain.as_ref();
        VmRow {
            organisation: self.told(),
            id,
            name: self.name.clone(),
            state: self.state(),
            vcpus: domain.map_or(0, |domain| domain.vcpus),
            memory_kib: domain.map_or(0, |domain| domain.memory_kib),
            flags: VmFlags {
                managed: self.managed,
                autostart: domain.is_some_and(|domain| domain.autostart),
                transient: domain.is_some_and(|domain| !domain.persistent),
                session: self.session,
                protected: self.protected,
                saved: domain.is_some_and(|domain| domain.saved),
            },
            tags: self.tags.clone(),
        }
    }
}

/// What is different about a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// It was not known before.
    Appeared,
    /// It was in another state.
    State(VmState),
    /// Something else about it.
    Facts,
    /// It is no more.
    Gone {
        /// The name it had.
        name: String,
    },
}

/// All machines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Machines {
    all: BTreeMap<VmId, Machine>,
    adopt: Adopt,
    /// The host, for scopes.
    here: Option<Identity>,
    /// Tags outlive the absence of their machine: who made it vanish and come back must not shed a tag.
    tags: BTreeMap<VmId, Vec<String>>,
    /// Let go: not adopted again.
    released: BTreeSet<VmId>,
    /// Copies, and the machine on whose disks those of each build.
    linked: BTreeMap<VmId, VmId>,
}

impl Machines {
    /// Those that the store knows as managed, before libvirt was asked.
    pub(crate) fn remembered(managed: impl IntoIterator<Item = Remembered>, adopt: Adopt) -> Self {
        let machine = |old: Remembered| Machine {
            protected: old.protected,
            ..Machine::undefined(old.name)
        };
        Self {
            all: managed
                .into_iter()
                .map(|old| (old.id, machine(old)))
                .collect(),
            adopt,
            ..Self::default()
        }
    }

    /// On this host.
    pub(crate) fn at(mut self, here: Identity) -> Self {
        self.here = Some(here);
        self
    }

    /// Those that somebody let go are not adopted again.
    pub(crate) fn without(mut self, released: impl IntoIterator<Item = VmId>) -> Self {
        self.released = released.into_iter().collect();
        self
    }

    /// With the tags that the store knows.
    pub(crate) fn tagged(mut self, tags: BTreeMap<VmId, Vec<String>>) -> Self {
        for (id, tags) in tags {
            self.set_tags(id, tags);
        }
        self
    }

    /// With what the store knows of cards, and of copies that are linked.
    pub(crate) fn made(
        mut self,
        organisations: BTreeMap<VmId, Organisation>,
        linked: BTreeMap<VmId, VmId>,
    ) -> Self {
        for (id, what) in organisations {
            self.describe(id, what);
        }
        self.linked = linked;
        self
    }

    /// What a machine's card says from now on.
    pub(crate) fn describe(&mut self, id: VmId, what: Organisation) {
        if let Some(machine) = self.all.get_mut(&id) {
            machine.organisation = Some(what);
        }
    }

    /// A copy's disks build on those of another machine.
    pub(crate) fn link(&mut self, copy: VmId, base: VmId) {
        self.linked.insert(copy, base);
    }

    /// The names of the machines whose disks build on those of this one.
    pub(crate) fn copies_of(&self, base: VmId) -> Vec<&str> {
        let copies = self.linked.iter().filter(|(_, of)| **of == base);
        copies
            .filter_map(|(copy, _)| Some(self.all.get(copy)?.name.as_str()))
            .collect()
    }

    /// Replaces the tags of a machine.
    pub(crate) fn set_tags(&mut self, id: VmId, tags: Vec<String>) {
        if let Some(machine) = self.all.get_mut(&id) {
            machine.tags.clone_from(&tags);
        }
        self.tags.insert(id, tags);
    }

    /// Replaces the tags of all machines, and gives those for which that is news. What is not in `tags` has none.
    pub(crate) fn set_all_tags(&mut self, tags: BTreeMap<VmId, Vec<String>>) -> Vec<VmId> {
        self.tags = tags;
        let mut changed = Vec::new();
        for (id, machine) in &mut self.all {
            let tags = self.tags.get(id).cloned().unwrap_or_default();
            if machine.tags != tags {
                machine.tags = tags;
                changed.push(*id);
            }
        }
        changed
    }

    /// All in the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (VmId, &Machine)> {
        self.all.iter().map(|(id, machine)| (*id, machine))
    }

    /// Those after `id`.
    pub(crate) fn after(&self, id: VmId) -> impl Iterator<Item = (VmId, &Machine)> {
        use std::ops::Bound::{Excluded, Unbounded};
        let rest = self.all.range((Excluded(id), Unbounded));
        rest.map(|(id, machine)| (*id, machine))
    }

    pub(crate) fn get(&self, id: VmId) -> Option<&Machine> {
        self.all.get(&id)
    }

    /// How many the agent looks after.
    pub(crate) fn managed(&self) -> usize {
        self.all.values().filter(|machine| machine.managed).count()
    }

    /// What happens to domains from now on, and which machines changed by it. What is managed stays managed.
    pub(crate) fn adopt(&mut self, adopt: Adopt) -> Vec<VmId> {
        self.adopt = adopt;
        let all: Vec<VmId> = self.all.keys().copied().collect();
        all.into_iter().filter(|id| self.adopt_one(*id)).collect()
    }

    /// Looks after a machine that is only shown, if that is the rule for it; says whether that is news.
    pub(crate) fn adopt_one(&mut self, id: VmId) -> bool {
        let shown = self.all.get(&id).is_some_and(|machine| !machine.managed);
        let news = shown && self.takes(id);
        if let Some(machine) = self.all.get_mut(&id).filter(|_| news) {
            machine.managed = true;
        }
        news
    }

    /// Whether it depends on a tag which machines are managed.
    pub(crate) fn adopts_by(&self, tag: &str) -> bool {
        matches!(&self.adopt, Adopt::Scope(scope) if scope.names_tag(tag))
    }

    /// Whether a domain of this id is managed without anybody having asked for it.
    fn takes(&self, id: VmId) -> bool {
        let tags = self.tags.get(&id).map_or(&[][..], Vec::as_slice);
        !self.released.contains(&id) && self.adopt.takes(self.here.as_ref(), id, tags)
    }

    /// Notes whether a machine has a session of its own; says whether that is news.
    pub(crate) fn set_session(&mut self, id: VmId, session: bool) -> bool {
        let Some(machine) = self.all.get_mut(&id) else {
            return false;
        };
        std::mem::replace(&mut machine.session, session) != session
    }

    /// Looks after a machine: one that is there, or a new one without a definition.
    pub(crate) fn manage(&mut self, id: VmId, name: String) {
        self.released.remove(&id);
        let tags = self.tags.get(&id).cloned().unwrap_or_default();
        let machine = self.all.entry(id).or_insert_with(|| Machine {
            tags,
            ..Machine::undefined(name)
        });
        machine.managed = true;
    }

    /// Lets a machine go. One without a definition is nothing any more.
    pub(crate) fn release(&mut self, id: VmId) {
        self.released.insert(id);
        if let Some(machine) = self.all.get_mut(&id) {
            machine.managed = false;
            machine.protected = false;
        }
        if self
            .all
            .get(&id)
            .is_some_and(|machine| machine.domain.is_none())
        {
            self.all.remove(&id);
        }
    }

    /// A machine is gone for good.
    pub(crate) fn forget(&mut self, id: VmId) {
        self.all.remove(&id);
        self.tags.remove(&id);
        self.linked.remove(&id);
    }

    /// Guards a machine, or no longer.
    pub(crate) fn protect(&mut self, id: VmId, on: bool) {
        if let Some(machine) = self.all.get_mut(&id) {
            machine.protected = on;
        }
    }

    /// Gives a machine another name; where it has a definition, that is asked next.
    pub(crate) fn name(&mut self, id: VmId, name: String) {
        if let Some(machine) = self.all.get_mut(&id) {
            machine.name = name;
        }
    }

    /// Which other machine has this name, in any capitals.
    pub(crate) fn named(&self, name: &str, but: VmId) -> Option<VmId> {
        let wanted = name.to_lowercase();
        let mut others = self.iter().filter(|(id, _)| *id != but);
        others
            .find(|(_, machine)| machine.name.to_lowercase() == wanted)
            .map(|(id, _)| id)
    }

    /// Everything libvirt has; of those `but` it says nothing.
    pub(crate) fn list(
        &mut self,
        domains: Vec<Domain>,
        but: &BTreeSet<VmId>,
    ) -> Vec<(VmId, Change)> {
        let found: BTreeSet<VmId> = domains.iter().map(|domain| domain.id).collect();
        let lost: Vec<VmId> = self
            .all
            .keys()
            .filter(|id| !found.contains(id) && !but.contains(id))
            .copied()
            .collect();
        let lost = lost
            .into_iter()
            .filter_map(|id| Some((id, self.missing(id)?)));
        let mut changes: Vec<_> = lost.collect();
        let found = domains
            .into_iter()
            .filter(|domain| !but.contains(&domain.id));
        changes.extend(found.filter_map(|domain| Some((domain.id, self.found(domain)?))));
        changes
    }

    /// libvirt has this machine, like this.
    pub(crate) fn found(&mut self, domain: Domain) -> Option<Change> {
        let id = domain.id;
        let managed = self.takes(id);
        let Some(machine) = self.all.get_mut(&id) else {
            let mut machine = Machine::new(domain, managed);
            machine.tags = self.tags.get(&id).cloned().unwrap_or_default();
            self.all.insert(id, machine);
            return Some(Change::Appeared);
        };
        let before = machine.state();
        if machine.domain.as_ref() == Some(&domain) {
            return None;
        }
        machine.name.clone_from(&domain.name);
        machine.domain = Some(domain);
        Some(if machine.state() == before {
            Change::Facts
        } else {
            Change::State(before)
        })
    }

    /// libvirt told that a machine does something else now; what else is different has yet to be read.
    pub(crate) fn told(&mut self, id: VmId, state: VmState) -> Option<Change> {
        let domain = self.all.get_mut(&id)?.domain.as_mut()?;
        let before = std::mem::replace(&mut domain.state, state);
        (before != state).then_some(Change::State(before))
    }

    /// libvirt has no such machine. One that the agent looks after stays, without a definition, unless it never had one.
    pub(crate) fn missing(&mut self, id: VmId) -> Option<Change> {
        let machine = self.all.get_mut(&id)?;
        let transient = machine
            .domain
            .as_ref()
            .is_some_and(|domain| !domain.persistent);
        if !machine.managed || transient {
            let name = self.all.remove(&id)?.name;
            return Some(Change::Gone { name });
        }
        let before = machine.state();
        machine.domain = None;
        (before != VmState::Undefined).then_some(Change::State(before))
    }
}

#[cfg(test)]
mod tests;
