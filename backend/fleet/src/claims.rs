//! Which hypervisors claim a uuid: two that claim the same one are an alarm on both rows.

use std::collections::{BTreeSet, HashMap};

use archipel_protocol::{HypervisorId, VmId};

/// Nearly every uuid has one claimant: it takes no allocation of its own.
#[derive(Debug)]
enum Claim {
    One(HypervisorId),
    Many(Vec<HypervisorId>),
}

/// All claims of the fleet.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    all: HashMap<VmId, Claim>,
    duplicates: BTreeSet<VmId>,
}

impl Claims {
    /// Notes that `hypervisor` claims `vm`; the answer says whether that made it a duplicate.
    pub(crate) fn add(&mut self, vm: VmId, hypervisor: &HypervisorId) -> bool {
        let Some(claim) = self.all.get_mut(&vm) else {
            self.all.insert(vm, Claim::One(hypervisor.clone()));
            return false;
        };
        match claim {
            Claim::One(other) if other == hypervisor => return false,
            Claim::One(other) => *claim = Claim::Many(vec![other.clone(), hypervisor.clone()]),
            Claim::Many(all) if all.contains(hypervisor) => return false,
            Claim::Many(all) => all.push(hypervisor.clone()),
        }
        self.duplicates.insert(vm)
    }

    /// Notes that `hypervisor` no longer claims `vm`; the answer says whether it was a duplicate and is none now.
    pub(crate) fn remove(&mut self, vm: VmId, hypervisor: &HypervisorId) -> bool {
        match self.all.get_mut(&vm) {
            Some(Claim::One(only)) if only == hypervisor => {
                self.all.remove(&vm);
                false
            }
            Some(Claim::Many(all)) => {
                all.retain(|other| other != hypervisor);
                let [last] = all.as_slice() else { return false };
                let last = last.clone();
                self.all.insert(vm, Claim::One(last));
                self.duplicates.remove(&vm)
            }
            _ => false,
        }
    }

    /// Whether more than one hypervisor claims `vm`.
    pub(crate) fn is_duplicate(&self, vm: VmId) -> bool {
        !self.duplicates.is_empty() && self.duplicates.contains(&vm)
    }

    /// Everybody who claims `vm`.
    pub(crate) fn claimants(&self, vm: VmId) -> &[HypervisorId] {
        match self.all.get(&vm) {
            Some(Claim::One(only)) => std::slice::from_ref(only),
            Some(Claim::Many(all)) => all,
            None => &[],
        }
    }

    /// Uuids with more than one claimant.
    pub(crate) fn duplicates(&self) -> impl Iterator<Item = VmId> + '_ {
        self.duplicates.iter().copied()
    }

    /// How many uuids have more than one claimant.
    pub(crate) fn duplicate_count(&self) -> u32 {
        u32::try_from(self.duplicates.len()).unwrap_or(u32::MAX)
    }
}
