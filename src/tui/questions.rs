//! What the screen asks about machines, asked of their hypervisors. Pictures are decoded beside the loop.

use archipel_fleet::VmRef;
use archipel_language::Permission;
use archipel_operator::{Handle, OperatorError};
use archipel_protocol::{
    definitions::Which,
    rights::{Explained, Why},
};
use archipel_ui::{Picture, Question, Told};

use super::commands::Answer;

/// Asks, and waits for the answer.
pub(super) async fn answer(handle: Handle, question: Question) -> Answer {
    let told = told(&handle, &question).await;
    Answer::Told(Box::new(question), told.map_err(|why| why.to_string()))
}

async fn told(handle: &Handle, question: &Question) -> Result<Told, OperatorError> {
    Ok(match question {
        Question::Definition(vm) => Told::Text(handle.definition(vm).await?),
        Question::Pending(vm) => Told::Text(handle.pending(vm).await?),
        Question::History(vm) => Told::Versions(handle.versions(vm).await?),
        Question::Change {
            vm,
            version,
            before,
        } => Told::Text(change(handle, vm, *version, *before).await?),
        Question::Why(vm, permission) => Told::Explained(why(handle, vm, *permission).await?),
        Question::Picture(vm) => Told::Picture(picture(handle, vm).await?),
    })
}

/// What a version changed; all of it, where none was before.
async fn change(
    handle: &Handle,
    vm: &VmRef,
    version: u64,
    before: Option<u64>,
) -> Result<String, OperatorError> {
    let version = Which::Version(version);
    match before {
        Some(before) => handle.difference(vm, Which::Version(before), version).await,
        None => handle.written(vm, version).await,
    }
}

async fn why(
    handle: &Handle,
    vm: &VmRef,
    permission: Permission,
) -> Result<Explained, OperatorError> {
    let why = Why {
        who: handle.whoami().account,
        what: permission.0.to_owned(),
        vm: Some(vm.vm),
    };
    handle.why(&vm.hypervisor, &why).await
}

async fn picture(handle: &Handle, vm: &VmRef) -> Result<Picture, OperatorError> {
    let pixels = handle.screenshot(vm).await?.pixels().await?;
    let picture = Picture::new(pixels.width, pixels.rgb);
    picture.ok_or(OperatorError::NoPicture("it has no pixels".to_owned()))
}
