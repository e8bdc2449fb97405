//! A hypervisor as selectors see it.

use std::ops::ControlFlow;

use archipel_language::{
    Noun,
    selector::{Field, Record, Value},
};

use super::{
    values::{bytes, called, count, exact, groups, percent, some, text, texts},
    view::{Each, View},
    vm::VmRecord,
};
use crate::host::Host;

/// A hypervisor with its machines.
pub(super) struct HostRecord<'v, 'f> {
    view: &'v View<'f>,
    host: &'f Host,
}

impl<'v, 'f> HostRecord<'v, 'f> {
    pub(super) fn new(view: &'v View<'f>, host: &'f Host) -> Self {
        Self { view, host }
    }

    fn state(&self) -> &'static str {
        if self.host.own.reach.is_online() {
            "online"
        } else {
            "offline"
        }
    }
}

impl Record for HostRecord<'_, '_> {
    fn value(&self, field: Field) -> Value<'_> {
        let host = &self.host.own;
        let (row, load) = (host.row.as_ref(), host.load.as_ref());
        match field {
            Field::Name => texts(called(host, self.view.fleet)),
            Field::Id => Value::Text(host.id.jid().as_str()),
            Field::State => Value::Text(self.state()),
            Field::Group => groups(host),
            Field::Vcpus => count(row.and_then(|row| some(row.cpus))),
            Field::Memory => bytes(row.and_then(|row| some(row.memory_kib))),
            Field::Driver => text(
                row.map(|row| row.driver.as_str())
                    .filter(|driver| !driver.is_empty()),
            ),
            Field::Version => text(
                row.map(|row| row.agent_version.as_str())
                    .filter(|version| !version.is_empty()),
            ),
            Field::Cpu => percent(load.and_then(|load| load.cpu_permille)),
            Field::Uptime => load
                .and_then(|load| load.uptime_s)
                .map_or(Value::Missing, |seconds| Value::Number(exact(seconds))),
            Field::Machines => count(Some(host.machines())),
            _ => Value::Missing,
        }
    }

    fn identity(&self) -> Option<usize> {
        Some(std::ptr::from_ref(self.host).addr())
    }

    fn related(&self, noun: Noun, each: Each<'_>) -> ControlFlow<()> {
        let mut machines = self.host.machines.iter();
        match noun {
            Noun::Vm => machines.try_for_each(|vm| each(&VmRecord::new(self.view, self.host, vm))),
            Noun::Event => self.view.events(&self.host.own.id, None, each),
            _ => ControlFlow::Continue(()),
        }
    }
}
