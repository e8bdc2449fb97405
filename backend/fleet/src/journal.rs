//! What was said: messages to the operator and entries of the agents' logs, both bounded.

use std::collections::{HashMap, VecDeque};

use archipel_protocol::{HypervisorId, events::Event};

use crate::{
    event::{Level, Notice},
    time::Moment,
};

/// How many messages are kept.
const NOTICES: usize = 1_000;
/// How many log entries are kept, of all agents together.
const LOG: usize = 2_000;

/// A message with the moment it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed {
    /// When.
    pub at: Moment,
    /// What.
    pub notice: Notice,
}

/// A log entry with its agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Whose log.
    pub hypervisor: HypervisorId,
    /// The entry.
    pub event: Event,
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    notices: VecDeque<Noticed>,
    log: VecDeque<Logged>,
    /// The number of the last entry taken, per agent.
    newest: HashMap<HypervisorId, u64>,
}

impl Journal {
    pub(crate) fn notices(&self) -> impl DoubleEndedIterator<Item = &Noticed> + ExactSizeIterator {
        self.notices.iter()
    }

    pub(crate) fn log(&self) -> impl DoubleEndedIterator<Item = &Logged> + ExactSizeIterator {
        self.log.iter()
    }

    pub(crate) fn notice(&mut self, at: Moment, level: Level, text: String) {
        if self.notices.len() == NOTICES {
            self.notices.pop_front();
        }
        let notice = Notice { level, text };
        self.notices.push_back(Noticed { at, notice });
    }

    /// Whether the entry was new.
    pub(crate) fn record(&mut self, hypervisor: HypervisorId, event: Event) -> bool {
        let newest = self.newest.entry(hypervisor.clone()).or_default();
        if event.number <= *newest {
            return false;
        }
        *newest = event.number;
        if self.log.len() == LOG {
            self.log.pop_front();
        }
        self.log.push_back(Logged { hypervisor, event });
        true
    }

    /// An agent whose numbers begin anew lost its log: what it writes now is new.
    pub(crate) fn rewind(&mut self, hypervisor: &HypervisorId, newest: u64) {
        if let Some(known) = self.newest.get_mut(hypervisor) {
            *known = newest.min(*known);
        }
    }

    pub(crate) fn forget(&mut self, hypervisor: &HypervisorId) {
        self.newest.remove(hypervisor);
        self.log.retain(|entry| entry.hypervisor != *hypervisor);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn entry(number: u64) -> Event {
        Event {
            number,
            at: "2026-11-20T10:00:00Z".parse().unwrap(),
            vm: None,
            name: String::new(),
            what: "started".into(),
            by: None,
            text: String::new(),
            severity: archipel_protocol::events::Severity::Info,
            verb: None,
            result: None,
        }
    }

    #[test]
    fn messages_and_log_are_bounded() {
        let mut journal = Journal::default();
        let host: HypervisorId = "hv01@dc.example".parse().unwrap();
        for number in 1..=3_000 {
            journal.notice(Moment(number), Level::Info, number.to_string());
            assert!(journal.record(host.clone(), entry(number)));
        }
        assert_eq!(journal.notices().len(), NOTICES);
        assert_eq!(journal.log().len(), LOG);
        assert_eq!(journal.log().next_back().unwrap().event.number, 3_000);
    }

    #[test]
    fn an_entry_counts_once_until_the_numbers_begin_anew() {
        let mut journal = Journal::default();
        let host: HypervisorId = "hv01@dc.example".parse().unwrap();
        assert!(journal.record(host.clone(), entry(7)));
        assert!(!journal.record(host.clone(), entry(7)));
        journal.rewind(&host, 0);
        assert!(journal.record(host, entry(1)));
    }
}
