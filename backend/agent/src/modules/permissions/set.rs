//! `set` and `setown`: gives and takes. All of a request is done, or nothing.

use archipel_protocol::{
    Failure, Request,
    permissions::{Action, Grant as Asked, Subject},
};

use super::{Answer, Call, get::oneself};
use crate::{
    access::{Grant, PolicyChange},
    host::{Host, PolicyWish},
    messages::Refusal,
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let Request::Permissions(Action::Set { grants }) = &call.command.request else {
        return Answer::Now(Err(call.unknown()));
    };
    answer(wish(host, call, grants))
}

/// The original lets people grant themselves everything this way. Here it only gives up.
pub(super) fn own(host: &mut Host, call: &Call) -> Answer {
    let Request::Permissions(Action::SetOwn { grants }) = &call.command.request else {
        return Answer::Now(Err(call.unknown()));
    };
    answer(given_up(call, grants).and_then(|()| wish(host, call, grants)))
}

fn answer(wish: Result<PolicyWish, Failure>) -> Answer {
    match wish {
        Ok(wish) => Answer::Policy(Box::new(wish)),
        Err(failure) => Answer::Now(Err(failure)),
    }
}

/// What is held stays held; everything else of the table that the original's client sends must be a no.
fn given_up(call: &Call, grants: &[Asked]) -> Result<(), Failure> {
    for grant in grants {
        oneself(call, &grant.subject)?;
    }
    Ok(())
}

fn wish(host: &Host, call: &Call, asked: &[Asked]) -> Result<PolicyWish, Failure> {
    let (state, vm) = (&host.state, call.command.vm);
    let machine = vm.map(|_| state.target(vm));
    let now = state.clock.now();
    let mut changes = Vec::new();
    for asked in asked {
        let change = change(call, asked)?;
        // The original's client sends its whole table: what is so already needs no right.
        if state.access.policy().is_changed_by(&change) {
            state.access.may_change(&call.who, &change, machine, now)?;
            changes.push(change);
        }
    }
    Ok(PolicyWish {
        changes,
        reply: |_| Vec::new(),
        contact: None,
    })
}

fn change(call: &Call, asked: &Asked) -> Result<PolicyChange, Failure> {
    let permission = asked.name.clone();
    match (&asked.subject, asked.granted) {
        (Subject::User(who), granted) => {
            let grant = Grant {
                jid: who.clone(),
                permission,
                scope: super::scope(call),
                expires: None,
            };
            Ok(if granted {
                PolicyChange::Give(grant)
            } else {
                PolicyChange::Take(grant)
            })
        }
        (Subject::Role(_), _) if call.command.vm.is_some() => Err(Refusal::RoleOfHost.into()),
        (Subject::Role(role), true) => Ok(PolicyChange::Add {
            role: role.clone(),
            permission,
        }),
        (Subject::Role(role), false) => Ok(PolicyChange::Drop {
            role: role.clone(),
            permission,
        }),
    }
}
