//! The machines of one hypervisor, by id and in the order of their names.

use std::collections::{HashMap, HashSet};

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
///
/// They lie side by side, because there are tens of thousands and lists of all of them are made again and again: the id leads
/// to the place, and the order is a list of places.
#[derive(Debug, Default)]
pub(crate) struct Machines {
    rows: Vec<Vm>,
    places: HashMap<VmId, u32>,
    /// Places by name, then by id.
    order: Vec<u32>,
    tally: Tally,
}

impl Machines {
    pub(crate) fn get(&self, id: VmId) -> Option<&Vm> {
        self.places.get(&id).map(|place| &self.rows[index(*place)])
    }

    fn get_mut(&mut self, id: VmId) -> Option<&mut Vm> {
        let place = index(*self.places.get(&id)?);
        Some(&mut self.rows[place])
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn tally(&self) -> Tally {
        self.tally
    }

    /// All of them, ordered by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Vm> {
        self.order.iter().map(|place| &self.rows[index(*place)])
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = VmId> + '_ {
        self.rows.iter().map(|vm| vm.at.vm)
    }

    /// Takes a row over, as current.
    pub(crate) fn put(&mut self, hypervisor: &HypervisorId, row: VmRow, at: Moment) -> Changes {
        let Some(place) = self.places.get(&row.id).copied() else {
            self.insert(hypervisor, row, at);
            return Changes::STRUCTURE;
        };
        let renamed = *self.rows[index(place)].name != *row.name;
        if renamed {
            self.unlink(place);
            self.rows[index(place)].name = row.name.as_str().into();
            self.link(place);
        }
        let vm = &mut self.rows[index(place)];
        self.tally.remove(vm.state, vm.fresh.is_live());
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
        let place = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.places.insert(vm.at.vm, place);
        self.rows.push(vm);
        self.link(place);
    }

    /// Whether there was such a machine.
    pub(crate) fn remove(&mut self, id: VmId) -> bool {
        let Some(place) = self.places.get(&id).copied() else {
            return false;
        };
        self.unlink(place);
        let last = u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX);
        // The last one takes the free place.
        if last != place {
            self.unlink(last);
        }
        let vm = self.rows.swap_remove(index(place));
        self.places.remove(&id);
        self.tally.remove(vm.state, vm.fresh.is_live());
        if last != place {
            self.places.insert(self.rows[index(place)].at.vm, place);
            self.link(place);
        }
        true
    }

    /// Puts the machine at `place` into the order.
    fn link(&mut self, place: u32) {
        let at = self.position(place).unwrap_or_else(|at| at);
        self.order.insert(at, place);
    }

    /// Takes the machine at `place` out of the order, by the name that it has.
    fn unlink(&mut self, place: u32) {
        if let Ok(at) = self.position(place) {
            self.order.remove(at);
        }
    }

    /// Where in the order the machine at `place` is, or should be.
    fn position(&self, place: u32) -> Result<usize, usize> {
        let key = |place: u32| {
            let vm = &self.rows[index(place)];
            (&vm.name, vm.at.vm)
        };
        let wanted = key(place);
        self.order
            .binary_search_by(|other| key(*other).cmp(&wanted))
    }

    pub(crate) fn measure(&mut self, load: VmLoad) -> Changes {
        let Some(vm) = self.get_mut(load.id) else {
            return Changes::NONE;
        };
        vm.measure(load);
        Changes::LOAD
    }

    /// Notes how the last command on a machine ended.
    pub(crate) fn set_error(&mut self, id: VmId, error: Option<String>) {
        if let Some(vm) = self.get_mut(id) {
            vm.last_error = error;
        }
    }

    pub(crate) fn mark_stale(&mut self, since: Moment) {
        for vm in &mut self.rows {
            vm.fresh = vm.fresh.staled(since);
        }
        self.tally.stale = self.tally.machines;
    }

    pub(crate) fn mark_live(&mut self) {
        for vm in &mut self.rows {
            vm.fresh = Freshness::Live;
        }
        self.tally.stale = 0;
    }

    /// Those that are not among `seen`.
    pub(crate) fn others(&self, seen: &HashSet<VmId>) -> Vec<VmId> {
        self.ids().filter(|id| !seen.contains(id)).collect()
    }
}

/// A place as an index. No machine counts its memory in less than 32 bits.
fn index(place: u32) -> usize {
    place as usize
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn id(number: u8) -> VmId {
        VmId::from_bytes([number; 16])
    }

    fn row(number: u8, name: &str) -> VmRow {
        VmRow {
            organisation: None,
            id: id(number),
            name: name.to_owned(),
            state: archipel_protocol::VmState::Off,
            vcpus: 1,
            memory_kib: 1,
            flags: archipel_protocol::feed::VmFlags::default(),
            tags: Vec::new(),
        }
    }

    fn names(machines: &Machines) -> Vec<&str> {
        machines.iter().map(|vm| &*vm.name).collect()
    }

    #[test]
    fn the_order_survives_whoever_comes_goes_and_changes_its_name() {
        let host: HypervisorId = "hv01@dc.example".parse().unwrap();
        let mut machines = Machines::default();
        for (number, name) in [(1, "web"), (2, "db"), (3, "app"), (4, "db")] {
            machines.put(&host, row(number, name), Moment(1));
        }
        assert_eq!(names(&machines), ["app", "db", "db", "web"]);
        assert!(machines.remove(id(1)));
        assert!(!machines.remove(id(1)));
        assert_eq!(names(&machines), ["app", "db", "db"]);
        let renamed = machines.put(&host, row(2, "zoo"), Moment(2));
        assert!(renamed.has(Changes::STRUCTURE));
        assert_eq!(names(&machines), ["app", "db", "zoo"]);
        assert!(machines.remove(id(3)));
        assert_eq!(machines.get(id(4)).map(|vm| vm.at.vm), Some(id(4)));
        assert_eq!(machines.get(id(3)), None);
        assert_eq!((machines.len(), machines.tally().machines), (2, 2));
    }
}
