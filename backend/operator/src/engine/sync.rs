//! States on demand, for commands that watch nothing by themselves.

use archipel_fleet::{Hypervisor, Link, Reach, WatchState};
use archipel_protocol::{HypervisorId, Presence, PresenceKind};
use tokio::time::Instant;

use super::{
    Engine, Mode, from_now,
    peer::{Ability, Resource},
    timers::Timer,
    why_not,
};
use crate::{
    command::{Missing, Sync, Wanted},
    error::OperatorError,
    messages::{NOT_JOINED, NOTHING_HEARD},
};

impl Engine {
    pub(super) fn sync(&mut self, sync: Sync) {
        self.timers.set_at_most(Timer::Sync, sync.until);
        self.syncs.push(Wish::new(sync));
        self.approach_wanted();
    }

    /// Begins what is needed for every state that is wanted, as soon as there is a session and it is known who is meant.
    pub(super) fn approach_wanted(&mut self) {
        if self.mode == Mode::Screen || !self.may_approach() {
            return;
        }
        let wanted: Vec<HypervisorId> = self
            .syncs
            .iter()
            .flat_map(|wish| self.meant(&wish.sync.wanted))
            .collect();
        for id in wanted {
            self.approach(&id);
        }
    }

    fn may_approach(&self) -> bool {
        self.is_online() && (self.roster.settled || !self.needs_roster())
    }

    fn meant(&self, wanted: &Wanted) -> Vec<HypervisorId> {
        match wanted {
            Wanted::All => self.fleet.hypervisors().map(|own| own.id.clone()).collect(),
            Wanted::These(ids) => ids.clone(),
        }
    }

    /// Goes to the address that the cache remembers; without one, asks whether the hypervisor is there.
    fn approach(&mut self, id: &HypervisorId) {
        let Some(peer) = self.peers.get_mut(id).filter(|peer| peer.trusted) else {
            return;
        };
        if !peer.present.is_empty() {
            return;
        }
        match peer.jid.clone() {
            Some(jid) => {
                peer.appear(Resource {
                    jid,
                    caps: None,
                    ability: Ability::Assumed,
                    lost: false,
                });
                self.settle(id);
            }
            None => self.look_for(id),
        }
    }

    /// Where the cache said it would be, it is not.
    pub(super) fn unassume(&mut self, id: &HypervisorId) {
        let peer = self.peer(id);
        peer.forget();
        peer.jid = None;
        self.set_reach(id, Reach::Unknown);
        self.look_for(id);
    }

    /// The server of a contact answers a probe with the presence of its sessions. To those who may not see it yet it answers with a
    /// refusal that ends a request on its way (RFC 6121, 4.3.2), so they show themselves instead: the agent answers that.
    fn look_for(&mut self, id: &HypervisorId) {
        let contact = self.peers.get(id).and_then(|peer| peer.contact.as_ref());
        let hidden = contact.is_some_and(|contact| !contact.subscription.sees());
        if hidden && self.invited.contains(id) {
            // There is no agent yet that could answer.
            return self.lost(id, NOT_JOINED);
        }
        let kind = if hidden {
            PresenceKind::Available
        } else {
            PresenceKind::Probe
        };
        self.say(Presence::new(kind).to(id.jid().clone()));
        let at = from_now(self.settings.pace.probe);
        self.timers.set(Timer::Probe(id.clone()), at);
    }

    /// Some servers say nothing of who is not there. What comes later still counts.
    pub(super) fn probe_due(&mut self, id: &HypervisorId) {
        if self
            .peers
            .get(id)
            .is_some_and(|peer| peer.present.is_empty())
        {
            self.lost(id, NOTHING_HEARD);
        }
    }

    /// Answers those whose wish is fulfilled, or whose time is up.
    pub(super) fn answer_syncs(&mut self) {
        if self.syncs.is_empty() {
            return;
        }
        for mut wish in std::mem::take(&mut self.syncs) {
            match self.outcome(&mut wish) {
                Some(outcome) => drop(wish.sync.reply.send(outcome)),
                None => self.syncs.push(wish),
            }
        }
        self.timers.clear(&Timer::Sync);
        if let Some(first) = self.syncs.iter().map(|wish| wish.sync.until).min() {
            self.timers.set(Timer::Sync, first);
        }
    }

    /// `None` while there is something to wait for.
    fn outcome(&self, wish: &mut Wish) -> Option<Outcome> {
        if wish.sync.wanted == Wanted::These(Vec::new()) {
            return Some(Ok(Vec::new()));
        }
        let late = Instant::now() >= wish.sync.until;
        if !self.may_approach() {
            let over = matches!(self.fleet.link(), Link::Ended(_));
            let error = || OperatorError::NotConnected(self.why_no_answer());
            return (late || over).then(|| Err(error()));
        }
        if wish.ids.is_empty() {
            wish.ids = self.meant(&wish.sync.wanted);
        }
        let awaited = |id: &HypervisorId| matches!(self.state_of(id), State::Awaited);
        while wish.ids.get(wish.settled).is_some_and(|id| !awaited(id)) {
            wish.settled += 1;
        }
        let done = late || wish.settled == wish.ids.len();
        done.then(|| Ok(wish.ids.iter().filter_map(|id| self.missing(id)).collect()))
    }

    fn why_no_answer(&self) -> String {
        if self.is_online() {
            "the server did not give the roster in time".to_owned()
        } else {
            why_not(self.fleet.link())
        }
    }

    fn missing(&self, id: &HypervisorId) -> Option<Missing> {
        let reason = match self.state_of(id) {
            State::Current => return None,
            State::Awaited => "no answer in time".to_owned(),
            State::Impossible(why) => why,
        };
        Some(Missing {
            hypervisor: id.clone(),
            name: self.name_of(id),
            reason,
        })
    }

    fn state_of(&self, id: &HypervisorId) -> State {
        let Some(own) = self.fleet.hypervisor(id) else {
            return State::Impossible(OperatorError::NotTrusted(id.clone()).to_string());
        };
        if own.watch == WatchState::Live && own.fresh.is_live() {
            return State::Current;
        }
        obstacle(own).map_or(State::Awaited, State::Impossible)
    }
}

type Outcome = Result<Vec<Missing>, OperatorError>;

/// A wish for current states, and how far it is.
pub(super) struct Wish {
    sync: Sync,
    /// Who is meant, as soon as that is known.
    ids: Vec<HypervisorId>,
    /// So many of them need not be looked at again.
    settled: usize,
}

impl Wish {
    fn new(sync: Sync) -> Self {
        Self {
            sync,
            ids: Vec::new(),
            settled: 0,
        }
    }
}

/// How far a wish is, for one hypervisor.
enum State {
    Current,
    Awaited,
    Impossible(String),
}

/// What stands between the operator and current states, where it is known.
pub(super) fn obstacle(own: &Hypervisor) -> Option<String> {
    match (&own.watch, &own.reach) {
        (WatchState::Failed(why), _) => Some(why.clone()),
        (_, Reach::Offline { reason }) => Some(reason.clone()),
        _ => None,
    }
}
