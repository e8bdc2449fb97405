//! The model as selectors see it.

mod event;
mod hypervisor;
mod values;
mod view;
mod vm;

use archipel_language::{
    Field, Noun, Now, Records, Selector, Value,
    selector::{Values, Visit},
};
use archipel_protocol::{HypervisorId, events::Event};

use crate::{fleet::Fleet, vm::VmRef};
use event::EventRecord;
use hypervisor::HostRecord;
use view::View;
use vm::VmRecord;

/// What a selector picked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A machine.
    Vm(VmRef),
    /// A hypervisor.
    Hypervisor(HypervisorId),
    /// An event: whose log it is in, and its number there.
    Event(HypervisorId, u64),
}

impl Key {
    /// The machine, if it is one.
    pub fn vm(self) -> Option<VmRef> {
        match self {
            Self::Vm(vm) => Some(vm),
            Self::Hypervisor(_) | Self::Event(..) => None,
        }
    }

    /// The hypervisor, if it is one.
    pub fn hypervisor(self) -> Option<HypervisorId> {
        match self {
            Self::Hypervisor(id) => Some(id),
            Self::Vm(_) | Self::Event(..) => None,
        }
    }
}

/// Machines, hypervisors and the recent events, in the order of [`Fleet::vms`], [`Fleet::hypervisors`] and [`Fleet::log`]; the
/// model holds nothing else yet. All three lead to each other.
impl Records for Fleet {
    type Key = Key;

    fn visit(&self, noun: Noun, each: &mut Visit<'_, Key>) {
        let view = View::new(self);
        match noun {
            Noun::Vm => view.visit_machines(each),
            Noun::Hypervisor => view.visit_hypervisors(each),
            Noun::Event => view.visit_events(each),
            _ => {}
        }
    }
}

/// The texts that the records hold now, in their order.
impl Values for Fleet {
    fn visit(&self, noun: Noun, field: Field, each: &mut dyn FnMut(&str)) {
        Records::visit(self, noun, &mut |_, record| match record.value(field) {
            Value::Text(text) => each(text),
            Value::Texts(texts) => texts.for_each(&mut *each),
            _ => {}
        });
    }
}

impl Fleet {
    /// Whether `selector`, one of events, picks an event of this hypervisor's log that need not be among those of the model.
    pub fn picks_event(
        &self,
        (selector, now): (&Selector, Now),
        hypervisor: &HypervisorId,
        event: &Event,
    ) -> bool {
        let view = View::new(self);
        selector.matches_at(&EventRecord::new(&view, hypervisor, event), now)
    }
}

impl View<'_> {
    fn visit_machines(&self, each: &mut Visit<'_, Key>) {
        for host in self.fleet.in_order() {
            for vm in host.machines.iter() {
                let key = || Key::Vm(vm.at.clone());
                each(&key, &VmRecord::new(self, host, vm));
            }
        }
    }

    fn visit_hypervisors(&self, each: &mut Visit<'_, Key>) {
        for host in self.fleet.in_order() {
            let key = || Key::Hypervisor(host.own.id.clone());
            each(&key, &HostRecord::new(self, host));
        }
    }

    fn visit_events(&self, each: &mut Visit<'_, Key>) {
        for logged in self.fleet.log() {
            let (host, event) = (&logged.hypervisor, &logged.event);
            let key = || Key::Event(host.clone(), event.number);
            each(&key, &EventRecord::new(self, host, event));
        }
    }
}
