//! `screenshot`: what the machine's screen shows, in one stanza as the original sends it, small enough for one.

use archipel_hypervisor::Screen;
use archipel_protocol::{Failure, Request, VmId, VmState, vm_resources};

use super::{Answer, Call, machine};
use crate::{
    host::Host,
    messages::Refusal,
    modules::Reply,
    screen::{MIME, Picture},
};

/// The longest text of a picture: servers carry it, and others need not wait long behind it.
const LIMIT: usize = 64 << 10;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    answer(host, call).unwrap_or_else(|failure| Answer::Now(Err(failure)))
}

/// As the original: empty where nothing is on the screen, an error where there is no definition.
fn answer(host: &Host, call: &Call) -> Result<Answer, Failure> {
    let Request::VmResources(vm_resources::Action::Screenshot { thumbnail }) = call.command.request
    else {
        return Err(call.unknown());
    };
    let (vm, machine) = machine(host, call)?;
    match machine.state() {
        VmState::Undefined => return Err(Refusal::NotDefined(machine.name.clone()).into()),
        state if !state.is_active() => return Ok(Answer::Now(Ok(Vec::new()))),
        _ => {}
    }
    Ok(taken(host, vm, move |screen| {
        let picture = Picture::of(screen, thumbnail, LIMIT)?;
        let sent = vm_resources::Screenshot {
            mime: MIME.to_owned(),
            width: picture.width,
            height: picture.height,
            data: picture.text,
        };
        Ok(vec![sent.to_element()])
    }))
}

/// Takes a picture and makes an answer of it, on the pool for reads.
pub(super) fn taken(
    host: &Host,
    vm: VmId,
    make: impl FnOnce(&Screen) -> Reply + Send + 'static,
) -> Answer {
    let calls = host.tools.calls.clone();
    let what = format!("take a picture of `{}`", host.state.name(vm));
    Answer::Later(Box::pin(async move {
        let reply = calls.read(move |driver| Ok(make(&driver.screenshot(vm)?)));
        reply.await.map_err(|error| error.into_failure(&what))?
    }))
}
