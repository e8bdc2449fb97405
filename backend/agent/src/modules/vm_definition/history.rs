//! `history`: what was written about the machine, the newest first.

use archipel_protocol::{
    Failure,
    definitions::{Action, Version},
};

use super::{Answer, Call, Outcome, Stop, asked, known, later, store_failed};
use crate::{definitions::Definition, host::Host, store::Written};

/// Versions in one answer: it stays well under the bound of a stanza.
const LIMIT: u32 = 25;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    answer(host, call).unwrap_or_else(|failure| Answer::Now(Err(failure)))
}

fn answer(host: &Host, call: &Call) -> Result<Answer, Failure> {
    let &Action::History { before } = asked(call)? else {
        return Err(call.unknown());
    };
    let (vm, name) = known(host, call)?;
    let store = host.tools.store.clone();
    Ok(later(
        host,
        format!("read the history of `{name}`"),
        move |_| {
            let written = store.definitions(vm, before, LIMIT);
            let written = written.map_err(|error| store_failed(&error))?;
            let versions: Result<Vec<_>, Stop> = written.into_iter().map(version).collect();
            let elements = versions?.iter().map(Version::to_element).collect();
            Ok(Outcome::of(elements))
        },
    ))
}

fn version(written: Written) -> Result<Version, Stop> {
    Ok(Version {
        digest: Definition::parse(&written.text)?.digest(),
        number: written.number,
        at: written.at,
        by: written.by,
        verb: written.verb,
    })
}
