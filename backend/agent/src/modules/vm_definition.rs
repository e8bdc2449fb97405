//! `archipel:vm:definition`: what is written about a machine. One action, one file.

mod capabilities;
mod define;
mod diff;
mod edit;
mod history;
mod pending;
mod read;
mod stage;
mod undefine;
mod undo;
mod write;

use archipel_protocol::{Failure, Request, VmId, chunks::Chunk, definitions, ns};

use super::{Action, Answer, Call, Change, Family, Module, Outcome, Stop, making, vm_control};
use crate::{
    definitions::{New, Writer},
    host::Host,
    messages::Refusal,
};

pub(super) const MODULE: Module = Module {
    name: "definition",
    features: &[ns::VM_DEFINITION],
    families: &[Family {
        namespace: ns::VM_DEFINITION,
        prefix: "",
        of_machines: true,
        filtered: &[],
        own: &[],
    }],
    actions: &[
        action("define", define::run),
        action("undefine", undefine::run),
        action("capabilities", capabilities::run),
        action("read", read::run),
        action("diff", diff::run),
        action("pending", pending::run),
        action("history", history::run),
        action("stage", stage::run),
        action("write", write::run),
        action("edit", edit::run),
        action("undo", undo::run),
    ],
    questions: &[],
};

const fn action(word: &'static str, run: fn(&mut Host, &Call) -> Answer) -> Action {
    Action {
        namespace: ns::VM_DEFINITION,
        word,
        run,
    }
}

/// What is asked in our own words.
fn asked(call: &Call) -> Result<&definitions::Action, Failure> {
    match &call.command.request {
        Request::Definitions(action) => Ok(action),
        _ => Err(call.unknown()),
    }
}

/// The machine about which is to be written: any that the agent looks after, with a definition or without.
fn writer(host: &Host, call: &Call, verb: &'static str) -> Result<Writer, Failure> {
    let (vm, machine) = vm_control::machine(host, call)?;
    if !machine.managed {
        return Err(Refusal::NotManaged(machine.name.clone()).into());
    }
    Ok(making::writer(host, call, (vm, machine.name.clone()), verb))
}

/// Writes, and answers what is written now.
fn writing(writer: Writer, new: New) -> Change {
    Change {
        vm: writer.vm,
        verb: writer.verb,
        act: Box::new(move |driver| writer.write(driver, &new)),
        // What is there afterwards may be anybody's work.
        settled: |_| None,
    }
}

/// A piece of a text for the answer.
fn piece(text: &str, offset: u64) -> Result<Vec<archipel_protocol::Element>, Failure> {
    let at = usize::try_from(offset).ok();
    let chunk = at.and_then(|at| Chunk::cut(text, at));
    Ok(vec![chunk.ok_or(Refusal::NoPiece(offset))?.to_element()])
}

/// What a store's trouble means to whoever asked.
fn store_failed(error: &crate::StoreError) -> Stop {
    Stop::from(Refusal::Store(error.to_string()))
}

/// Reads with driver and store on the pool for reads.
fn later(
    host: &Host,
    what: String,
    work: impl FnOnce(&dyn archipel_hypervisor::Driver) -> Result<Outcome, Stop> + Send + 'static,
) -> Answer {
    let calls = host.tools.calls.clone();
    Answer::Later(Box::pin(async move {
        let done = calls.read(move |driver| match work(driver) {
            Ok(outcome) => Ok(Ok(outcome.payload)),
            Err(Stop::Refused(failure)) => Ok(Err(failure)),
            Err(Stop::Driver(error)) => Err(error),
        });
        done.await.map_err(|error| error.into_failure(&what))?
    }))
}

/// The machine that is asked, and its name.
fn known(host: &Host, call: &Call) -> Result<(VmId, String), Failure> {
    let (vm, machine) = vm_control::machine(host, call)?;
    Ok((vm, machine.name.clone()))
}
