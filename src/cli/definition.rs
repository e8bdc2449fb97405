//! `archipel vm definition`, `history`, `edit` and `define`: what is written about machines.

mod change;
mod show;

use archipel_fleet::VmRef;
use archipel_language::Selector;

use super::{
    arguments::{Deed, DefinitionTask, Shown},
    failure::Failure,
    messages::Several,
    session::Session,
    sheet::Format,
};

/// Does what is asked about definitions.
pub(super) async fn run(
    session: &mut Session,
    task: &DefinitionTask,
    format: Format,
) -> Result<(), Failure> {
    match task {
        DefinitionTask::Show { which, selectors } => {
            let vm = the_one(session, selectors, "vm definition").await?;
            show::text(session, &vm, *which, format).await
        }
        DefinitionTask::History { selectors } => {
            let vm = the_one(session, selectors, "vm history").await?;
            show::history(session, &vm, format).await
        }
        DefinitionTask::Edit(task) => change::edit(session, task, format).await,
        DefinitionTask::Define(task) => change::define(session, task, format).await,
    }
}

/// What will be different at a machine's next start.
pub(super) async fn pending(
    session: &mut Session,
    deed: &Deed,
    format: Format,
) -> Result<(), Failure> {
    let vm = the_one(session, &deed.selectors, "vm pending").await?;
    show::text(session, &vm, Shown::Pending, format).await
}

/// The only machine that the selectors pick.
pub(super) async fn the_one(
    session: &mut Session,
    selectors: &[Selector],
    command: &'static str,
) -> Result<VmRef, Failure> {
    let mut picked = session.pick(selectors).await?;
    match (picked.pop(), picked.len()) {
        (Some(only), 0) => Ok(only),
        (last, _) => {
            let all = picked.iter().chain(&last);
            let fleet = session.fleet();
            let names = all
                .filter_map(|vm| Some(fleet.vm(vm)?.name.to_string()))
                .collect();
            Err(Failure::usage(Several { command, names }))
        }
    }
}
