//! `write`: the text that was handed in becomes the machine's definition, if what is there is what it was made from.

use archipel_protocol::{Failure, definitions::Action};

use super::{Answer, Call, Change, New, asked, writer, writing};
use crate::{host::Host, messages::Refusal};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(write(host, call))
}

fn write(host: &Host, call: &Call) -> Result<Change, Failure> {
    let &Action::Write { digest, base } = asked(call)? else {
        return Err(call.unknown());
    };
    let text = host.staging.text(&call.who, digest);
    let text = text.ok_or(Refusal::NotStaged)?.to_owned();
    Ok(writing(
        writer(host, call, "define")?,
        New::Upon(text, base),
    ))
}
