//! `add` and `remove`: somebody comes onto the roster with the permission `presence`, or leaves it and loses the permission.
//!
//! What is given this way lasts no longer than the right by which it is given.

use archipel_language::Permission;
use archipel_protocol::{BareJid, Failure, Request, subscription::Action};

use super::{Answer, Call};
use crate::{
    access::{Grant, PolicyChange},
    host::{Contact, Host, PolicyWish},
    messages::Refusal,
    modules::permissions,
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let (jid, stays) = match &call.command.request {
        Request::Subscription(Action::Add { jid }) => (jid, true),
        Request::Subscription(Action::Remove { jid }) => (jid, false),
        _ => return Answer::Now(Err(call.unknown())),
    };
    match wish(host, call, jid, stays) {
        Ok(wish) => Answer::Policy(Box::new(wish)),
        Err(failure) => Answer::Now(Err(failure)),
    }
}

fn wish(host: &Host, call: &Call, jid: &BareJid, stays: bool) -> Result<PolicyWish, Failure> {
    let vm = call.command.vm;
    if let Some(id) = vm {
        host.state.machines.get(id).ok_or(Refusal::NoMachine(id))?;
    }
    let (state, now) = (&host.state, host.state.clock.now());
    let grant = Grant {
        jid: jid.clone(),
        permission: Permission::PRESENCE.0.to_owned(),
        scope: permissions::scope(call),
        expires: state
            .access
            .until(&call.who, "subscription_add", state.target(vm), now),
    };
    let change = if stays {
        PolicyChange::Give(grant)
    } else {
        PolicyChange::Take(grant)
    };
    let is_news = state.access.policy().is_changed_by(&change);
    Ok(PolicyWish {
        changes: is_news.then_some(change).into_iter().collect(),
        reply: |_| Vec::new(),
        contact: Some(Contact {
            of: vm,
            jid: jid.clone(),
            stays,
        }),
    })
}
