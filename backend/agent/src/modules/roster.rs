//! `archipel:roster`: who is on an entity's roster. The original's answer is always empty.

use archipel_protocol::{
    Iq, IqKind, Reply, ns,
    roster::{self, EntityContact},
};

use super::{Action, Answer, Call, Family, Module};
use crate::{host::Host, messages::Refusal};

/// How long the server may take.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(10);

pub(super) const MODULE: Module = Module {
    name: "roster",
    features: &[ns::ENTITY_ROSTER],
    families: &[Family {
        namespace: ns::ENTITY_ROSTER,
        prefix: "",
        of_machines: true,
        filtered: &[],
        own: &[],
    }],
    actions: &[Action {
        namespace: ns::ENTITY_ROSTER,
        word: "getroster",
        run,
    }],
    questions: &[],
};

fn run(host: &mut Host, call: &Call) -> Answer {
    let Some(session) = host.session_of(call.command.vm) else {
        return Answer::Now(Refusal::NoRoster.into_reply());
    };
    Answer::Later(Box::pin(async move {
        let ask = Iq::request(IqKind::Get, None, roster::query());
        let answer = session.request(ask, DEADLINE).await;
        let answer = answer.map_err(|error| Refusal::Unreadable {
            what: "read the roster".to_owned(),
            why: error.to_string(),
        })?;
        let contacts = answer.payload().map(roster::parse).unwrap_or_default();
        let contact = |one: roster::Contact| EntityContact {
            jid: one.jid,
            name: one.name,
        };
        let contacts = contacts.into_iter().map(contact).collect();
        Ok(Reply::EntityRoster(roster::Reply::Contacts(contacts)).to_elements())
    }))
}
