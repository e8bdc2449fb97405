//! The machines of this host as the agent knows them: libvirt's domains and what the agent looks after.

use std::collections::{BTreeMap, BTreeSet};

use archipel_hypervisor::Domain;
use archipel_protocol::{
    VmId, VmState,
    feed::{VmFlags, VmRow},
};

/// What happens to libvirt domains that the agent did not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adopt {
    /// They are shown with their state, and left alone.
    #[default]
    Show,
    /// They are managed.
    Manage,
}

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
        }
    }

    /// What it does.
    pub(crate) fn state(&self) -> VmState {
        self.domain
            .as_ref()
            .map_or(VmState::Undefined, |domain| domain.state)
    }

    /// Its row in the feed.
    pub(crate) fn row(&self, id: VmId) -> VmRow {
        let domain = self.domain.as_ref();
        VmRow {
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
    /// Tags outlive the absence of their machine: who made it vanish and come back must not shed a tag.
    tags: BTreeMap<VmId, Vec<String>>,
    /// Let go: not adopted again.
    released: BTreeSet<VmId>,
}

impl Machines {
    /// Those that the store knows as managed, before libvirt was asked.
    pub(crate) fn remembered(managed: impl IntoIterator<Item = Remembered>, adopt: Adopt) -> Self {
        let machine = |old: Remembered| Machine {
            name: old.name,
            domain: None,
            managed: true,
            session: false,
            tags: Vec::new(),
            protected: old.protected,
        };
        Self {
            all: managed
                .into_iter()
                .map(|old| (old.id, machine(old)))
                .collect(),
            adopt,
            tags: BTreeMap::new(),
            released: BTreeSet::new(),
        }
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

    /// Replaces the tags of a machine.
    pub(crate) fn set_tags(&mut self, id: VmId, tags: Vec<String>) {
        if let Some(machine) = self.all.get_mut(&id) {
            machine.tags.clone_from(&tags);
        }
        self.tags.insert(id, tags);
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
        if adopt == Adopt::Show {
            return Vec::new();
        }
        let released = &self.released;
        let shown = self
            .all
            .iter_mut()
            .filter(|(id, machine)| !machine.managed && !released.contains(id));
        shown
            .map(|(id, machine)| {
                machine.managed = true;
                *id
            })
            .collect()
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
        let machine = self.all.entry(id).or_insert_with(|| Machine {
            name,
            domain: None,
            managed: true,
            session: false,
            protected: false,
            tags: Vec::new(),
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

    /// Everything libvirt has.
    pub(crate) fn list(&mut self, domains: Vec<Domain>) -> Vec<(VmId, Change)> {
        let found: std::collections::BTreeSet<VmId> =
            domains.iter().map(|domain| domain.id).collect();
        let lost: Vec<VmId> = self
            .all
            .keys()
            .filter(|id| !found.contains(id))
            .copied()
            .collect();
        let lost = lost
            .into_iter()
            .filter_map(|id| Some((id, self.missing(id)?)));
        let mut changes: Vec<_> = lost.collect();
        let found = domains.into_iter();
        changes.extend(found.filter_map(|domain| Some((domain.id, self.found(domain)?))));
        changes
    }

    /// libvirt has this machine, like this.
    pub(crate) fn found(&mut self, domain: Domain) -> Option<Change> {
        let id = domain.id;
        let Some(machine) = self.all.get_mut(&id) else {
            let managed = self.adopt == Adopt::Manage && !self.released.contains(&id);
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
mod tests {
    #![allow(clippy::unwrap_used)]
    use archipel_hypervisor::simulated::machines as domains;

    use super::*;

    #[test]
    fn a_list_is_compared_with_what_was_known() {
        let mut machines = Machines::default();
        let all = domains(2);
        let changes = machines.list(all.clone());
        assert!(
            changes
                .iter()
                .all(|(_, change)| *change == Change::Appeared)
        );
        assert_eq!(machines.list(all.clone()), []);
        let mut running = all[0].clone();
        running.state = VmState::Running;
        let changes = machines.list(vec![running.clone()]);
        let gone = Change::Gone {
            name: "vm-2".into(),
        };
        assert_eq!(
            changes,
            [(all[1].id, gone), (running.id, Change::State(VmState::Off))]
        );
        running.autostart = true;
        assert_eq!(machines.found(running), Some(Change::Facts));
    }

    #[test]
    fn a_state_that_was_told_counts_before_the_machine_is_read() {
        let all = domains(1);
        let id = all[0].id;
        let mut machines = Machines::default();
        assert_eq!(machines.told(id, VmState::Running), None);
        machines.list(all.clone());
        let told = machines.told(id, VmState::Running);
        assert_eq!(told, Some(Change::State(VmState::Off)));
        assert_eq!(machines.get(id).unwrap().state(), VmState::Running);
        assert_eq!(machines.told(id, VmState::Running), None);
        let read = machines.found(all[0].clone());
        assert_eq!(read, Some(Change::State(VmState::Running)));
    }

    #[test]
    fn a_managed_machine_outlives_its_definition_unless_it_was_transient() {
        let mut machines = Machines::remembered([], Adopt::Manage);
        let mut all = domains(2);
        all[1].persistent = false;
        machines.list(all.clone());
        assert_eq!(machines.managed(), 2);
        let lost = machines.missing(all[0].id);
        assert_eq!(lost, Some(Change::State(VmState::Off)));
        assert_eq!(machines.get(all[0].id).unwrap().state(), VmState::Undefined);
        assert_eq!(machines.missing(all[0].id), None);
        let gone = machines.missing(all[1].id);
        assert!(matches!(gone, Some(Change::Gone { .. })), "{gone:?}");
    }

    #[test]
    fn what_was_managed_is_known_before_libvirt_answers() {
        let all = domains(1);
        let old = Remembered {
            id: all[0].id,
            name: "old".into(),
            protected: true,
        };
        let mut machines = Machines::remembered([old], Adopt::Show);
        assert_eq!(machines.get(all[0].id).unwrap().row(all[0].id).name, "old");
        assert_eq!(
            machines.found(all[0].clone()),
            Some(Change::State(VmState::Undefined))
        );
        assert!(machines.get(all[0].id).unwrap().managed);
    }

    #[test]
    fn a_machine_that_was_let_go_is_not_adopted_again() {
        let all = domains(2);
        let mut machines = Machines::remembered([], Adopt::Manage).without([all[0].id]);
        machines.list(all.clone());
        assert_eq!(machines.managed(), 1);
        assert_eq!(machines.adopt(Adopt::Manage), []);
        machines.manage(all[0].id, "a".into());
        assert_eq!(machines.managed(), 2);
        machines.release(all[1].id);
        assert_eq!(machines.adopt(Adopt::Manage), []);
        let fresh = VmId::from_bytes([9; 16]);
        machines.manage(fresh, "new".into());
        assert_eq!(machines.get(fresh).unwrap().state(), VmState::Undefined);
        machines.release(fresh);
        assert_eq!(machines.get(fresh), None);
    }

    #[test]
    fn adopting_later_takes_all_that_is_there() {
        let mut machines = Machines::default();
        machines.list(domains(3));
        assert_eq!(machines.adopt(Adopt::Manage).len(), 3);
        assert_eq!(machines.adopt(Adopt::Show), []);
        assert_eq!(machines.managed(), 3);
    }
}
