//! `pending`: what will be different at the machine's next start, without what only a run has.

use archipel_protocol::{
    Failure,
    definitions::{Action, Which},
};

use super::{Answer, Call, Outcome, Stop, asked, known, later, piece, read::Source};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    answer(host, call).unwrap_or_else(|failure| Answer::Now(Err(failure)))
}

fn answer(host: &Host, call: &Call) -> Result<Answer, Failure> {
    let &Action::Pending { offset } = asked(call)? else {
        return Err(call.unknown());
    };
    let (vm, name) = known(host, call)?;
    let source = Source {
        vm,
        store: host.tools.store.clone(),
        name,
    };
    let what = format!("compare the definitions of `{}`", source.name);
    Ok(later(host, what, move |driver| {
        let live = source.definition(driver, Which::Live)?;
        let next = source.definition(driver, Which::Next)?;
        let text = live.document().pending(next.document()).to_string();
        let payload = piece(&text, offset).map_err(Stop::Refused)?;
        Ok(Outcome::of(payload))
    }))
}
