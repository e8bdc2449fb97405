//! `setavatar`: shows one of the pictures. The original answers with success where there is no such picture, and forgets the one it had.

use archipel_protocol::{Failure, Request, VmId, avatar};

use super::{Answer, Call};
use crate::{
    host::{Host, PictureWish},
    messages::Refusal,
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let Request::Avatar(avatar::Action::Set { name }) = &call.command.request else {
        return Answer::Now(Err(call.unknown()));
    };
    match known(host, call.command.vm) {
        Ok(of) => Answer::Picture(Box::new(PictureWish {
            of,
            name: name.clone(),
        })),
        Err(failure) => Answer::Now(Err(failure)),
    }
}

fn known(host: &Host, vm: Option<VmId>) -> Result<Option<VmId>, Failure> {
    if let Some(id) = vm {
        host.state.machines.get(id).ok_or(Refusal::NoMachine(id))?;
    }
    Ok(vm)
}
