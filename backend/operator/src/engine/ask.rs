//! Questions to single hypervisors: definitions, history, logs.

use archipel_fleet::{Event, Range};
use archipel_protocol::{
    FullJid, HypervisorId, IqKind, events,
    history::{Metric, Query, Series},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    Engine,
    work::{Answer, Done},
};
use crate::{
    command::{Ask, Follow},
    error::OperatorError,
};

impl Engine {
    /// The address to send requests to: that of a trusted hypervisor with the feed that is there now.
    pub(super) fn target(&self, id: &HypervisorId) -> Option<FullJid> {
        let peer = self.peers.get(id).filter(|peer| peer.trusted)?;
        let watch = peer.watch.as_ref().filter(|_| self.is_online())?;
        Some(watch.to.clone())
    }

    /// Whether a hypervisor takes commands now.
    pub(super) fn is_ready(&self, id: &HypervisorId) -> bool {
        let converses = self.original(id).is_some() && self.is_online();
        converses || self.target(id).is_some()
    }

    pub(super) fn ask(&mut self, ask: Ask) {
        if self.original(&ask.hypervisor).is_some() && self.is_online() {
            return self.ask_original(ask);
        }
        let Ask {
            hypervisor,
            kind,
            payload,
            reply,
        } = ask;
        let Some(to) = self.target(&hypervisor) else {
            // Whoever asked may have left.
            let _ = reply.send(Err(self.no_target(&hypervisor)));
            return;
        };
        let mut outgoing = self.outgoing(&hypervisor, to, (kind.clone(), payload));
        if kind == IqKind::Set {
            outgoing.deadline = self.settings.pace.command;
        }
        let name = self.name_of(&hypervisor);
        self.start(async move {
            let deadline = outgoing.deadline;
            let answer = outgoing.send().await;
            let told = answer.map_err(|error| OperatorError::of_request(&name, &error, deadline));
            let _ = reply.send(told);
            Done::Told
        });
    }

    /// Why a hypervisor cannot be asked.
    pub(super) fn no_target(&self, id: &HypervisorId) -> OperatorError {
        if !self.is_online() {
            return OperatorError::NotConnected(super::why_not(self.fleet.link()));
        }
        let Some(own) = self.fleet.hypervisor(id) else {
            return OperatorError::NotTrusted(id.clone());
        };
        OperatorError::Offline {
            hypervisor: own.name.clone(),
            why: super::sync::obstacle(own).unwrap_or_else(|| "its feed is awaited".to_owned()),
        }
    }

    pub(super) fn ask_history(&self, id: &HypervisorId, range: Range) {
        let Some(to) = self.target(id) else { return };
        let now = Timestamp::now();
        let past = SignedDuration::from_secs(range.seconds().into());
        let from = now.saturating_sub(past).unwrap_or(now);
        for metric in Metric::ALL {
            let query = Query {
                metric,
                from,
                to: now,
                resolution_s: range.resolution_s(),
            };
            let outgoing = self.outgoing(id, to.clone(), (IqKind::Get, query.to_element()));
            let (hypervisor, questions) = (id.clone(), self.questions.clone());
            self.start(async move {
                let _turn = questions.acquire_owned().await;
                let answer = outgoing.send().await;
                Done::History {
                    hypervisor,
                    range,
                    answer,
                }
            });
        }
    }

    pub(super) fn history_came(&mut self, hypervisor: HypervisorId, range: Range, answer: Answer) {
        let series = answer.map_err(|error| error.to_string()).and_then(|iq| {
            let series = iq.payload().ok_or("an empty answer")?;
            Series::parse(series).map_err(|why| why.to_string())
        });
        match series {
            Ok(series) => self.emit(Event::History {
                hypervisor,
                range,
                series,
            }),
            Err(why) => tracing::debug!(%hypervisor, %why, "no history"),
        }
    }

    pub(super) fn ask_newest(&self, id: &HypervisorId) {
        self.ask_log(id, events::Query::default());
    }

    fn ask_log(&self, id: &HypervisorId, query: events::Query) {
        let Some(to) = self.target(id) else { return };
        let outgoing = self.outgoing(id, to, (IqKind::Get, query.to_element()));
        let hypervisor = id.clone();
        self.start(async move {
            let answer = outgoing.send().await;
            Done::Log { hypervisor, answer }
        });
    }

    pub(super) fn log_came(&mut self, id: &HypervisorId, answer: Answer) {
        let page = answer.map_err(|error| error.to_string()).and_then(|iq| {
            let page = iq.payload().ok_or("an empty answer")?;
            events::Page::parse(page).map_err(|why| why.to_string())
        });
        let page = match page {
            Ok(page) => page,
            Err(why) => return tracing::debug!(hypervisor = %id, %why, "no log"),
        };
        let last = page.events.last().map(|event| event.number);
        for event in page.events {
            let hypervisor = id.clone();
            self.emit(Event::Log { hypervisor, event });
        }
        let Some(last) = last else { return };
        let peer = self.peer(id);
        peer.logged = peer.logged.max(Some(last));
        if self.follow == Follow::All {
            self.log_announced(id, page.newest);
        }
    }

    pub(super) fn set_follow(&mut self, follow: Follow) {
        self.follow = follow;
        // What was written before is not news.
        for (id, peer) in &mut self.peers {
            let newest = self.fleet.hypervisor(id).map(|own| own.newest_event);
            peer.logged = newest;
        }
    }

    /// A feed says how far its agent's log is.
    pub(super) fn log_announced(&mut self, id: &HypervisorId, newest: u64) {
        if self.follow == Follow::Nobody {
            return;
        }
        let peer = self.peer(id);
        let after = *peer.logged.get_or_insert(newest);
        if after == newest {
            return;
        }
        // An agent that begins anew at 1 lost its log.
        let after = if after > newest { 0 } else { after };
        peer.logged = Some(newest);
        let after = Some(after);
        self.ask_log(
            id,
            events::Query {
                after,
                ..events::Query::default()
            },
        );
    }
}
