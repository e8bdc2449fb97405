//! `urn:archipel:fleet:1`: the feed, history and the event log.

mod events;
mod history;
mod page;
mod unwatch;
mod watch;

use archipel_protocol::{Element, Failure, FullJid, ParseError, ns};

use super::{Answer, Module, Question};
use crate::{
    host::{Host, malformed},
    state::WATCH,
};

pub(super) const MODULE: Module = Module {
    name: "feed",
    features: &[ns::FLEET],
    families: &[],
    actions: &[],
    questions: &[
        of_rows("watch", watch::run),
        of_rows("page", page::run),
        of_rows("unwatch", unwatch::run),
        Question {
            permission: "health_history",
            filtered: false,
            ..of_rows("history", history::run)
        },
        of_rows("events", events::run),
    ],
};

/// A question about what may be seen.
const fn of_rows(name: &'static str, run: fn(&mut Host, &FullJid, &Element) -> Answer) -> Question {
    Question {
        namespace: ns::FLEET,
        name,
        permission: WATCH,
        filtered: true,
        is_change: false,
        run,
    }
}

/// Answers at once with one element.
fn now(answer: Result<Element, Failure>) -> Answer {
    Answer::Now(answer.map(|element| vec![element]))
}

/// The typed form of a question.
fn read<T>(parsed: Result<T, ParseError>) -> Result<T, Failure> {
    parsed.map_err(|error| malformed(&error))
}
