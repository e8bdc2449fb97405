//! The truth, which the simulated drivers hold, beside what an operator believes.

use std::collections::BTreeMap;
use std::fmt;

use archipel_fleet::{Fleet, Hypervisor, Vm};
use archipel_hypervisor::Domain;
use archipel_protocol::{HypervisorId, VmId, VmState};

use super::SimHost;

/// How many differences a text shows.
const SHOWN: usize = 20;

/// One thing that the operator does not know, or has wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// A hypervisor that the operator does not know, or does not see live.
    Host {
        /// Which.
        host: HypervisorId,
        /// What is wrong with it.
        why: String,
    },
    /// A machine that the operator does not know.
    Missing {
        /// Where it is.
        host: HypervisorId,
        /// Its name.
        name: String,
    },
    /// A machine that is not there.
    Ghost {
        /// Where it is believed to be.
        host: HypervisorId,
        /// The name it is believed to have.
        name: String,
    },
    /// A machine of which the operator has something wrong.
    Wrong {
        /// Where it is.
        host: HypervisorId,
        /// Its name.
        name: String,
        /// What is wrong: name, state, vcpus, memory.
        what: &'static str,
        /// What the operator believes.
        believed: String,
        /// How it is.
        truth: String,
    },
}

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Hypervisors compared.
    pub hosts: usize,
    /// Machines that are there.
    pub machines: usize,
    /// Everything that differs.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Whether the operator sees exactly what is there.
    pub fn agrees(&self) -> bool {
        self.differences.is_empty()
    }

    /// Compares all hosts.
    pub(crate) fn of<'a>(hosts: impl Iterator<Item = &'a SimHost>, fleet: &Fleet) -> Comparison {
        let mut found = Comparison::default();
        for host in hosts {
            found.hosts += 1;
            found.host(host, fleet);
        }
        found
    }

    fn host(&mut self, host: &SimHost, fleet: &Fleet) {
        let id = host.id();
        let truth: BTreeMap<VmId, Domain> = host
            .driver()
            .truth()
            .into_iter()
            .map(|domain| (domain.id, domain))
            .collect();
        self.machines += truth.len();
        if let Err(why) = seen_live(fleet.hypervisor(&id)) {
            self.differences.push(Difference::Host { host: id, why });
            return;
        }
        let believed: BTreeMap<VmId, &Vm> = fleet.vms_of(&id).map(|vm| (vm.at.vm, vm)).collect();
        for (vm, domain) in &truth {
            match believed.get(vm) {
                Some(vm) => self.differences.extend(wrong(&id, vm, domain)),
                None => self.differences.push(Difference::Missing {
                    host: id.clone(),
                    name: domain.name.clone(),
                }),
            }
        }
        // What an agent looked after and is gone, it goes on to show as undefined: no claim that it is there.
        let ghosts = believed
            .values()
            .filter(|vm| !truth.contains_key(&vm.at.vm) && vm.state != VmState::Undefined);
        self.differences.extend(ghosts.map(|vm| Difference::Ghost {
            host: id.clone(),
            name: vm.name.to_string(),
        }));
    }
}

fn seen_live(hypervisor: Option<&Hypervisor>) -> Result<(), String> {
    let Some(hypervisor) = hypervisor else {
        return Err("unknown to the operator".to_owned());
    };
    if hypervisor.watch != archipel_fleet::WatchState::Live || !hypervisor.fresh.is_live() {
        return Err(format!(
            "not live: {:?}, {:?}",
            hypervisor.reach, hypervisor.watch
        ));
    }
    Ok(())
}

fn wrong(host: &HypervisorId, vm: &Vm, truth: &Domain) -> Vec<Difference> {
    let pairs = [
        ("name", vm.name.to_string(), truth.name.clone()),
        ("state", vm.state.to_string(), truth.state.to_string()),
        ("vcpus", vm.vcpus.to_string(), truth.vcpus.to_string()),
        (
            "memory",
            vm.memory_kib.to_string(),
            truth.memory_kib.to_string(),
        ),
    ];
    let differ = pairs
        .into_iter()
        .filter(|(_, believed, truth)| believed != truth);
    differ
        .map(|(what, believed, is)| Difference::Wrong {
            host: host.clone(),
            name: truth.name.clone(),
            what,
            believed,
            truth: is,
        })
        .collect()
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Host { host, why } => write!(f, "{host}: {why}"),
            Difference::Missing { host, name } => {
                write!(f, "{host}: `{name}` is unknown to the operator")
            }
            Difference::Ghost { host, name } => write!(f, "{host}: there is no `{name}`"),
            Difference::Wrong {
                host,
                name,
                what,
                believed,
                truth,
            } => write!(
                f,
                "{host}: {what} of `{name}` is {truth}, believed to be {believed}"
            ),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hosts, machines) = (self.hosts, self.machines);
        if self.agrees() {
            return write!(
                f,
                "the operator sees all {machines} machines of {hosts} hypervisors as they are"
            );
        }
        let count = self.differences.len();
        write!(
            f,
            "{count} differences between {machines} machines on {hosts} hypervisors and what the operator sees:"
        )?;
        for difference in self.differences.iter().take(SHOWN) {
            write!(f, "\n  {difference}")?;
        }
        if count > SHOWN {
            write!(f, "\n  and {} more", count - SHOWN)?;
        }
        Ok(())
    }
}
