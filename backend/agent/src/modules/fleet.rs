//! `urn:archipel:fleet:1`: the feed, history and the event log.

mod events;
mod history;
mod page;
mod unwatch;
mod watch;

use archipel_protocol::{Element, Failure, FullJid, ParseError, ns};

use super::{Answer, Module, Question};
use crate::host::{Host, malformed};

pub(super) const MODULE: Module = Module {
    features: &[ns::FLEET],
    families: &[],
    actions: &[],
    questions: &[
        question("watch", "rostervm", watch::run),
        question("page", "rostervm", page::run),
        question("unwatch", "rostervm", unwatch::run),
        question("history", "health_history", history::run),
        question("events", "rostervm", events::run),
    ],
};

const fn question(
    name: &'static str,
    permission: &'static str,
    run: fn(&mut Host, &FullJid, &Element) -> Answer,
) -> Question {
    Question {
        namespace: ns::FLEET,
        name,
        permission,
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
