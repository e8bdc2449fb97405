//! `undo`: back to what was written before.

use archipel_protocol::{Failure, definitions::Action};

use super::{Answer, Call, Change, New, asked, writer, writing};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(undo(host, call))
}

fn undo(host: &Host, call: &Call) -> Result<Change, Failure> {
    let &Action::Undo { number } = asked(call)? else {
        return Err(call.unknown());
    };
    Ok(writing(writer(host, call, "undo")?, New::Version(number)))
}
