//! Definitions changed: by typed edits on any number of machines, or by a whole text. Each change names the text that it was made from;
//! where somebody else was quicker, the agent refuses it.

use archipel_domain::{Document, Edit};
use archipel_fleet::VmRef;
use archipel_operator::Handle;
use archipel_protocol::{
    VmState,
    chunks::Digest,
    definitions::{Which, Written},
    text::clean_block,
};

use crate::cli::{
    arguments::{DefineTask, EditTask},
    confirm,
    console::{print, remark},
    definition::the_one,
    failure::Failure,
    files,
    outcomes::{Ended, Outcomes},
    session::Session,
    sheet::Format,
};

pub(super) async fn edit(
    session: &mut Session,
    task: &EditTask,
    format: Format,
) -> Result<(), Failure> {
    let edits = edits(task)?;
    let targets = session.pick(&task.selectors).await?;
    if task.plan_only {
        return preview(session, &targets, &edits).await;
    }
    let what = format!("Change the definition of {} machines", targets.len());
    if let Some(question) = confirm::several(targets.len(), &what, task.yes)? {
        session.alongside(question.ask()).await?;
    }
    let lines: Vec<String> = edits.iter().map(ToString::to_string).collect();
    let lines = lines.join("\n");
    let handle = session.handle();
    let one = async |vm: VmRef| edited(&handle, &vm, &lines).await;
    let ended = session.each(targets.clone(), one).await;
    told(session, &targets, ended, format)
}

fn edits(task: &EditTask) -> Result<Vec<Edit>, Failure> {
    let mut lines = task.edits.clone();
    if let Some(file) = &task.file {
        let text = files::text(file)?;
        lines.extend(text.lines().map(str::to_owned));
    }
    let wanted = lines.iter().map(|line| line.trim());
    let wanted = wanted.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let edits: Result<Vec<Edit>, _> = wanted.map(str::parse).collect();
    let edits = edits.map_err(Failure::usage)?;
    if edits.is_empty() {
        return Err(Failure::usage(
            "no edit is given; write one like: 'set memory 8GiB'",
        ));
    }
    Ok(edits)
}

async fn edited(handle: &Handle, vm: &VmRef, lines: &str) -> Ended {
    let base = handle.written(vm, Which::Next).await?;
    let written = handle.edit(vm, Digest::of(&base), lines.to_owned()).await?;
    Ok(word(&written))
}

fn word(written: &Written) -> String {
    let word = match (written.number, written.pending) {
        (None, _) => "nothing to change",
        (Some(_), true) => "changed, from its next start on",
        (Some(_), false) => "changed",
    };
    word.to_owned()
}

fn told(
    session: &Session,
    targets: &[VmRef],
    ended: Vec<Ended>,
    format: Format,
) -> Result<(), Failure> {
    let mut outcomes = Outcomes::of_machines();
    for (vm, ended) in targets.iter().zip(ended) {
        outcomes.machine(session.fleet(), vm, ended);
    }
    outcomes.end(format)
}

/// What would change, machine by machine; nothing is sent but the question for what is there.
async fn preview(session: &mut Session, targets: &[VmRef], edits: &[Edit]) -> Result<(), Failure> {
    let handle = session.handle();
    let read = async |vm: VmRef| handle.written(&vm, Which::Next).await;
    let texts = session.each(targets.to_vec(), read).await;
    for (vm, text) in targets.iter().zip(texts) {
        let changed = text.map_err(Failure::from).and_then(|text| {
            let document = Document::parse(text).map_err(Failure::failed)?;
            let edited = document.edited(edits).map_err(Failure::failed)?;
            Ok(document.diff(&edited.document).to_string())
        });
        show_preview(session, vm, changed?.as_str())?;
    }
    Ok(())
}

fn show_preview(session: &Session, at: &VmRef, difference: &str) -> Result<(), Failure> {
    let name = session.fleet().vm(at).map_or("", |vm| &vm.name);
    if difference.is_empty() {
        remark(&format!("{name}: nothing would change"));
        return Ok(());
    }
    let text = format!("--- {name}\n+++ {name}\n{difference}");
    Ok(print(&clean_block(&text))?)
}

pub(super) async fn define(
    session: &mut Session,
    task: &DefineTask,
    format: Format,
) -> Result<(), Failure> {
    let text = files::text(&task.file)?;
    let new = Document::parse(text.as_str()).map_err(Failure::usage)?;
    let vm = the_one(session, &task.selectors, "vm define").await?;
    let handle = session.handle();
    let undefined = session
        .fleet()
        .vm(&vm)
        .is_some_and(|vm| vm.state == VmState::Undefined);
    let base = if undefined {
        None
    } else {
        Some(session.alongside(handle.written(&vm, Which::Next)).await?)
    };
    if task.plan_only {
        let difference = base.map_or(Ok(text.clone()), |base| {
            let base = Document::parse(base).map_err(Failure::failed)?;
            Ok::<_, Failure>(base.diff(&new).to_string())
        });
        return show_preview(session, &vm, &difference?);
    }
    let base = base.as_deref().map(Digest::of);
    let written = session.alongside(handle.write(&vm, &text, base)).await;
    let ended = written.map(|written| word(&written)).map_err(Failure::from);
    told(session, &[vm], vec![ended], format)
}
