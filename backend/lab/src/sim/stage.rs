//! Brings a script's events about on the simulated hypervisors.

use std::sync::Arc;

use archipel_domain::{Summary, skeleton};
use archipel_hypervisor::{Domain, DriverError, Power, SimulatedDriver, simulated::Change};
use archipel_protocol::{VmId, VmState};

use super::script::{Happening, What};

/// The hypervisors of a fleet, in the order of the blueprint.
#[derive(Debug, Clone)]
pub(crate) struct Stage(Vec<Arc<SimulatedDriver>>);

impl Stage {
    pub(crate) fn new(drivers: impl Iterator<Item = Arc<SimulatedDriver>>) -> Stage {
        Stage(drivers.collect())
    }

    /// Lets it happen; whether it could, for an operator may have changed what the machine does.
    pub(crate) fn act(&self, happening: Happening) -> bool {
        let vm = happening.vm;
        match happening.what {
            What::Boot(host) => self.change(host, Change::Power(vm, Power::Start)),
            What::ShutDown(host) => self.change(host, Change::Power(vm, Power::Shutdown)),
            What::Pause(host) => self.change(host, Change::Power(vm, Power::Suspend)),
            What::Resume(host) => self.change(host, Change::Power(vm, Power::Resume)),
            What::Crash(host) => {
                self.runs(host, vm) && self.change(host, Change::Become(vm, VmState::Crashed))
            }
            What::Leave(host) => self.runs(host, vm) && self.change(host, Change::Undefine(vm)),
            What::Move { from, to } => self.move_over(vm, from, to),
        }
    }

    fn runs(&self, host: usize, vm: VmId) -> bool {
        self.machine(host, vm)
            .is_some_and(|domain| domain.state == VmState::Running)
    }

    fn machine(&self, host: usize, vm: VmId) -> Option<Domain> {
        self.0.get(host)?.truth_of(vm)
    }

    fn change(&self, host: usize, change: Change) -> bool {
        self.0
            .get(host)
            .is_some_and(|driver| driver.outside(change).is_ok())
    }

    /// A machine that was stopped while it was about to leave is gone, and one that could not leave has its definition still.
    fn move_over(&self, vm: VmId, from: usize, to: usize) -> bool {
        let leaving = self.machine(from, vm).filter(|domain| !domain.persistent);
        let Some(domain) = leaving else {
            return false;
        };
        let moved = || -> Option<Result<(), DriverError>> {
            let (source, target) = (self.0.get(from)?, self.0.get(to)?);
            Some(hand_over(&domain, source, target))
        };
        moved().is_some_and(|moved| moved.is_ok())
    }
}

fn hand_over(
    domain: &Domain,
    source: &SimulatedDriver,
    target: &SimulatedDriver,
) -> Result<(), DriverError> {
    source.outside(Change::Become(domain.id, VmState::Off))?;
    target.outside(Change::Define(definition(domain)))?;
    target.outside(Change::Become(domain.id, domain.state))
}

fn definition(domain: &Domain) -> String {
    skeleton(
        "qemu",
        &Summary {
            name: domain.name.clone(),
            uuid: Some(domain.id.to_string()),
            title: None,
            memory_kib: domain.memory_kib,
            max_memory_kib: domain.max_memory_kib,
            vcpus: domain.vcpus,
            max_vcpus: domain.vcpus,
        },
    )
}
