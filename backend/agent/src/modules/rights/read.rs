//! `rights`: who holds what.

use archipel_protocol::{
    Element, FullJid,
    rights::{Grant, Page, Query, RolePart, Row},
};

use super::Answer;
use crate::{
    access::Policy,
    host::{Host, malformed},
};

pub(super) fn run(host: &mut Host, _: &FullJid, element: &Element) -> Answer {
    let query = match Query::parse(element) {
        Ok(query) => query,
        Err(error) => return Answer::Now(Err(malformed(&error))),
    };
    let policy = host.state.access.policy();
    let page = Page::fill(policy.version, query.after, rows(policy, &query));
    Answer::Now(Ok(vec![page.to_element()]))
}

fn rows(policy: &Policy, query: &Query) -> impl Iterator<Item = Row> {
    let asked = |who| query.of.as_ref().is_none_or(|of| of == who);
    let grants = policy.grants.iter().filter(move |grant| asked(&grant.jid));
    let grants = grants.map(|grant| {
        Row::Grant(Grant {
            who: grant.jid.clone(),
            what: grant.permission.clone(),
            scope: grant.scope.clone(),
            until: grant.expires,
        })
    });
    let roles = policy.roles.iter().filter(|_| query.of.is_none());
    let parts = roles.flat_map(|(role, permissions)| {
        permissions.iter().map(|what| {
            Row::Role(RolePart {
                role: role.clone(),
                what: what.clone(),
            })
        })
    });
    grants.chain(parts)
}
