//! `history`: figures of the past, newest first.

use archipel_protocol::{Request, health};

use super::{Answer, Call};
use crate::host::Host;

/// The most samples in one answer: a stanza must stay small enough for stock limits.
const LIMIT: usize = 100;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let Request::Health(health::Action::History { limit }) = call.command.request else {
        return Answer::Now(Err(call.unknown()));
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(LIMIT);
    let samples = host.state.health.recent().iter().take(limit);
    let samples: Vec<_> = samples.cloned().collect();
    Answer::Now(Ok(health::history_elements(&samples)))
}
