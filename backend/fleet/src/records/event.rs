//! An entry of an agent's log as selectors see it.

use std::{cell::OnceCell, ops::ControlFlow};

use archipel_language::{
    Noun, Verb,
    selector::{Field, Record, Value},
};
use archipel_protocol::{HypervisorId, audit::Outcome, events::Event};

use super::{
    values::{exact, names, text, texts},
    view::{Each, View},
    vm::VmRecord,
};

/// An event with the hypervisor whose log it is in.
pub(super) struct EventRecord<'v, 'f> {
    view: &'v View<'f>,
    hypervisor: &'f HypervisorId,
    event: &'f Event,
    /// The uuid of its machine as text.
    vm: OnceCell<String>,
}

impl<'v, 'f> EventRecord<'v, 'f> {
    pub(super) fn new(view: &'v View<'f>, hypervisor: &'f HypervisorId, event: &'f Event) -> Self {
        Self {
            view,
            hypervisor,
            event,
            vm: OnceCell::new(),
        }
    }

    /// The name of the machine at the time, and its uuid.
    fn machine(&self) -> Value<'_> {
        let Some(vm) = self.event.vm else {
            return Value::Missing;
        };
        let id = self.vm.get_or_init(|| vm.to_string());
        texts([self.event.name.as_str(), id].into_iter())
    }
}

impl EventRecord<'_, '_> {
    /// By every name that the verb has: its id, its word, its other words, the action on the wire.
    fn verb(&self) -> Value<'_> {
        let Some(said) = self.event.verb.as_deref() else {
            return Value::Missing;
        };
        let row = Verb::by_id(said).into_iter();
        let names = row.flat_map(|row| {
            let wire = row.wire.words().map(|(_, action)| action);
            let aliases = row.aliases.iter().copied();
            aliases.chain([row.word]).chain(wire)
        });
        texts(std::iter::once(said).chain(names))
    }
}

impl Record for EventRecord<'_, '_> {
    fn value(&self, field: Field) -> Value<'_> {
        let event = self.event;
        match field {
            Field::Id => Value::Number(exact(event.number)),
            // Whole seconds of a few thousand years are exact.
            #[allow(clippy::cast_precision_loss)]
            Field::Time => Value::Number(event.at.as_second() as f64),
            Field::Sort => Value::Text(&event.what),
            Field::Vm => self.machine(),
            Field::Hypervisor => match self.view.fleet.hypervisor(self.hypervisor) {
                Some(host) => names(host, self.view.fleet),
                None => Value::Text(self.hypervisor.jid().as_str()),
            },
            Field::Who => text(event.by.as_ref().map(|who| who.as_str())),
            Field::Severity => Value::Text(event.severity.word()),
            Field::Verb => self.verb(),
            Field::Result => text(event.result.map(Outcome::word)),
            Field::Description => Value::Text(&event.text),
            _ => Value::Missing,
        }
    }

    fn identity(&self) -> Option<usize> {
        Some(std::ptr::from_ref(self.event).addr())
    }

    fn related(&self, noun: Noun, each: Each<'_>) -> ControlFlow<()> {
        match noun {
            Noun::Hypervisor => self.view.host(self.hypervisor, each),
            Noun::Vm => {
                let host = self.view.fleet.hosts.get(self.hypervisor);
                let found = host.zip(self.event.vm).and_then(|(host, id)| {
                    let vm = host.machines.get(id)?;
                    Some(VmRecord::new(self.view, host, vm))
                });
                found.map_or(ControlFlow::Continue(()), |vm| each(&vm))
            }
            _ => ControlFlow::Continue(()),
        }
    }
}
