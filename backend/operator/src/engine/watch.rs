//! The watch on a hypervisor's feed: asked for once, renewed before its lease ends, asked for anew when something was missed.

mod ask;
mod state;

use archipel_bus::RequestError;
use archipel_fleet::{Event, WatchState, Wire};
use archipel_protocol::{
    Element, Failure, FullJid, HypervisorId, Presence, PresenceKind, WatchId,
    feed::{Kind, Update},
};
use tokio::time::Instant;

use super::{Engine, Mode, from_now, peer::Ability, timers::Timer, work::Answer};
use crate::messages::OddFeed;
use state::{Fit, MISSES};
pub(super) use state::{Phase, Watch};

impl Engine {
    /// Watches a hypervisor at this address, unless that is done already.
    pub(super) fn watch(&mut self, id: &HypervisorId, to: FullJid) {
        if self.current_watch(id).is_some() {
            return;
        }
        let told = self.fleet.hypervisor(id).and_then(|own| own.known.clone());
        let peer = self.peer(id);
        let known = told.or_else(|| peer.known.clone());
        peer.watch = Some(Watch::new(to, known));
        self.begin_watch(id);
    }

    /// A watch under a new id takes the place of the one there is; what still comes under the old id is dropped.
    pub(super) fn replace_watch(&mut self, id: &HypervisorId) {
        let Some(watch) = self.watch_mut(id) else {
            return;
        };
        let successor = watch.successor();
        let old = std::mem::replace(watch, successor);
        self.unwatch(id, &old);
        self.begin_watch(id);
    }

    /// Something of the feed does not fit: it is asked for anew, at the second time in full, and in the end no more for a while.
    fn missed_something(&mut self, id: &HypervisorId) {
        let Some(watch) = self.watch_mut(id) else {
            return;
        };
        if watch.miss() > MISSES {
            self.watch_failed(id, OddFeed(&"it keeps contradicting itself").to_string());
        } else {
            self.replace_watch(id);
        }
    }

    fn begin_watch(&mut self, id: &HypervisorId) {
        let (hypervisor, wire) = (id.clone(), Wire::Fleet);
        self.emit(Event::Speaks { hypervisor, wire });
        let since = self.settings.clock.now();
        self.tell_watch(id, WatchState::Asking { since });
        self.forget_watch_timer(id);
        self.ask_watch(id, true);
    }

    /// The answer to `<watch/>` or `<page/>`. One to a watch that is no more is dropped.
    pub(super) fn feed_came(&mut self, id: &HypervisorId, watch: &WatchId, answer: Answer) {
        if self
            .current_watch(id)
            .is_none_or(|current| current.id != *watch)
        {
            return;
        }
        let iq = match answer {
            Ok(iq) => iq,
            Err(error) => return self.watch_refused(id, &error),
        };
        match iq.payload().map(Update::parse) {
            Some(Ok(update)) if update.watch == *watch => self.take_answer(id, update),
            Some(Ok(_)) => self.watch_failed(id, OddFeed(&"it is of another watch").to_string()),
            Some(Err(why)) => self.watch_failed(id, OddFeed(&why).to_string()),
            None => self.watch_failed(id, OddFeed(&"it is empty").to_string()),
        }
    }

    /// A headline: believed from the address that is watched, under the id that it was given, and in sequence.
    pub(super) fn headline(&mut self, from: &FullJid, element: &Element) {
        let id = HypervisorId::from(from.to_bare());
        let meant =
            |watch: &Watch| watch.to == *from && element.attr("watch") == Some(watch.id.as_str());
        if !self.current_watch(&id).is_some_and(meant) {
            tracing::debug!(%from, "feed dropped: from another session or of another watch");
            return;
        }
        match Update::parse(element) {
            Ok(update) => self.take_headline(&id, update),
            Err(why) => self.watch_failed(&id, OddFeed(&why).to_string()),
        }
    }

    fn take_headline(&mut self, id: &HypervisorId, update: Update) {
        let Some(watch) = self.watch_mut(id) else {
            return;
        };
        match watch.fit_headline(&update) {
            Fit::Old => {}
            Fit::Next => self.tell_feed(id, update),
            Fit::Gap => self.missed_something(id),
        }
    }

    fn take_answer(&mut self, id: &HypervisorId, update: Update) {
        let Some(watch) = self.watch_mut(id) else {
            return;
        };
        if watch.fit_answer(&update) != Fit::Next {
            return self.missed_something(id);
        }
        let kind = update.kind.clone();
        self.tell_feed(id, update);
        match kind {
            Kind::Snapshot {
                next: Some(after), ..
            } => self.ask_page(id, after),
            // A delta holds what one stanza holds. The rest follows by itself, but one command of the shell cannot tell when.
            Kind::Delta { .. } if self.mode == Mode::OneShot => self.ask_watch(id, false),
            _ => self.watch_complete(id),
        }
    }

    fn tell_feed(&mut self, id: &HypervisorId, update: Update) {
        let (hypervisor, newest) = (id.clone(), update.newest_event);
        self.emit(Event::Feed { hypervisor, update });
        self.log_announced(id, newest);
    }

    fn watch_complete(&mut self, id: &HypervisorId) {
        let sight = self.sight(id);
        let peer = self.peer(id);
        peer.seen();
        let Some(watch) = &mut peer.watch else { return };
        watch.phase = Phase::Live;
        let again = watch.sight != sight;
        let renewal = self.settings.pace.renewal;
        let at = from_now(renewal.mul_f64(1.0 - rand::random::<f64>() / 4.0));
        self.timers.set(Timer::Watch(id.clone()), at);
        self.tell_watch(id, WatchState::Live);
        if again {
            self.renew_watch(id);
        }
        self.in_reach(id);
    }

    fn watch_refused(&mut self, id: &HypervisorId, error: &RequestError) {
        let why = match error {
            // A new session, or the peer's presence, begins anew.
            RequestError::Lost | RequestError::NotConnected | RequestError::Closed => return,
            RequestError::Refused(iq) => format!("the feed was refused: {}", Failure::parse(iq)),
            RequestError::Timeout | RequestError::Ignored => {
                format!("the feed was asked for: {error}")
            }
        };
        if self.is_assumed(id) {
            self.unassume(id);
        } else {
            self.watch_failed(id, why);
        }
    }

    fn is_assumed(&self, id: &HypervisorId) -> bool {
        let best = self.peers.get(id).and_then(|peer| peer.best());
        best.is_some_and(|best| best.ability == Ability::Assumed)
    }

    /// Left alone for a while, then tried again.
    fn watch_failed(&mut self, id: &HypervisorId, why: String) {
        self.end_watch(id);
        self.tell_watch(id, WatchState::Failed(why));
        self.retry_later(id);
    }

    pub(super) fn retry_later(&mut self, id: &HypervisorId) {
        let retry = self.settings.pace.retry;
        let at = from_now(retry.mul_f64(1.0 + rand::random::<f64>() / 4.0));
        self.timers.set(Timer::Watch(id.clone()), at);
    }

    /// Gives a watch up; the agent learns it from presence.
    pub(super) fn end_watch(&mut self, id: &HypervisorId) {
        self.forget_watch_timer(id);
        let Some(watch) = self.peers.get_mut(id).and_then(|peer| peer.watch.take()) else {
            return;
        };
        if self.is_online() {
            self.say(Presence::new(PresenceKind::Unavailable).to(watch.to));
        }
    }

    /// The lease of a watch ends soon, or one that failed may be tried again.
    pub(super) fn watch_due(&mut self, id: &HypervisorId) {
        if !self.is_online() {
            return;
        }
        if self.current_watch(id).is_some() {
            self.renew_watch(id);
        } else {
            self.peer(id).ask_the_silent();
            self.settle(id);
        }
    }

    pub(super) fn renew_watch(&mut self, id: &HypervisorId) {
        if let Some(watch) = self
            .watch_mut(id)
            .filter(|watch| watch.phase == Phase::Live)
        {
            watch.renewed = Instant::now();
            watch.forgive();
            self.ask_watch(id, false);
        }
    }

    pub(super) fn forget_watch_timer(&mut self, id: &HypervisorId) {
        self.timers.clear(&Timer::Watch(id.clone()));
        self.timers.clear(&Timer::Round(id.clone()));
    }

    pub(super) fn tell_watch(&mut self, id: &HypervisorId, watch: WatchState) {
        let known = self.fleet.hypervisor(id);
        let is_news = known.is_some_and(|own| own.watch != watch || !own.fresh.is_live());
        if is_news {
            let hypervisor = id.clone();
            self.emit(Event::Watching { hypervisor, watch });
        }
    }

    fn current_watch(&self, id: &HypervisorId) -> Option<&Watch> {
        self.peers.get(id)?.watch.as_ref()
    }

    fn watch_mut(&mut self, id: &HypervisorId) -> Option<&mut Watch> {
        self.peers.get_mut(id)?.watch.as_mut()
    }
}
