//! The model as selectors see it.

use std::ops::ControlFlow;

use archipel_language::{
    Noun, Records,
    selector::{Field, Record, Value},
};
use archipel_protocol::HypervisorId;

use crate::{
    fleet::Fleet,
    hypervisor::Hypervisor,
    vm::{Vm, VmRef},
};

/// What a selector picked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A machine.
    Vm(VmRef),
    /// A hypervisor.
    Hypervisor(HypervisorId),
}

impl Key {
    /// The machine, if it is one.
    pub fn vm(self) -> Option<VmRef> {
        match self {
            Self::Vm(vm) => Some(vm),
            Self::Hypervisor(_) => None,
        }
    }

    /// The hypervisor, if it is one.
    pub fn hypervisor(self) -> Option<HypervisorId> {
        match self {
            Self::Hypervisor(id) => Some(id),
            Self::Vm(_) => None,
        }
    }
}

impl Records for Fleet {
    type Key = Key;

    fn visit(&self, noun: Noun, each: &mut dyn FnMut(Key, &dyn Record)) {
        for host in self.hypervisors() {
            match noun {
                Noun::Hypervisor => each(
                    Key::Hypervisor(host.id.clone()),
                    &HostRecord::new(self, host),
                ),
                Noun::Vm => self.visit_machines(host, each),
                // The model holds nothing else yet.
                _ => return,
            }
        }
    }
}

impl Fleet {
    fn visit_machines(&self, host: &Hypervisor, each: &mut dyn FnMut(Key, &dyn Record)) {
        for vm in self.vms_of(&host.id) {
            each(Key::Vm(vm.at.clone()), &VmRecord::new(self, host, vm));
        }
    }
}

/// A machine with its hypervisor.
struct VmRecord<'a> {
    fleet: &'a Fleet,
    vm: &'a Vm,
    host: &'a Hypervisor,
    id: String,
}

impl<'a> VmRecord<'a> {
    fn new(fleet: &'a Fleet, host: &'a Hypervisor, vm: &'a Vm) -> Self {
        Self {
            fleet,
            vm,
            host,
            id: vm.at.vm.to_string(),
        }
    }
}

impl Record for VmRecord<'_> {
    fn value(&self, field: Field) -> Value<'_> {
        let (vm, host) = (self.vm, self.host);
        match field {
            Field::Name => Value::Text(&vm.name),
            Field::Id => Value::Text(&self.id),
            Field::State => Value::State(vm.state),
            Field::Hypervisor => texts([host.name.as_str(), host.id.jid().as_str()].into_iter()),
            Field::Group => texts(host.groups.iter().map(String::as_str)),
            Field::Tag => texts(vm.tags.iter().map(String::as_str)),
            Field::Vcpus => Value::Number(f64::from(vm.vcpus)),
            Field::Memory => bytes(vm.memory_kib),
            Field::Cpu => percent(vm.load.and_then(|load| load.cpu_permille)),
            Field::Managed => Value::Yes(vm.flags.managed),
            Field::Autostart => Value::Yes(vm.flags.autostart),
            _ => Value::Missing,
        }
    }

    fn related(
        &self,
        noun: Noun,
        each: &mut dyn FnMut(&dyn Record) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match noun {
            Noun::Hypervisor => each(&HostRecord::new(self.fleet, self.host)),
            _ => ControlFlow::Continue(()),
        }
    }
}

/// A hypervisor.
struct HostRecord<'a> {
    fleet: &'a Fleet,
    host: &'a Hypervisor,
    state: &'static str,
}

impl<'a> HostRecord<'a> {
    fn new(fleet: &'a Fleet, host: &'a Hypervisor) -> Self {
        let state = if host.reach.is_online() {
            "online"
        } else {
            "offline"
        };
        Self { fleet, host, state }
    }
}

impl Record for HostRecord<'_> {
    fn value(&self, field: Field) -> Value<'_> {
        let host = self.host;
        match field {
            Field::Name => Value::Text(&host.name),
            Field::Id => Value::Text(host.id.jid().as_str()),
            Field::State => Value::Text(self.state),
            Field::Group => texts(host.groups.iter().map(String::as_str)),
            Field::Vcpus => count(host.row.as_ref().map(|row| row.cpus)),
            Field::Memory => host
                .row
                .as_ref()
                .map_or(Value::Missing, |row| bytes(row.memory_kib)),
            Field::Cpu => percent(host.load.as_ref().and_then(|load| load.cpu_permille)),
            Field::Machines => count(Some(host.machines())),
            _ => Value::Missing,
        }
    }

    fn related(
        &self,
        noun: Noun,
        each: &mut dyn FnMut(&dyn Record) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if noun != Noun::Vm {
            return ControlFlow::Continue(());
        }
        self.fleet
            .vms_of(&self.host.id)
            .try_for_each(|vm| each(&VmRecord::new(self.fleet, self.host, vm)))
    }
}

fn texts<'a>(all: impl Iterator<Item = &'a str> + 'a) -> Value<'a> {
    Value::Texts(Box::new(all))
}

fn count<'a>(number: Option<u32>) -> Value<'a> {
    number.map_or(Value::Missing, |number| Value::Number(f64::from(number)))
}

fn percent<'a>(permille: Option<u32>) -> Value<'a> {
    permille.map_or(Value::Missing, |permille| {
        Value::Number(f64::from(permille) / 10.0)
    })
}

/// No machine has so much memory that the nearest float would be a wrong answer.
#[allow(clippy::cast_precision_loss)]
fn bytes<'a>(kib: u64) -> Value<'a> {
    Value::Number(kib as f64 * 1024.0)
}
