//! A machine as selectors see it.

use std::{cell::OnceCell, ops::ControlFlow};

use archipel_language::{
    Noun,
    selector::{Field, Record, Value},
};

use archipel_protocol::vcard::Organisation;

use super::{
    hypervisor::HostRecord,
    values::{bytes, count, groups, names, percent, some, text, texts},
    view::{Each, View},
};
use crate::{host::Host, vm::Vm};

/// A machine with its hypervisor.
pub(super) struct VmRecord<'v, 'f> {
    view: &'v View<'f>,
    host: &'f Host,
    vm: &'f Vm,
    /// Its uuid as text: few selectors ask for it.
    id: OnceCell<String>,
}

impl<'v, 'f> VmRecord<'v, 'f> {
    pub(super) fn new(view: &'v View<'f>, host: &'f Host, vm: &'f Vm) -> Self {
        Self {
            view,
            host,
            vm,
            id: OnceCell::new(),
        }
    }

    /// What its card says, where it says anything.
    fn card(&self, field: impl Fn(&'f Organisation) -> &'f String) -> Value<'_> {
        let said = self.vm.organisation.as_deref().map(field);
        text(said.map(String::as_str).filter(|said| !said.is_empty()))
    }
}

impl Record for VmRecord<'_, '_> {
    fn value(&self, field: Field) -> Value<'_> {
        let (vm, host) = (self.vm, &self.host.own);
        match field {
            Field::Name => Value::Text(&vm.name),
            Field::Id => Value::Text(self.id.get_or_init(|| vm.at.vm.to_string())),
            Field::State => Value::State(vm.state),
            Field::Hypervisor => names(host, self.view.fleet),
            Field::Group => groups(host),
            Field::Tag => texts(vm.tags.iter().map(String::as_str)),
            Field::Vcpus => count(some(vm.vcpus)),
            Field::Memory => bytes(some(vm.memory_kib)),
            Field::Cpu => percent(vm.load.and_then(|load| load.cpu_permille)),
            Field::Managed => Value::Yes(vm.flags.managed),
            Field::Autostart => Value::Yes(vm.flags.autostart),
            Field::Protected => Value::Yes(vm.flags.protected),
            Field::Organisation => self.card(|card| &card.name),
            Field::Unit => self.card(|card| &card.unit),
            Field::Locality => self.card(|card| &card.locality),
            Field::Owner => self.card(|card| &card.owner),
            Field::Categories => self.card(|card| &card.categories),
            _ => Value::Missing,
        }
    }

    fn identity(&self) -> Option<usize> {
        Some(std::ptr::from_ref(self.vm).addr())
    }

    fn related(&self, noun: Noun, each: Each<'_>) -> ControlFlow<()> {
        let at = &self.vm.at;
        match noun {
            Noun::Hypervisor => each(&HostRecord::new(self.view, self.host)),
            Noun::Event => self.view.events(&at.hypervisor, Some(at.vm), each),
            _ => ControlFlow::Continue(()),
        }
    }
}
