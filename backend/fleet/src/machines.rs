//! The machines of one hypervisor, by id and in the order of their names.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use archipel_protocol::{
    HypervisorId, VmId,
    feed::{VmLoad, VmRow},
};

use crate::{
    changes::Changes,
    counts::Tally,
    time::{Freshness, Moment},
    vm::{Vm, VmRef},
};

/// The machines of one hypervisor.
#[derive(Debug, Default)]
pub(crate) struct Machines {
    rows: HashMap<VmId, Vm>,
    order: BTreeSet<(Arc<str>, VmId)>,
    tally: Tally,
}

impl Machines {
    pub(crate) fn get(&self, id: VmId) -> Option<&Vm> {
        self.rows.get(&id)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn tally(&self) -> Tally {
        self.tally
    }

    /// All of them, ordered by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Vm> {
        self.order.iter().filter_map(|(_, id)| self.rows.get(id))
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = VmId> + '_ {
        self.rows.keys().copied()
    }

    /// Takes a row over, as current.
    pub(crate) fn put(&mut self, hypervisor: &HypervisorId, row: VmRow, at: Moment) -> Changes {
        let Some(vm) = self.rows.get_mut(&row.id) else {
            self.insert(hypervisor, row, at);
            return Changes::STRUCTURE;
        };
        self.tally.remove(vm.state, vm.fresh.is_live());
        let renamed = *vm.name != *row.name;
        if renamed {
            self.order.remove(&(vm.name.clone(), row.id));
            vm.name = row.name.as_str().into();
            self.order.insert((vm.name.clone(), row.id));
        }
        let changed = vm.update(row, at);
        self.tally.add(vm.state, true);
        Changes::STRUCTURE.when(renamed) | Changes::ROWS.when(changed)
    }

    fn insert(&mut self, hypervisor: &HypervisorId, row: VmRow, at: Moment) {
        let reference = VmRef {
            hypervisor: hypervisor.clone(),
            vm: row.id,
        };
        let vm = Vm::new(reference, row, at);
        self.tally.add(vm.state, true);
        self.order.insert((vm.name.clone(), vm.at.vm));
        self.rows.insert(vm.at.vm, vm);
    }

    /// Whether there was such a machine.
    pub(crate) fn remove(&mut self, id: VmId) -> bool {
        let Some(vm) = self.rows.remove(&id) else {
            return false;
        };
        self.tally.remove(vm.state, vm.fresh.is_live());
        self.order.remove(&(vm.name, id));
        true
    }

    pub(crate) fn measure(&mut self, load: VmLoad) -> Changes {
        let Some(vm) = self.rows.get_mut(&load.id) else {
            return Changes::NONE;
        };
        vm.measure(load);
        Changes::LOAD
    }

    /// Notes how the last command on a machine ended.
    pub(crate) fn set_error(&mut self, id: VmId, error: Option<String>) {
        if let Some(vm) = self.rows.get_mut(&id) {
            vm.last_error = error;
        }
    }

    pub(crate) fn mark_stale(&mut self, since: Moment) {
        for vm in self.rows.values_mut() {
            vm.fresh = vm.fresh.staled(since);
        }
        self.tally.stale = self.tally.machines;
    }

    pub(crate) fn mark_live(&mut self) {
        for vm in self.rows.values_mut() {
            vm.fresh = Freshness::Live;
        }
        self.tally.stale = 0;
    }

    /// Those that are not among `seen`.
    pub(crate) fn others(&self, seen: &HashSet<VmId>) -> Vec<VmId> {
        self.ids().filter(|id| !seen.contains(id)).collect()
    }
}
