//! What the operator looks at: of it more is wanted, of what went out of sight less.

use archipel_fleet::Look;
use archipel_protocol::HypervisorId;
use tokio::time::Instant;

use super::{Engine, timers::Timer};

/// How much of a hypervisor is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing of its machines' figures.
    Far,
    /// Its machines among others.
    Seen,
    /// It alone.
    Close,
}

/// What is looked at, and what will be.
#[derive(Debug, Default)]
pub(super) struct State {
    look: Look,
    /// What takes its place when that has stood long enough.
    next: Option<Look>,
    /// When `look` began.
    since: Option<Instant>,
}

impl State {
    fn sight(&self, id: &HypervisorId) -> Sight {
        match &self.look {
            look if !look.hypervisors().contains(id) => Sight::Far,
            Look::At(_) => Sight::Close,
            _ => Sight::Seen,
        }
    }
}

impl Engine {
    /// Whoever scrolls through a table passes by more hypervisors than can be asked: what is looked over changes at most once in a while.
    pub(super) fn look(&mut self, look: Look) {
        self.timers.clear(&Timer::Look);
        let state = &mut self.look;
        state.next = None;
        if state.look == look {
            return;
        }
        let rests = matches!((&state.look, &look), (Look::Over(_), Look::Over(_)));
        let until = state.since.map(|since| since + self.settings.pace.look);
        match until.filter(|until| rests && *until > Instant::now()) {
            Some(until) => {
                state.next = Some(look);
                self.timers.set(Timer::Look, until);
            }
            None => self.turn_to(look),
        }
    }

    /// What was looked at has stood long enough.
    pub(super) fn look_due(&mut self) {
        if let Some(look) = self.look.next.take() {
            self.turn_to(look);
        }
    }

    fn turn_to(&mut self, look: Look) {
        let changed: Vec<HypervisorId> = {
            let before = std::mem::take(&mut self.look);
            self.look = State {
                look,
                next: None,
                since: Some(Instant::now()),
            };
            let both = [before.look.hypervisors(), self.look.look.hypervisors()].concat();
            let differs = |id: &HypervisorId| before.sight(id) != self.look.sight(id);
            both.into_iter().filter(differs).collect()
        };
        for id in changed {
            self.renew_watch(&id);
            self.look_at_original(&id);
        }
    }

    /// How much of a hypervisor is seen.
    pub(super) fn sight(&self, id: &HypervisorId) -> Sight {
        self.look.sight(id)
    }

    /// Whether it alone is looked at.
    pub(super) fn looks_at(&self, id: &HypervisorId) -> bool {
        self.sight(id) == Sight::Close
    }
}
