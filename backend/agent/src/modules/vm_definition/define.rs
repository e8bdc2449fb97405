//! `define`: gives the machine a definition, whatever it has.

use archipel_protocol::{Failure, Request, vm_definition};

use super::{Answer, Call, Change, New, Outcome, writer};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(define(host, call))
}

fn define(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::VmDefinition(vm_definition::Action::Define { domain }) = &call.command.request
    else {
        return Err(call.unknown());
    };
    let writer = writer(host, call, "define")?;
    let new = New::Text(domain.text());
    Ok(Change {
        vm: writer.vm,
        verb: writer.verb,
        // The original's answer is empty.
        act: Box::new(move |driver| {
            let outcome = writer.write(driver, &new)?;
            Ok(Outcome {
                payload: Vec::new(),
                ..outcome
            })
        }),
        settled: |_| None,
    })
}
