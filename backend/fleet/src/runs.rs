//! The recent runs.

use std::collections::VecDeque;

use archipel_protocol::Failure;

use crate::{
    messages::Ended,
    run::{Run, RunId, RunStep, StepState},
    time::Moment,
    vm::VmRef,
};

/// How many runs are kept; of the finished ones the oldest goes first.
const LIMIT: usize = 50;

#[derive(Debug, Default)]
pub(crate) struct Runs(VecDeque<Run>);

impl Runs {
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Run> + ExactSizeIterator {
        self.0.iter()
    }

    pub(crate) fn get(&self, id: RunId) -> Option<&Run> {
        self.0.iter().find(|run| run.id == id)
    }

    pub(crate) fn start(&mut self, run: Run) {
        if self.get(run.id).is_some() {
            return;
        }
        if self.0.len() >= LIMIT {
            let finished = self.0.iter().position(Run::is_over).unwrap_or(0);
            self.0.remove(finished);
        }
        self.0.push_back(run);
    }

    pub(crate) fn sent(&mut self, id: RunId, vm: &VmRef) -> bool {
        self.get_mut(id).is_some_and(|run| run.sent(vm))
    }

    /// The text to tell when that ended the whole run, or `None`; `Err` where nothing changed.
    pub(crate) fn finish(
        &mut self,
        id: RunId,
        vm: &VmRef,
        result: Result<(), Failure>,
        at: Moment,
    ) -> Result<Option<Ending>, Unchanged> {
        let run = self.get_mut(id).ok_or(Unchanged)?;
        if !run.finish(vm, result, at) {
            return Err(Unchanged);
        }
        Ok(run.is_over().then(|| Ending::of(run)))
    }

    fn get_mut(&mut self, id: RunId) -> Option<&mut Run> {
        self.0.iter_mut().find(|run| run.id == id)
    }
}

/// A word about a step that is no news.
#[derive(Debug)]
pub(crate) struct Unchanged;

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) failed: bool,
    pub(crate) text: String,
}

impl Ending {
    fn of(run: &Run) -> Self {
        let progress = run.progress();
        let ended = Ended {
            verb: run.verb,
            progress,
            only: only(&run.steps),
        };
        Self {
            failed: progress.failed > 0,
            text: ended.to_string(),
        }
    }
}

fn only(steps: &[RunStep]) -> Option<(&str, Option<String>)> {
    let [step] = steps else { return None };
    let why = match &step.state {
        StepState::Failed(failure) => Some(failure.to_string()),
        _ => None,
    };
    Some((&step.name, why))
}
