//! Marks: by id, so that they stay on their machines whatever the order of the rows.

use std::collections::BTreeSet;

use archipel_fleet::{Fleet, VmRef};

/// The marked machines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    all: BTreeSet<VmRef>,
    /// Where a range begins.
    anchor: Option<VmRef>,
}

impl Marks {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn has(&self, vm: &VmRef) -> bool {
        self.all.contains(vm)
    }

    /// All of them, in the order of their hypervisors.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &VmRef> {
        self.all.iter()
    }

    pub(crate) fn anchor(&self) -> Option<&VmRef> {
        self.anchor.as_ref()
    }

    /// Marks all of `vms`, or, where all of them are marked, none.
    pub(crate) fn toggle(&mut self, vms: &[VmRef]) {
        if vms.iter().all(|vm| self.has(vm)) {
            for vm in vms {
                self.all.remove(vm);
            }
        } else {
            self.add(vms);
        }
        self.anchor = vms.first().cloned();
    }

    pub(crate) fn add(&mut self, vms: &[VmRef]) {
        self.all.extend(vms.iter().cloned());
    }

    /// Turns the mark of each of `vms` around.
    pub(crate) fn invert(&mut self, vms: &[VmRef]) {
        for vm in vms {
            if !self.all.remove(vm) {
                self.all.insert(vm.clone());
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
        self.anchor = None;
    }

    /// Forgets the machines that are gone.
    pub(crate) fn retain_known(&mut self, fleet: &Fleet) {
        self.all.retain(|vm| fleet.vm(vm).is_some());
    }
}
