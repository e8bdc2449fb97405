//! `edit`: typed edits on the machine's definition for its next start.

use archipel_protocol::{Failure, definitions::Action};

use super::{Answer, Call, Change, New, asked, writer, writing};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(edit(host, call))
}

fn edit(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Action::Edit { base, edits } = asked(call)? else {
        return Err(call.unknown());
    };
    let new = New::Edits(edits.clone(), *base);
    Ok(writing(writer(host, call, "edit")?, new))
}
