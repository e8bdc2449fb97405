//! What narrows a view. It belongs to the view: it stays when the view is left and comes back with it.

use std::collections::HashSet;

use archipel_fleet::{Fleet, Key, VmRef};
use archipel_language::{Noun, Selector};
use archipel_protocol::HypervisorId;

/// The filter of one view.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    text: String,
    vms: Option<Selector>,
    hosts: Option<Selector>,
    error: Option<String>,
}

impl Filter {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What is wrong with the text, while it is being typed; the last text that could be read stays in force.
    pub(crate) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    pub(crate) fn set(&mut self, text: &str) {
        if text.trim().is_empty() {
            *self = Self::default();
            return;
        }
        text.clone_into(&mut self.text);
        let vms = Selector::filter(Noun::Vm, text);
        let hosts = Selector::filter(Noun::Hypervisor, text);
        self.error = match (&vms, &hosts) {
            (Err(why), Err(_)) => Some(why.to_string()),
            _ => None,
        };
        if self.error.is_none() {
            self.vms = vms.ok().filter(|selector| selector.noun() == Noun::Vm);
            self.hosts = hosts
                .ok()
                .filter(|selector| selector.noun() == Noun::Hypervisor);
        }
    }

    /// The machines that pass, in the fleet's order; `None` where all do.
    pub(crate) fn vms(&self, fleet: &Fleet) -> Option<Vec<VmRef>> {
        let keys = (!self.is_empty()).then(|| keys(self.vms.as_ref(), fleet))?;
        Some(keys.into_iter().filter_map(Key::vm).collect())
    }

    /// The hypervisors that pass; `None` where all do.
    pub(crate) fn hosts(&self, fleet: &Fleet) -> Option<HashSet<HypervisorId>> {
        let keys = (!self.is_empty()).then(|| keys(self.hosts.as_ref(), fleet))?;
        Some(keys.into_iter().filter_map(Key::hypervisor).collect())
    }

    /// Whether a text passes: it holds what was typed, in any capitals.
    pub(crate) fn passes_text(&self, text: &str) -> bool {
        self.is_empty() || text.to_lowercase().contains(&self.text.to_lowercase())
    }
}

fn keys(selector: Option<&Selector>, fleet: &Fleet) -> Vec<Key> {
    selector.map_or_else(Vec::new, |selector| selector.select(fleet))
}
