//! The model while one selector is evaluated over it.

use std::{cell::OnceCell, collections::HashMap, ops::ControlFlow};

use archipel_language::selector::Record;
use archipel_protocol::{HypervisorId, VmId};

use super::{event::EventRecord, hypervisor::HostRecord};
use crate::{fleet::Fleet, journal::Logged};

/// The recent events by what they are about.
#[derive(Default)]
struct Index<'a> {
    of_hosts: HashMap<&'a HypervisorId, Vec<&'a Logged>>,
    of_vms: HashMap<(&'a HypervisorId, VmId), Vec<&'a Logged>>,
}

/// The model, and what is looked up in it more than once.
pub(super) struct View<'a> {
    pub(super) fleet: &'a Fleet,
    events: OnceCell<Index<'a>>,
}

/// What a record is told of each that hangs together with it.
pub(super) type Each<'a> = &'a mut dyn FnMut(&dyn Record) -> ControlFlow<()>;

impl<'a> View<'a> {
    pub(super) fn new(fleet: &'a Fleet) -> Self {
        Self {
            fleet,
            events: OnceCell::new(),
        }
    }

    /// The hypervisor with this address, where it is trusted.
    pub(super) fn host(&self, id: &HypervisorId, each: Each<'_>) -> ControlFlow<()> {
        match self.fleet.hosts.get(id) {
            Some(host) => each(&HostRecord::new(self, host)),
            None => ControlFlow::Continue(()),
        }
    }

    /// The events of a machine, or of a hypervisor with those of its machines.
    pub(super) fn events(
        &self,
        host: &HypervisorId,
        vm: Option<VmId>,
        each: Each<'_>,
    ) -> ControlFlow<()> {
        let index = self.events.get_or_init(|| self.index());
        let found = match vm {
            Some(vm) => index.of_vms.get(&(host, vm)),
            None => index.of_hosts.get(host),
        };
        found
            .into_iter()
            .flatten()
            .try_for_each(|logged| each(&EventRecord::new(self, &logged.hypervisor, &logged.event)))
    }

    fn index(&self) -> Index<'a> {
        let mut index = Index::default();
        for logged in self.fleet.log() {
            let host = &logged.hypervisor;
            index.of_hosts.entry(host).or_default().push(logged);
            if let Some(vm) = logged.event.vm {
                index.of_vms.entry((host, vm)).or_default().push(logged);
            }
        }
        index
    }
}
