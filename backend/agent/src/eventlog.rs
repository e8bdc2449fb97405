//! The agent's numbered log of what happened, on its way to the store.
//!
//! A number is announced only after its event is on the disk: after a crash the same number must not stand for something else.

use std::collections::BTreeMap;

use archipel_protocol::{
    BareJid, VmId,
    audit::{self, Outcome},
    events::{Event, Severity},
};
use jiff::Timestamp;

use crate::store::Batch;

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
    /// How much it matters.
    pub(crate) severity: Severity,
    /// The verb that was asked for, where it has an id; else what the audit says.
    pub(crate) verb: Option<String>,
    /// Whether it belongs to the audit: what was asked, and what became of it.
    pub(crate) audited: Option<(String, Outcome)>,
}

impl Fact {
    /// As an entry of the audit under this version of the policy, if it is one.
    fn audited(&self, at: Timestamp, policy: u64) -> Option<audit::Fact> {
        let (verb, outcome) = self.audited.clone()?;
        Some(audit::Fact {
            at,
            who: self
                .by
                .as_ref()
                .map_or_else(|| "local:agent".to_owned(), ToString::to_string),
            verb,
            vm: self.vm,
            name: self.name.clone(),
            outcome,
            policy,
            text: self.text.clone(),
        })
    }
}

/// The log.
#[derive(Debug, Default)]
pub(crate) struct EventLog {
    given: u64,
    written: u64,
    waiting: Vec<Event>,
    dropped: u64,
    writing: Option<u64>,
    /// For the audit; and what is being written of that, which waits again if it cannot be.
    audited: Vec<audit::Fact>,
    /// How many were, by outcome, since the start.
    asked: BTreeMap<&'static str, u64>,
    auditing: Vec<audit::Fact>,
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

    /// What was asked to be changed or was refused since the start, by outcome.
    pub(crate) fn asked(&self) -> &BTreeMap<&'static str, u64> {
        &self.asked
    }

    /// Notes a fact that happened under this version of the policy.
    pub(crate) fn note(&mut self, at: Timestamp, policy: u64, fact: Fact) {
        if let Some((_, outcome)) = &fact.audited {
            *self.asked.entry(outcome.word()).or_default() += 1;
        }
        if self.audited.len() < WAITING {
            self.audited.extend(fact.audited(at, policy));
        }
        if self.waiting.len() >= WAITING {
            self.dropped += 1;
            return;
        }
        self.given += 1;
        let (audited, result) = fact.audited.unzip();
        self.waiting.push(Event {
            number: self.given,
            at,
            vm: fact.vm,
            name: fact.name,
            what: fact.what.to_owned(),
            by: fact.by,
            text: fact.text,
            severity: fact.severity,
            verb: fact.verb.or(audited),
            result,
        });
    }

    /// What to write now; nothing while an earlier part is being written. What belongs to the audit goes with an event of the same fact.
    pub(crate) fn take_waiting(&mut self, now: Timestamp) -> Option<Batch> {
        if self.writing.is_some() || self.waiting.is_empty() {
            return None;
        }
        let events = std::mem::take(&mut self.waiting);
        self.auditing = std::mem::take(&mut self.audited);
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            let text = format!("{dropped} events were not kept: the disk was too slow");
            let fact = Fact {
                what: "lost",
                text,
                severity: Severity::Error,
                ..Fact::default()
            };
            self.note(now, 0, fact);
        }
        self.writing = events.last().map(|event| event.number);
        Some(Batch {
            events,
            audited: self.auditing.clone(),
        })
    }

    /// The part was written, or could not be: then its numbers are skipped, and what belongs to the audit is written with the next.
    pub(crate) fn wrote(&mut self, done: bool) {
        let audited = std::mem::take(&mut self.auditing);
        if let Some(number) = self.writing.take().filter(|_| done) {
            self.written = number;
        } else {
            self.audited.splice(0..0, audited);
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
        assert!(log.take_waiting(now).is_none());
        log.note(now, 1, fact());
        log.note(now, 1, fact());
        let numbers = |batch: Batch| {
            batch
                .events
                .iter()
                .map(|event| event.number)
                .collect::<Vec<_>>()
        };
        assert_eq!(numbers(log.take_waiting(now).unwrap()), [8, 9]);
        log.note(now, 1, fact());
        assert!(log.take_waiting(now).is_none() && log.written() == 7);
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
        (0..WAITING + 3).for_each(|_| log.note(now, 1, fact()));
        assert_eq!(log.take_waiting(now).unwrap().events.len(), WAITING);
        log.wrote(true);
        let rest = log.take_waiting(now).unwrap().events;
        assert_eq!((rest.len(), rest[0].what.as_str()), (1, "lost"));
        assert!(rest[0].text.starts_with("3 events"));
    }

    #[test]
    fn what_belongs_to_the_audit_is_not_lost_with_the_disk() {
        let now = Timestamp::UNIX_EPOCH;
        let mut log = EventLog::default();
        let audited = Fact {
            audited: Some(("start".into(), Outcome::Done)),
            ..fact()
        };
        log.note(now, 3, audited);
        let first = log.take_waiting(now).unwrap();
        assert_eq!(first.audited[0].policy, 3);
        log.wrote(false);
        log.note(now, 4, fact());
        assert_eq!(log.take_waiting(now).unwrap().audited, first.audited);
        log.wrote(true);
        log.note(now, 4, fact());
        assert_eq!(log.take_waiting(now).unwrap().audited, []);
    }
}
