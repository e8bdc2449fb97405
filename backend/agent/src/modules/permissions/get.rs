//! `get` and `getown`: what somebody holds. As in the original, what follows from being a root admin does not show.

use std::collections::BTreeSet;

use archipel_protocol::{
    Failure, Request,
    permissions::{Action, Held, Subject},
};

use super::{Answer, Call};
use crate::{host::Host, messages::Refusal};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let Request::Permissions(Action::Get { of }) = &call.command.request else {
        return Answer::Now(Err(call.unknown()));
    };
    held(host, call, of)
}

/// Everybody may ask for their own.
pub(super) fn own(host: &mut Host, call: &Call) -> Answer {
    let Request::Permissions(Action::GetOwn { of }) = &call.command.request else {
        return Answer::Now(Err(call.unknown()));
    };
    match oneself(call, of) {
        Ok(()) => held(host, call, of),
        Err(failure) => Answer::Now(Err(failure)),
    }
}

/// Refuses whoever is not the requester.
pub(super) fn oneself(call: &Call, subject: &Subject) -> Result<(), Failure> {
    match subject {
        Subject::User(who) if *who == call.who => Ok(()),
        Subject::User(who) => Err(Refusal::NotOneself(who.clone()).into()),
        Subject::Role(_) => Err(Refusal::OnlyGiveUp.into()),
    }
}

fn held(host: &Host, call: &Call, of: &Subject) -> Answer {
    let policy = host.state.access.policy();
    let names: BTreeSet<&String> = match of {
        Subject::Role(role) => policy.roles.get(role).into_iter().flatten().collect(),
        Subject::User(who) => {
            let (scope, now) = (super::scope(call), host.state.clock.now());
            let own = policy.grants.iter().filter(|grant| grant.jid == *who);
            let here = own.filter(|grant| grant.scope == scope && grant.lasts(now));
            here.map(|grant| &grant.permission).collect()
        }
    };
    let held = names.into_iter().map(|name| Held { name: name.clone() });
    Answer::Now(Ok(held.map(|held| held.to_element()).collect()))
}
