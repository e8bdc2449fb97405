//! What a verb would do, machine by machine, before it does.

use std::collections::HashSet;

use archipel_language::{Risk, Verb};

use crate::{
    fleet::Fleet,
    ready::{Reason, ready},
    vm::VmRef,
};

/// What a verb would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The verb.
    pub verb: &'static Verb,
    /// The values of the verb's own arguments, in their order.
    pub given: Vec<String>,
    /// A line per machine, in the order of the targets, each machine once.
    pub steps: Vec<Step>,
}

/// What would be done to one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The machine.
    pub vm: VmRef,
    /// Its name, or its id where it is no longer known.
    pub name: String,
    /// The name of its hypervisor.
    pub hypervisor: String,
    /// Whether it can be done, or why not.
    pub verdict: Result<(), Reason>,
}

/// What the operator has to do before a plan is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirm {
    /// Nothing.
    None,
    /// Press a key, having seen these names.
    Key(Vec<String>),
    /// Type this count.
    TypeCount(usize),
}

/// The plan of `verb`, which needs nothing said, for `targets`.
pub fn plan(fleet: &Fleet, verb: &'static Verb, targets: &[VmRef]) -> Plan {
    plan_given(fleet, verb, Vec::new(), targets)
}

/// The plan of `verb` with the values of its own arguments, for `targets`.
pub fn plan_given(
    fleet: &Fleet,
    verb: &'static Verb,
    given: Vec<String>,
    targets: &[VmRef],
) -> Plan {
    let mut seen = HashSet::new();
    let once = targets.iter().filter(|vm| seen.insert(*vm));
    Plan {
        verb,
        given,
        steps: once.map(|vm| step(fleet, verb, vm)).collect(),
    }
}

fn step(fleet: &Fleet, verb: &'static Verb, vm: &VmRef) -> Step {
    let name = fleet.vm(vm).map(|known| known.name.to_string());
    let hypervisor = fleet
        .hypervisor(&vm.hypervisor)
        .map(|known| known.name.clone());
    Step {
        verdict: ready(fleet, verb, vm),
        name: name.unwrap_or_else(|| vm.vm.to_string()),
        hypervisor: hypervisor.unwrap_or_else(|| vm.hypervisor.to_string()),
        vm: vm.clone(),
    }
}

impl Plan {
    /// The steps that can be done.
    pub fn ready(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.verdict.is_ok())
    }

    /// The steps that cannot be done, each with the reason.
    pub fn refused(&self) -> impl Iterator<Item = (&Step, &Reason)> {
        self.steps
            .iter()
            .filter_map(|step| Some((step, step.verdict.as_ref().err()?)))
    }

    /// What the operator has to do first: the more the verb may cost, the more. A plan that does nothing needs nothing.
    pub fn confirmation(&self) -> Confirm {
        let names: Vec<String> = self.ready().map(|step| step.name.clone()).collect();
        match (self.verb.risk, names.len()) {
            (_, 0) | (Risk::Safe, 1) => Confirm::None,
            (Risk::Safe | Risk::Disruptive, _) => Confirm::Key(names),
            (Risk::Destructive, count) => Confirm::TypeCount(count),
        }
    }
}
