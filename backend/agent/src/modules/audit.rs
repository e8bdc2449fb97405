//! `audit`: who changed or was refused what, for those who may read everybody's rights. Described in `archipel_protocol::audit`.

use archipel_protocol::{Element, FullJid, audit::Query, ns};

use super::{Answer, Module, Question};
use crate::{
    host::{Host, malformed},
    messages::Refusal,
};

pub(super) const MODULE: Module = Module {
    name: "audit",
    features: &[],
    families: &[],
    actions: &[],
    questions: &[Question {
        namespace: ns::FLEET,
        name: "audit",
        permission: "permission_get",
        filtered: false,
        is_change: false,
        run,
    }],
};

fn run(host: &mut Host, _: &FullJid, element: &Element) -> Answer {
    let query = match Query::parse(element) {
        Ok(query) => query,
        Err(error) => return Answer::Now(Err(malformed(&error))),
    };
    let store = host.tools.store.clone();
    Answer::Later(Box::pin(async move {
        let page = store.audit(query).await.map_err(|error| {
            tracing::error!(%error, "the audit could not be read");
            Refusal::Store(error.to_string())
        })?;
        Ok(vec![page.to_element()])
    }))
}
