//! The operator's own session.

use std::time::Duration;

use super::{Engine, from_now, timers::Timer, watch::Phase};
use archipel_bus::Event as BusEvent;
use archipel_fleet::{Event, Link, WatchState};
use archipel_protocol::{
    Failure, FullJid, HypervisorId, Iq, IqKind, Message, Stanza, failure::FailureKind, feed, ns,
};

/// Renewals that were due while there was no session are spread over this time.
const SPREAD: Duration = Duration::from_secs(10);

impl Engine {
    pub(super) fn bus(&mut self, event: BusEvent) {
        match event {
            BusEvent::Reset { jid, .. } => self.reset(jid),
            BusEvent::Suspended { reason, retry_in } => self.suspended(reason, retry_in),
            BusEvent::Resumed => self.resumed(),
            BusEvent::Stanza(stanza) => self.stanza(stanza),
            BusEvent::Refused { from, why } => tracing::warn!(?from, %why, "stanza refused"),
            BusEvent::Ended(end) => self.ended(end.to_string()),
        }
    }

    /// A fresh session: the server knows nothing of an earlier one.
    fn reset(&mut self, jid: FullJid) {
        for peer in self.peers.values_mut() {
            peer.forget();
        }
        self.said.clear();
        self.abilities.forget_waiting();
        self.roster.forget();
        // The model forgets everybody's presence with this.
        self.emit(Event::Link(Link::default()));
        self.emit(Event::Link(Link::Online { jid }));
        if self.needs_roster() || !self.deeds.is_empty() {
            self.ask_roster();
        } else {
            self.approach_wanted();
        }
    }

    fn ended(&mut self, why: String) {
        self.refuse_deeds(&why);
        self.emit(Event::Link(Link::Ended(why)));
    }

    fn suspended(&mut self, reason: String, retry_in: Duration) {
        let retry_in_s = retry_in.as_secs_f64().ceil();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let retry_in_s = retry_in_s as u64;
        let link = match self.fleet.link() {
            Link::Connecting { .. } => Link::Connecting {
                reason: Some(reason),
                retry_in_s,
            },
            _ => Link::Suspended { reason, retry_in_s },
        };
        self.refuse_deeds(&super::why_not(&link));
        self.emit(Event::Link(link));
    }

    /// The session of before goes on. Deltas were kept for it, unless a watch has run out meanwhile.
    fn resumed(&mut self) {
        let Some(jid) = self.session.bound_jid() else {
            return;
        };
        self.emit(Event::Link(Link::Online { jid }));
        let watched = self.peers.iter().filter(|(_, peer)| peer.watch.is_some());
        let ids: Vec<HypervisorId> = watched.map(|(id, _)| id.clone()).collect();
        for id in ids {
            self.resume_watch(&id);
        }
        self.pump_all();
    }

    fn resume_watch(&mut self, id: &HypervisorId) {
        let Some(watch) = self.peers.get(id).and_then(|peer| peer.watch.as_ref()) else {
            return;
        };
        let lease = Duration::from_secs(u64::from(feed::LEASE_S));
        let valid = watch.phase == Phase::Live && watch.renewed.elapsed() < lease;
        if !valid {
            // What came before the loss of a snapshot is not complete.
            self.replace_watch(id);
            return;
        }
        let (hypervisor, watch) = (id.clone(), WatchState::Live);
        self.emit(Event::Watching { hypervisor, watch });
        let at = from_now(SPREAD.mul_f64(rand::random::<f64>()));
        self.timers.set_at_most(Timer::Watch(id.clone()), at);
    }

    fn stanza(&mut self, stanza: Stanza) {
        match stanza {
            Stanza::Presence(presence) => self.presence(&presence),
            Stanza::Message(message) => self.message(&message),
            Stanza::Iq(iq) => self.iq(&iq),
        }
    }

    /// Messages other than headlines of a feed and pushes are for people; this version shows none.
    fn message(&mut self, message: &Message) {
        self.pushes(message);
        let Some(update) = message.payload("feed", ns::FLEET) else {
            return;
        };
        if let Some(from) = message
            .from
            .clone()
            .and_then(|from| from.try_into_full().ok())
        {
            self.headline(&from, update);
        }
    }

    fn iq(&mut self, iq: &Iq) {
        let is_roster = |iq: &Iq| {
            iq.payload()
                .is_some_and(|query| query.is("query", ns::ROSTER))
        };
        match iq.kind {
            // The session lets none through but the own account's.
            IqKind::Set if is_roster(iq) => self.roster_push(iq),
            IqKind::Get | IqKind::Set => self.refuse(iq),
            _ => {}
        }
    }

    /// Who asks the operator's program gets an answer, so that nobody waits.
    fn refuse(&mut self, iq: &Iq) {
        let text = "an operator's program answers no requests";
        let failure = Failure::new(FailureKind::Unsupported, text);
        let refusal = iq.refusal(failure.to_element(None));
        if let Err(error) = self.session.try_send(refusal) {
            tracing::debug!(%error, "request of somebody left without an answer");
        }
    }
}
