//! The agent's numbered log of what happened, on its way to the store.
//!
//! A number is announced only after its event is on the disk: after a crash the same number must not stand for something else.

use archipel_protocol::{BareJid, VmId, events::Event};
use jiff::Timestamp;

/// The most events that wait for the disk. What comes beyond is counted and told as one event.
const WAITING: usize = 10_000;

/// What happened; the log adds number and time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Fact {
    /// The machine it is about.
    pub(crate) vm: Option<VmId>,
    /// That machine's name.
    pub(crate) name: String,
    /// One word.
    pub(crate) what: &'static str,
    /// Who asked for it.
    pub(crate) by: Option<BareJid>,
    /// More for people.
    pub(crate) text: String,
}

/// The log.
#[derive(Debug, Default)]
pub(crate) struct EventLog {
    given: u64,
    written: u64,
    waiting: Vec<Event>,
    dropped: u64,
    writing: Option<u64>,
}

impl EventLog {
    /// Goes on after the newest number in the store.
    pub(crate) fn after(newest: u64) -> Self {
        Self {
            given: newest,
            written: newest,
            ..Self::default()
        }
    }

    /// The newest number that is on the disk.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Notes a fact.
    pub(crate) fn note(&mut self, at: Timestamp, fact: Fact) {
        if self.waiting.len() >= WAITING {
            self.dropped += 1;
            return;
        }
        self.given += 1;
        self.waiting.push(Event {
            number: self.given,
            at,
            vm: fact.vm,
            name: fact.name,
            what: fact.what.to_owned(),
            by: fact.by,
            text: fact.text,
        });
    }

    /// What to write now; nothing while an earlier part is being written.
    pub(crate) fn take_waiting(&mut self, now: Timestamp) -> Option<Vec<Event>> {
        if self.writing.is_some() || self.waiting.is_empty() {
            return None;
        }
        let events = std::mem::take(&mut self.waiting);
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            let text = format!("{dropped} events were not kept: the disk was too slow");
            let what = "lost";
            self.note(
                now,
                Fact {
                    what,
                    text,
                    ..Fact::default()
                },
            );
        }
        self.writing = events.last().map(|event| event.number);
        Some(events)
    }

    /// The part was written, or could not be: then its numbers are skipped.
    pub(crate) fn wrote(&mut self, done: bool) {
        if let Some(number) = self.writing.take().filter(|_| done) {
            self.written = number;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn fact() -> Fact {
        Fact {
            what: "started",
            ..Fact::default()
        }
    }

    #[test]
    fn a_number_counts_when_it_is_written() {
        let now = Timestamp::UNIX_EPOCH;
        let mut log = EventLog::after(7);
        assert_eq!(log.take_waiting(now), None);
        log.note(now, fact());
        log.note(now, fact());
        let numbers =
            |events: Vec<Event>| events.iter().map(|event| event.number).collect::<Vec<_>>();
        assert_eq!(numbers(log.take_waiting(now).unwrap()), [8, 9]);
        log.note(now, fact());
        assert_eq!((log.take_waiting(now), log.written()), (None, 7));
        log.wrote(true);
        assert_eq!(log.written(), 9);
        assert_eq!(numbers(log.take_waiting(now).unwrap()), [10]);
        log.wrote(false);
        assert_eq!(log.written(), 9);
    }

    #[test]
    fn what_is_too_much_is_told_as_one_event() {
        let now = Timestamp::UNIX_EPOCH;
        let mut log = EventLog::default();
        (0..WAITING + 3).for_each(|_| log.note(now, fact()));
        assert_eq!(log.take_waiting(now).unwrap().len(), WAITING);
        log.wrote(true);
        let rest = log.take_waiting(now).unwrap();
        assert_eq!((rest.len(), rest[0].what.as_str()), (1, "lost"));
        assert!(rest[0].text.starts_with("3 events"));
    }
}
