//! `stage`: a piece of a text that `write` will name.

use archipel_protocol::{Failure, definitions::Action};

use super::{Answer, Call, asked, known};
use crate::host::{Host, malformed};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::Now(stage(host, call).map(|()| Vec::new()))
}

fn stage(host: &mut Host, call: &Call) -> Result<(), Failure> {
    let Action::Stage { piece } = asked(call)? else {
        return Err(call.unknown());
    };
    known(host, call)?;
    let taken = host.staging.add(&call.who, piece);
    taken.map_err(|error| malformed(&error))
}
