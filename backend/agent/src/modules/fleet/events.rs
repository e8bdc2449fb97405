//! `events`: the numbered log, by range.

use archipel_protocol::{
    Element, FullJid,
    events::{Page, Query},
};

use super::{Answer, read};
use crate::{host::Host, messages::Refusal};

pub(super) fn run(host: &mut Host, who: &FullJid, element: &Element) -> Answer {
    let query = match read(Query::parse(element)) {
        Ok(query) => query,
        Err(failure) => return Answer::Now(Err(failure)),
    };
    let store = host.tools.store.clone();
    let shown = host.state.shown(&who.to_bare());
    Answer::Later(Box::pin(async move {
        let read = store.events(query, shown).await;
        let (newest, events) = read.map_err(|error| {
            tracing::error!(%error, "events could not be read");
            Refusal::Store(error.to_string())
        })?;
        Ok(vec![Page::fill(newest, events).to_element()])
    }))
}
