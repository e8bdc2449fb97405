//! `settags`: replaces all tags. A tag that any grant's scope names is guarded: to add or remove it takes the right to grant.

use std::collections::BTreeSet;

use archipel_protocol::{Failure, Request, tags};

use super::{Answer, Call};
use crate::{
    host::{Host, TagsWish},
    messages::Refusal,
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let Request::Tags(tags::Action::Set { tags }) = &call.command.request else {
        return Answer::Now(Err(call.unknown()));
    };
    match unguarded(host, call, tags) {
        Ok(()) => Answer::Tags(Box::new(TagsWish {
            of: call.command.vm,
            tags: tags.clone(),
        })),
        Err(failure) => Answer::Now(Err(failure)),
    }
}

fn unguarded(host: &Host, call: &Call, wanted: &tags::Tags) -> Result<(), Failure> {
    let (state, vm) = (&host.state, call.command.vm);
    let machine = vm.map(|id| state.machines.get(id).ok_or(Refusal::NoMachine(id)));
    let known = machine
        .transpose()?
        .map_or(&state.tags, |machine| &machine.tags);
    let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
    let wanted: BTreeSet<&str> = wanted.iter().collect();
    let guarded = |tag: &&&str| state.access.guards(tag) || state.machines.adopts_by(tag);
    match known.symmetric_difference(&wanted).find(guarded) {
        Some(_) if state.allows(&call.who, "permission_set", vm) => Ok(()),
        Some(tag) => Err(Refusal::GuardedTag {
            tag: (*tag).to_owned(),
        }
        .into()),
        None => Ok(()),
    }
}
