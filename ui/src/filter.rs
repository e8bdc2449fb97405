//! What narrows a view. It belongs to the view: it stays when the view is left and comes back with it.

use std::collections::HashSet;

use archipel_fleet::{Fleet, Key, Logged, VmRef};
use archipel_language::{Noun, Now, Selector};
use archipel_protocol::HypervisorId;

/// The filter of one view.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    text: String,
    vms: Option<Selector>,
    hosts: Option<Selector>,
    events: Option<Selector>,
    /// When it was typed: times in it are told from then.
    typed: Option<Now>,
    error: Option<String>,
    /// A column was chosen to sort by since the text was typed.
    overruled: bool,
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

    /// Takes what was typed into a view of `nouns`; one of none, or of events, is searched for a text that is no selector.
    pub(crate) fn set(&mut self, text: &str, nouns: &[Noun], now: Option<Now>) {
        if text.trim().is_empty() {
            *self = Self::default();
            return;
        }
        text.clone_into(&mut self.text);
        let read = |noun| Selector::filter(noun, text);
        let all: Vec<_> = nouns.iter().copied().map(read).collect();
        let readable = all.iter().any(Result::is_ok) || !is_strict(nouns);
        self.error = match all.iter().find_map(|read| read.as_ref().err()) {
            Some(why) if !readable => Some(why.to_string()),
            _ => None,
        };
        if readable {
            let of = |noun| {
                let mut found = all.iter().flatten();
                found.find(|selector| selector.noun() == noun).cloned()
            };
            self.vms = of(Noun::Vm);
            self.hosts = of(Noun::Hypervisor);
            self.events = of(Noun::Event);
            self.typed = now;
            self.overruled = false;
        }
    }

    /// The machines that pass, in the order that the text names, else in the fleet's; `None` where all do.
    pub(crate) fn vms(&self, fleet: &Fleet) -> Option<Vec<VmRef>> {
        let keys = (!self.is_empty()).then(|| self.keys(self.vms.as_ref(), fleet))?;
        Some(keys.into_iter().filter_map(Key::vm).collect())
    }

    /// Whether the text says in which order machines come.
    pub(crate) fn orders_vms(&self) -> bool {
        !self.overruled && self.vms.as_ref().is_some_and(Selector::is_sorted)
    }

    /// Another order counts until the next text.
    pub(crate) fn overrule_order(&mut self) {
        self.overruled = true;
    }

    /// The hypervisors that pass; `None` where all do.
    pub(crate) fn hosts(&self, fleet: &Fleet) -> Option<HashSet<HypervisorId>> {
        let keys = (!self.is_empty()).then(|| self.keys(self.hosts.as_ref(), fleet))?;
        Some(keys.into_iter().filter_map(Key::hypervisor).collect())
    }

    /// Whether an entry of a log passes; a text that is no selector is looked for in what is shown of it.
    pub(crate) fn passes_event(&self, logged: &Logged, fleet: &Fleet, shown: &[&String]) -> bool {
        match self.events.as_ref().zip(self.typed) {
            Some(selector) => fleet.picks_event(selector, &logged.hypervisor, &logged.event),
            None => shown.iter().any(|text| self.passes_text(text)),
        }
    }

    /// Whether a text passes: it holds what was typed, in any capitals.
    pub(crate) fn passes_text(&self, text: &str) -> bool {
        self.is_empty() || text.to_lowercase().contains(&self.text.to_lowercase())
    }

    fn keys(&self, selector: Option<&Selector>, fleet: &Fleet) -> Vec<Key> {
        match (selector, self.typed) {
            (Some(selector), Some(now)) => selector.select_at(fleet, now),
            (Some(selector), None) => selector.select(fleet),
            (None, _) => Vec::new(),
        }
    }
}

/// Whether a view of `nouns` shows nothing but what a selector picks.
fn is_strict(nouns: &[Noun]) -> bool {
    nouns
        .iter()
        .any(|noun| matches!(noun, Noun::Vm | Noun::Hypervisor))
}
