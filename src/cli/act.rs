//! A verb on machines: plan, confirmation, run, a result per machine.

use archipel_fleet::{Fleet, Plan, Reason, Run, RunStep, StepState, VmRef};
use archipel_protocol::failure::FailureKind;

use super::{
    arguments::Deed,
    confirm::question,
    console::remark,
    failure::{Code, Failure},
    session::Session,
    sheet::{Cell, Column, Format, Sheet},
};

const PLAN: &[Column] = &[
    Column::shown("name", "name"),
    Column::shown("hypervisor_name", "hypervisor"),
    Column::shown("state", "state"),
    Column::shown("plan", "plan"),
    Column::shown("reason", "why not"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
    Column::hidden("verb"),
    Column::hidden("ready"),
];

const RESULT: &[Column] = &[
    Column::shown("name", "name"),
    Column::shown("hypervisor_name", "hypervisor"),
    Column::shown("state", "state"),
    Column::shown("result", "result"),
    Column::shown("reason", "why"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
    Column::hidden("verb"),
];

/// How many machines a hint names.
const SHOWN: usize = 8;

/// Plans `deed` and carries it out, or prints the plan alone.
pub(super) async fn act(session: &mut Session, deed: &Deed, format: Format) -> Result<(), Failure> {
    let targets = session.pick(&deed.selectors).await?;
    let plan = archipel_fleet::plan_given(session.fleet(), deed.verb, deed.given.clone(), &targets);
    if deed.plan_only {
        return planned(session.fleet(), &plan).print(format);
    }
    if let Some(question) = question(&plan, deed.yes)? {
        session.alongside(question.ask()).await?;
    }
    let run = session.run(plan).await?;
    results(session.fleet(), &run).print(format)?;
    judged(&run)
}

fn planned(fleet: &Fleet, plan: &Plan) -> Sheet {
    let mut sheet = Sheet::new(PLAN);
    for step in &plan.steps {
        let reason = step.verdict.as_ref().err();
        let word = if reason.is_none() {
            plan.verb.word
        } else {
            "refused"
        };
        sheet.rows.push(vec![
            Cell::text(&step.name),
            Cell::text(&step.hypervisor),
            state(fleet, &step.vm),
            Cell::text(word),
            Cell::maybe(reason, |reason| Cell::text(reason.to_string())),
            Cell::text(step.vm.vm.to_string()),
            Cell::text(step.vm.hypervisor.to_string()),
            Cell::text(plan.verb.id.0),
            Cell::Yes(reason.is_none()),
        ]);
    }
    sheet
}

fn state(fleet: &Fleet, vm: &VmRef) -> Cell {
    Cell::maybe(fleet.vm(vm), |vm| Cell::text(vm.state.word()))
}

fn results(fleet: &Fleet, run: &Run) -> Sheet {
    let mut sheet = Sheet::new(RESULT);
    for step in &run.steps {
        let (word, reason) = told(run, step);
        sheet.rows.push(vec![
            Cell::text(&step.name),
            Cell::text(&step.hypervisor),
            state(fleet, &step.vm),
            Cell::text(word),
            Cell::maybe(reason, Cell::text),
            Cell::text(step.vm.vm.to_string()),
            Cell::text(step.vm.hypervisor.to_string()),
            Cell::text(run.verb.id.0),
        ]);
    }
    sheet
}

/// How a step ended: a word, and why where it did not succeed.
fn told(run: &Run, step: &RunStep) -> (&'static str, Option<String>) {
    match &step.state {
        StepState::Done => (run.verb.done, None),
        StepState::Failed(failure) => ("failed", Some(failure.text.clone())),
        StepState::Refused(reason) => ("refused", Some(reason.to_string())),
        StepState::Waiting => ("not sent", Some("the connection was lost".to_owned())),
        StepState::Sent => (
            "unknown",
            Some("sent, and the connection was lost before the answer".to_owned()),
        ),
    }
}

fn judged(run: &Run) -> Result<(), Failure> {
    let undone = || {
        run.steps
            .iter()
            .filter(|step| step.state != StepState::Done)
    };
    let count = undone().count();
    if count == 0 {
        return Ok(());
    }
    remark(&format!(
        "{} of {} done",
        run.steps.len() - count,
        run.steps.len()
    ));
    let code = if undone().all(is_forbidden) {
        Code::Forbidden
    } else {
        Code::Failed
    };
    if let Some(step) = undone().find(|step| is_forbidden(step)) {
        let (permission, vm) = (run.verb.permission.0, step.vm.vm);
        remark(&format!("why: archipel access why {permission} {vm}"));
    }
    let unmanaged = undone().filter(|step| step.state == StepState::Refused(Reason::Unmanaged));
    let ids: Vec<String> = unmanaged
        .take(SHOWN)
        .map(|step| step.vm.vm.to_string())
        .collect();
    if !ids.is_empty() {
        remark(&format!(
            "into its agent's care first: archipel vm manage {}",
            ids.join(" ")
        ));
    }
    Err(Failure::new(code, ""))
}

fn is_forbidden(step: &RunStep) -> bool {
    match &step.state {
        StepState::Failed(failure) => failure.kind == FailureKind::Forbidden,
        StepState::Refused(reason) => matches!(reason, Reason::Forbidden { .. }),
        _ => false,
    }
}
