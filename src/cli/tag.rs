//! `archipel tag`: tags of machines. An agent takes all tags of a machine at once; what it is given is made from those that it told.

use std::collections::BTreeMap;

use archipel_config::Profile;
use archipel_fleet::{Fleet, VmRef};
use archipel_operator::Wanted;
use archipel_protocol::tags::Tags;

use super::{
    arguments::{TagChange, TagTask},
    confirm,
    console::print,
    failure::Failure,
    messages::ReadOnly,
    outcomes::{Ended, Outcomes},
    session::Session,
    sheet::{Cell, Column, Format, Sheet},
};

const LIST: &[Column] = &[
    Column::shown("tag", "tag"),
    Column::shown("machines", "vms"),
];

/// Whether the profile allows `task` at all.
pub(super) fn permit(task: &TagTask, profile: &Profile) -> Result<(), Failure> {
    match task {
        TagTask::Change(task) if profile.read_only && !task.plan_only => {
            Err(Failure::usage(ReadOnly("tag.change")))
        }
        _ => Ok(()),
    }
}

/// Does what is asked about tags.
pub(super) async fn run(
    session: &mut Session,
    task: &TagTask,
    format: Format,
) -> Result<(), Failure> {
    match task {
        TagTask::List => list(session, format).await,
        TagTask::Change(task) => change(session, task, format).await,
    }
}

async fn list(session: &mut Session, format: Format) -> Result<(), Failure> {
    session.sync(Wanted::All).await?;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for tag in session.fleet().vms().flat_map(|vm| &vm.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    let mut sheet = Sheet::new(LIST);
    let row = |(tag, count): (&str, u64)| vec![Cell::text(tag), Cell::Count(count)];
    sheet.rows = counts.into_iter().map(row).collect();
    sheet.print(format)
}

async fn change(session: &mut Session, task: &TagChange, format: Format) -> Result<(), Failure> {
    let targets = session.pick(&task.selectors).await?;
    let wanted: Vec<(VmRef, Option<Tags>)> = targets
        .into_iter()
        .map(|at| (at.clone(), wanted(session.fleet(), &at, task)))
        .collect();
    let changing = wanted.iter().filter(|(_, tags)| tags.is_some()).count();
    let word = if task.add { "Add" } else { "Remove" };
    let what = format!("{word} {} on {changing} machines", shown(&task.tags));
    if task.plan_only {
        return Ok(print(&what)?);
    }
    if let Some(question) = confirm::several(changing, &what, task.yes)? {
        session.alongside(question.ask()).await?;
    }
    let handle = session.handle();
    let one = async |(at, tags): (VmRef, Option<Tags>)| -> Ended {
        let Some(tags) = tags else {
            return Ok("nothing to change".to_owned());
        };
        handle.set_tags(&at, tags.clone()).await?;
        Ok(format!("has {}", shown(&tags)))
    };
    let ended = session.each(wanted.clone(), one).await;
    let mut outcomes = Outcomes::of_machines();
    for ((at, _), ended) in wanted.iter().zip(ended) {
        outcomes.machine(session.fleet(), at, ended);
    }
    outcomes.end(format)
}

fn shown(tags: &Tags) -> String {
    let all: Vec<&str> = tags.iter().collect();
    if all.is_empty() {
        return "no tag".to_owned();
    }
    all.join(", ")
}

/// All tags that a machine is to have; nothing where it has them.
fn wanted(fleet: &Fleet, at: &VmRef, task: &TagChange) -> Option<Tags> {
    let known = fleet.vm(at).map_or(&[][..], |vm| &vm.tags);
    let new = if task.add {
        Tags::new(known.iter().map(String::as_str).chain(task.tags.iter()))
    } else {
        let removed: Vec<&str> = task.tags.iter().collect();
        Tags::new(known.iter().filter(|tag| !removed.contains(&tag.as_str())))
    };
    (new != Tags::new(known)).then_some(new)
}
