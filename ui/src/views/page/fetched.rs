//! Something that a hypervisor is asked for, and how far that is.

use archipel_fleet::{Fleet, Freshness, Moment, Run, VmRef};
use archipel_protocol::text::clean_line;

use super::super::Cx;
use crate::{
    format,
    now::Now,
    theme::Role,
    widgets::{
        pen::{Span, span},
        state::Instead,
    },
};

/// The longest reason that is kept.
const REASON: usize = 500;

/// What was told last, and whether it is asked for.
#[derive(Debug)]
pub(super) struct Fetched<T> {
    told: Option<(T, Moment)>,
    /// Why the last question brought nothing.
    failed: Option<String>,
    asking: Option<Moment>,
    due: bool,
}

impl<T> Default for Fetched<T> {
    fn default() -> Self {
        Self {
            told: None,
            failed: None,
            asking: None,
            due: true,
        }
    }
}

impl<T> Fetched<T> {
    /// Whether it has to be asked for.
    pub(super) fn is_due(&self) -> bool {
        self.due && self.asking.is_none()
    }

    pub(super) fn is_asking(&self) -> bool {
        self.asking.is_some()
    }

    pub(super) fn asked(&mut self, now: Now) {
        (self.due, self.asking) = (false, Some(now.moment));
    }

    /// Takes an answer that is waited for.
    pub(super) fn told(&mut self, answer: Result<T, String>, now: Now) {
        if self.asking.take().is_none() {
            return;
        }
        match answer {
            Ok(told) => (self.told, self.failed) = (Some((told, now.moment)), None),
            Err(why) => self.failed = Some(clean_line(&why, REASON)),
        }
    }

    /// Has to be asked for anew, unless it is being asked for.
    pub(super) fn again(&mut self) {
        self.due |= self.asking.is_none();
    }

    pub(super) fn value(&self) -> Option<&T> {
        self.told.as_ref().map(|(told, _)| told)
    }

    /// Has to be asked for anew where a change of the machine has ended since it was told.
    pub(super) fn follow(&mut self, vm: &VmRef, fleet: &Fleet) {
        let Some((_, at)) = self.told else { return };
        let later = |run: &Run| run.ended.is_some_and(|ended| ended > at);
        let changed = |run: &Run| run.verb.is_change() && run.concerns(vm);
        self.due |= fleet.runs().any(|run| later(run) && changed(run));
    }

    /// What stands in the page while nothing was told.
    pub(super) fn instead(&self, what: &str, vm: &VmRef, cx: Cx<'_>) -> Option<Instead> {
        if self.told.is_some() {
            return None;
        }
        let host = cx
            .fleet
            .hypervisor(&vm.hypervisor)
            .map_or("its hypervisor", |host| &host.name);
        Some(match (self.asking, &self.failed) {
            (Some(at), _) => Instead::Loading {
                what: format!("Asking {host} for {what}"),
                since: super::super::since(at, cx.now),
            },
            (None, Some(why)) => Instead::Failed {
                why: format!("{host} did not give {what}: {why}"),
                next: "r asks again.".to_owned(),
            },
            (None, None) => Instead::Failed {
                why: format!("{host} is not there to be asked for {what}"),
                next: "It is asked when its agent is back.".to_owned(),
            },
        })
    }

    /// How old it is, and what became of the question for something newer.
    pub(super) fn note(&self, vm: &VmRef, cx: Cx<'_>) -> Vec<Span> {
        let Some((_, at)) = self.told else {
            return Vec::new();
        };
        let age = format::age(at, cx.now.moment);
        vec![match &self.failed {
            _ if self.is_asking() => span(Role::Dim, "asking again"),
            Some(why) => span(Role::Warning, format!("as of {age}; not again: {why}")),
            None if !is_live(vm, cx) => span(Role::Stale, format!("not current: as of {age}")),
            None => span(Role::Dim, format!("as of {age}")),
        }]
    }
}

/// Whether what is known of the machine is up to date.
pub(super) fn is_live(vm: &VmRef, cx: Cx<'_>) -> bool {
    let vm = cx.fleet.vm(vm);
    vm.is_some_and(|vm| vm.fresh == Freshness::Live)
}
