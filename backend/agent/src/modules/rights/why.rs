//! `why`: explains a decision. Everybody may ask about themselves; about others, who may read their rights.

use archipel_language::permission;
use archipel_protocol::{
    BareJid, Element, Failure, FullJid,
    rights::{Explained, Why},
};

use super::Answer;
use crate::{
    host::{Host, malformed},
    messages::Refusal,
};

pub(super) fn run(host: &mut Host, who: &FullJid, element: &Element) -> Answer {
    Answer::Now(explain(host, &who.to_bare(), element).map(|explained| vec![explained]))
}

fn explain(host: &Host, asker: &BareJid, element: &Element) -> Result<Element, Failure> {
    let why = Why::parse(element).map_err(|error| malformed(&error))?;
    let state = &host.state;
    if why.who != *asker && !state.allows(asker, "permission_get", why.vm) {
        return Err(Refusal::Denied("why".to_owned()).into());
    }
    if permission::find(&why.what).is_none() {
        return Err(Refusal::NoPermission(why.what).into());
    }
    let target = state.target(why.vm);
    let (allowed, grounds) = state
        .access
        .why(&why.who, &why.what, target, state.clock.now());
    let explained = Explained {
        allowed,
        grounds: grounds.iter().map(ToString::to_string).collect(),
    };
    Ok(explained.to_element())
}
