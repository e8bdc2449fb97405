//! What goes to the disk: events, history, tidying.

use std::collections::VecDeque;

use archipel_protocol::{
    BareJid,
    audit::{Head, Outcome},
    events::Severity,
};
use tokio::time::{Duration, Instant};

use super::{Done, Host};
use crate::eventlog::Fact;

/// Denials of one person that are logged within [`DENIAL_SPAN`]; a stranger must not be able to fill the log.
const DENIALS: usize = 10;
/// Denials of anybody that are remembered.
const REMEMBERED: usize = 100;
const DENIAL_SPAN: Duration = Duration::from_mins(1);

/// The denials of the last minute.
#[derive(Debug, Default)]
pub(super) struct Denials {
    listed: VecDeque<(Instant, Option<BareJid>)>,
    /// How many were beyond the bound since the last that was listed.
    unlisted: u64,
}

impl Denials {
    /// Whether one more denial of `who` is to be logged.
    fn admit(&mut self, who: Option<&BareJid>, now: Instant) -> bool {
        let fresh = |(at, _): &(Instant, _)| now.duration_since(*at) < DENIAL_SPAN;
        while self.listed.front().is_some_and(|first| !fresh(first)) {
            self.listed.pop_front();
        }
        let same = self
            .listed
            .iter()
            .filter(|(_, known)| known.as_ref() == who);
        if self.listed.len() >= REMEMBERED || same.count() >= DENIALS {
            self.unlisted += 1;
            return false;
        }
        self.listed.push_back((now, who.cloned()));
        true
    }
}

impl Host {
    /// Notes a fact in the event log.
    pub(super) fn note(&mut self, fact: Fact) {
        let now = self.state.clock.now();
        self.idle.happened(fact.vm);
        let policy = self.state.access.policy().version;
        self.state.events.note(now, policy, fact);
    }

    /// Notes that somebody was refused, up to a number that no stranger can exceed.
    pub(super) fn note_denial(&mut self, fact: Fact) {
        if !self.denials.admit(fact.by.as_ref(), Instant::now()) {
            return;
        }
        match std::mem::take(&mut self.denials.unlisted) {
            0 => self.note(fact),
            unlisted => {
                let text = format!(
                    "{} (and {unlisted} refusals that are not listed)",
                    fact.text
                );
                self.note(Fact { text, ..fact });
            }
        }
    }

    /// Brings waiting events to the disk.
    pub(super) fn write_events(&mut self) {
        let Some(batch) = self.state.events.take_waiting(self.state.clock.now()) else {
            return;
        };
        let store = self.tools.store.clone();
        self.jobs.spawn(async move {
            let written = store.append_events(batch).await;
            if let Err(error) = &written {
                tracing::error!(%error, "events are lost");
            }
            Done::Wrote(written.ok())
        });
    }

    /// The end of the audit rides in the row of the host.
    pub(super) fn wrote(&mut self, head: Option<Head>) {
        self.state.events.wrote(head.is_some());
        if let Some(head) = head {
            self.wrote_audit(head);
        }
    }

    /// The audit ends like this now.
    pub(super) fn wrote_audit(&mut self, head: Head) {
        if head.number > self.state.audit.number {
            self.state.audit = head;
            self.feed.host_changed();
        }
    }

    /// A store that was damaged is not passed over in silence.
    pub(super) fn note_set_aside(&mut self) {
        let Some(aside) = self.tools.store.set_aside() else {
            return;
        };
        let text = aside.to_string();
        tracing::error!("{text}");
        self.note(Fact {
            what: "store-lost",
            text,
            severity: Severity::Error,
            audited: Some(("store".to_owned(), Outcome::Failed)),
            ..Fact::default()
        });
    }

    /// Whether the session can carry something now.
    pub(crate) fn is_connected(&self) -> bool {
        self.connected
    }

    /// How many requests are being worked on.
    pub(crate) fn jobs_under_way(&self) -> usize {
        self.jobs.len()
    }

    /// Stores history and tidies the store.
    pub(super) fn keep(&mut self) {
        let (points, oldest) = self.state.health.unsaved();
        let store = self.tools.store.clone();
        let now = self.state.clock.now();
        self.jobs.spawn(async move {
            let kept = store.keep_history(points, oldest).await;
            let journal = store.trim_journal(now).await;
            let events = store.trim_events(now).await;
            let audit = store.trim_audit().await;
            for error in [kept, journal, events, audit]
                .into_iter()
                .filter_map(Result::err)
            {
                tracing::error!(%error, "the store could not be tidied");
            }
            Done::Kept
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_stranger_cannot_fill_the_log() {
        let mut denials = Denials::default();
        let now = Instant::now();
        let eve: BareJid = "eve@dc.example".parse().unwrap();
        let admitted = (0..50).filter(|_| denials.admit(Some(&eve), now)).count();
        assert_eq!((admitted, denials.unlisted), (DENIALS, 40));
        assert!(denials.admit(None, now));
        assert!(denials.admit(Some(&eve), now + DENIAL_SPAN));
        let crowd = (0..500).filter(|number| {
            let who = format!("x{number}@dc.example").parse().unwrap();
            denials.admit(Some(&who), now + DENIAL_SPAN)
        });
        assert_eq!(crowd.count(), REMEMBERED - 1);
    }
}
