//! `change-rights`: gives and takes, with scopes, roles and ends. All of a request is done, or nothing.

use archipel_language::Scope;
use archipel_protocol::{
    BareJid, Element, Failure, FullJid,
    rights::{Change, Changes, Grant as Asked, Page},
};

use super::Answer;
use crate::{
    access::{Grant, Policy, PolicyChange},
    host::{Host, PolicyWish, malformed},
    messages::Refusal,
};

pub(super) fn run(host: &mut Host, who: &FullJid, element: &Element) -> Answer {
    match wish(host, &who.to_bare(), element) {
        Ok(wish) => Answer::Policy(Box::new(wish)),
        Err(failure) => Answer::Now(Err(failure)),
    }
}

fn wish(host: &Host, who: &BareJid, element: &Element) -> Result<PolicyWish, Failure> {
    let Changes(asked) = Changes::parse(element).map_err(|error| malformed(&error))?;
    let (access, now) = (&host.state.access, host.state.clock.now());
    let mut changes = Vec::new();
    // A role that is made here may be granted at once.
    let mut after = access.clone();
    for asked in asked {
        let change = change(asked)?;
        let machine = one_machine(&change);
        let machine = machine.map(|id| host.state.target(Some(id)));
        after.may_change(who, &change, machine, now)?;
        after = after.with_policy(after.policy().changed(std::slice::from_ref(&change)));
        changes.push(change);
    }
    Ok(PolicyWish {
        changes,
        reply,
        contact: None,
    })
}

fn reply(policy: &Policy) -> Vec<Element> {
    vec![Page::fill(policy.version, 0, []).to_element()]
}

fn change(asked: Change) -> Result<PolicyChange, Failure> {
    Ok(match asked {
        Change::Give(asked) => PolicyChange::Give(grant(asked)?),
        Change::Take(asked) => PolicyChange::Take(grant(asked)?),
        Change::Add(part) => PolicyChange::Add {
            role: part.role,
            permission: part.what,
        },
        Change::Drop(part) => PolicyChange::Drop {
            role: part.role,
            permission: part.what,
        },
    })
}

/// Scopes are kept as the language writes them, so that the same scope is the same text.
fn grant(asked: Asked) -> Result<Grant, Failure> {
    let scope = asked.scope.map(|text| {
        let scope = Scope::parse(&text).map_err(|why| Refusal::NotAScope {
            why: why.to_string(),
            scope: text,
        })?;
        Ok::<_, Failure>(scope.to_string())
    });
    Ok(Grant {
        jid: asked.who,
        permission: asked.what,
        scope: scope.transpose()?,
        expires: asked.until,
    })
}

/// The machine that a scope of the form `id = UUID` names.
fn one_machine(change: &PolicyChange) -> Option<archipel_protocol::VmId> {
    let (PolicyChange::Give(grant) | PolicyChange::Take(grant)) = change else {
        return None;
    };
    grant.scope.as_deref()?.strip_prefix("id = ")?.parse().ok()
}
