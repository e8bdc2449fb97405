//! What a view is about: the fleet, a group, a hypervisor or a machine.

use std::sync::Arc;

use archipel_fleet::{Fleet, Hypervisor, Vm, VmRef};
use archipel_protocol::HypervisorId;

/// The name of a roster group; `None` for the hypervisors without one.
pub(crate) type GroupName = Option<Arc<str>>;

/// What a view is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// Everything.
    Fleet,
    /// A roster group.
    Group(GroupName),
    /// A hypervisor.
    Host(HypervisorId),
    /// A machine.
    Vm(VmRef),
}

impl Subject {
    /// The hypervisor that it is or is on.
    pub(crate) fn host(&self) -> Option<&HypervisorId> {
        match self {
            Self::Fleet | Self::Group(_) => None,
            Self::Host(id) => Some(id),
            Self::Vm(vm) => Some(&vm.hypervisor),
        }
    }

    /// Its hypervisors.
    pub(crate) fn hosts<'a>(&self, fleet: &'a Fleet) -> Vec<&'a Hypervisor> {
        match self {
            Self::Fleet => fleet.hypervisors().collect(),
            Self::Group(name) => {
                let groups = fleet.groups().into_iter();
                groups
                    .filter(|group| group.name == name.as_deref())
                    .flat_map(|group| group.hypervisors)
                    .collect()
            }
            Self::Host(id) => fleet.hypervisor(id).into_iter().collect(),
            Self::Vm(vm) => fleet.hypervisor(&vm.hypervisor).into_iter().collect(),
        }
    }

    /// Its machines.
    pub(crate) fn vms<'a>(&self, fleet: &'a Fleet) -> Vec<&'a Vm> {
        match self {
            Self::Fleet => fleet.vms().collect(),
            Self::Vm(vm) => fleet.vm(vm).into_iter().collect(),
            _ => self
                .hosts(fleet)
                .into_iter()
                .flat_map(|host| fleet.vms_of(&host.id))
                .collect(),
        }
    }

    /// The ids of its machines.
    pub(crate) fn vm_ids(&self, fleet: &Fleet) -> Vec<VmRef> {
        self.vms(fleet)
            .into_iter()
            .map(|vm| vm.at.clone())
            .collect()
    }
}
