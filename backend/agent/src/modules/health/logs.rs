//! `logs`: the last lines of the agent's log, oldest first.

use archipel_protocol::{
    Element, Request,
    health::{self, log_element},
    text::clean_line,
};

use super::{Answer, Call};
use crate::{host::Host, logging::LogLine};

/// The longest line that travels, in characters.
const LINE: usize = 300;
/// The most lines in one answer.
const LIMIT: usize = 100;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let Request::Health(health::Action::Logs { limit }) = call.command.request else {
        return Answer::Now(Err(call.unknown()));
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(LIMIT);
    let lines = host.state.log.last(limit);
    Answer::Now(Ok(lines.iter().map(element).collect()))
}

fn element(line: &LogLine) -> Element {
    let date = line.at.strftime("%Y-%m-%d %H:%M:%S.%3f").to_string();
    let level = line.level.to_string();
    let text = format!("{level}::{date}::{}", clean_line(&line.text, LINE));
    log_element(&level, &date, &text)
}
