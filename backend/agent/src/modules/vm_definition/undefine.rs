//! `undefine`: takes the machine's definition away. None there is no error.

use archipel_protocol::Failure;

use super::{Answer, Call, Change, writer};
use crate::{host::Host, messages::Refusal, modules::vm_control};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(undefine(host, call))
}

fn undefine(host: &Host, call: &Call) -> Result<Change, Failure> {
    let writer = writer(host, call, "undefine")?;
    let (_, machine) = vm_control::machine(host, call)?;
    if machine.protected {
        return Err(Refusal::Protected(machine.name.clone()).into());
    }
    Ok(Change {
        vm: writer.vm,
        verb: writer.verb,
        act: Box::new(move |driver| writer.undefine(driver)),
        settled: |domain| (!domain.persistent).then(Vec::new),
    })
}
