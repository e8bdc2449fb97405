//! `diff`: what leads from one of the machine's definitions to another, secrets as placeholders.

use archipel_protocol::{Failure, definitions::Action};

use super::{Answer, Call, Outcome, Stop, asked, known, later, piece, read::Source};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    answer(host, call).unwrap_or_else(|failure| Answer::Now(Err(failure)))
}

fn answer(host: &Host, call: &Call) -> Result<Answer, Failure> {
    let &Action::Diff { from, to, offset } = asked(call)? else {
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
        let older = source.definition(driver, from)?;
        let newer = source.definition(driver, to)?;
        let text = older.document().diff(newer.document()).to_string();
        let payload = piece(&text, offset).map_err(Stop::Refused)?;
        Ok(Outcome::of(payload))
    }))
}
