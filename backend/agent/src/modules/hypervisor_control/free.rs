//! `free`: removes a machine that is named by its address.

use archipel_protocol::{Failure, Request, machines};

use super::{Answer, Call};
use crate::{
    host::Host,
    messages::Refusal,
    modules::{Change, vm_control},
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(free(host, call))
}

fn free(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::Machines(machines::Action::Free { jid, disks }) = &call.command.request else {
        return Err(call.unknown());
    };
    let vm = *call.machines()?.last().ok_or(Refusal::NoTargets)?;
    let answer = machines::Machine { jid: jid.clone() };
    vm_control::removal(host, vm, *disks, vec![answer.to_element()])
}
