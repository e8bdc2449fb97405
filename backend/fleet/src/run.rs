//! A plan that is being carried out, with a line per machine.

use std::{collections::HashMap, fmt};

use archipel_language::Verb;
use archipel_protocol::Failure;

use crate::{plan::Plan, ready::Reason, time::Moment, vm::VmRef};

/// The number of a run, random: operation ids are made from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u64);

impl fmt::Display for RunId {
    /// Sixteen hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// How a step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// Its turn has not come.
    Waiting,
    /// Its command is on its way.
    Sent,
    /// Done.
    Done,
    /// Not done, as the agent or the way to it says.
    Failed(Failure),
    /// Never tried, as the plan said.
    Refused(Reason),
}

/// What is done to one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStep {
    /// The machine.
    pub vm: VmRef,
    /// Its name when the plan was made.
    pub name: String,
    /// The name of its hypervisor.
    pub hypervisor: String,
    /// How it stands.
    pub state: StepState,
}

/// How far a run is; refused steps are in none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Steps that were tried or will be.
    pub all: usize,
    /// Steps that were done.
    pub done: usize,
    /// Steps that failed.
    pub failed: usize,
}

impl Progress {
    /// Whether every step has ended.
    pub fn is_over(self) -> bool {
        self.done + self.failed == self.all
    }
}

/// A plan that is being or was carried out.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// What is done.
    pub verb: &'static Verb,
    /// The values of the verb's own arguments, in their order.
    pub given: Vec<String>,
    /// A line per machine, in the plan's order.
    pub steps: Vec<RunStep>,
    /// When it began.
    pub started: Moment,
    /// When its last step ended.
    pub ended: Option<Moment>,
    progress: Progress,
    index: HashMap<VmRef, usize>,
}

impl Run {
    pub(crate) fn new(id: RunId, plan: Plan, started: Moment) -> Self {
        let verb = plan.verb;
        let steps: Vec<RunStep> = plan.steps.into_iter().map(RunStep::from).collect();
        let index = steps
            .iter()
            .enumerate()
            .map(|(at, step)| (step.vm.clone(), at));
        let waiting = steps.iter().filter(|step| step.state == StepState::Waiting);
        let progress = Progress {
            all: waiting.count(),
            ..Progress::default()
        };
        Self {
            id,
            verb,
            given: plan.given,
            started,
            ended: progress.is_over().then_some(started),
            progress,
            index: index.collect(),
            steps,
        }
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Whether every step has ended.
    pub fn is_over(&self) -> bool {
        self.progress.is_over()
    }

    /// Whether it does something to this machine.
    pub fn concerns(&self, vm: &VmRef) -> bool {
        self.index.contains_key(vm)
    }

    /// The machines of the steps that failed: what a new plan for a retry is made for.
    pub fn failed(&self) -> Vec<VmRef> {
        let failed = self
            .steps
            .iter()
            .filter(|step| matches!(step.state, StepState::Failed(_)));
        failed.map(|step| step.vm.clone()).collect()
    }

    pub(crate) fn sent(&mut self, vm: &VmRef) -> bool {
        match self.step(vm) {
            Some(step) if step.state == StepState::Waiting => {
                step.state = StepState::Sent;
                true
            }
            _ => false,
        }
    }

    /// Notes how a step ended; the first word counts. The answer says whether anything changed.
    pub(crate) fn finish(&mut self, vm: &VmRef, result: Result<(), Failure>, at: Moment) -> bool {
        let Some(step) = self.step(vm) else {
            return false;
        };
        if !matches!(step.state, StepState::Waiting | StepState::Sent) {
            return false;
        }
        let failed = result.is_err();
        step.state = result.map_or_else(StepState::Failed, |()| StepState::Done);
        self.progress.failed += usize::from(failed);
        self.progress.done += usize::from(!failed);
        self.ended = self.is_over().then_some(at);
        true
    }

    fn step(&mut self, vm: &VmRef) -> Option<&mut RunStep> {
        let at = *self.index.get(vm)?;
        self.steps.get_mut(at)
    }
}

impl From<crate::plan::Step> for RunStep {
    fn from(step: crate::plan::Step) -> Self {
        Self {
            vm: step.vm,
            name: step.name,
            hypervisor: step.hypervisor,
            state: step
                .verdict
                .map_or_else(StepState::Refused, |()| StepState::Waiting),
        }
    }
}
