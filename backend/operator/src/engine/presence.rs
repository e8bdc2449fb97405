//! Who is there, and what they can do.

use archipel_fleet::{Event, Level, Reach, WatchState};
use archipel_protocol::{
    FullJid, HypervisorId, IqKind, Jid, Presence, PresenceKind, disco, disco::Caps, ns,
    presence::is_libvirt_lost, text::clean_line,
};

use super::{
    Engine,
    abilities::Holds,
    peer::{Ability, Resource},
    work::{Answer, Done},
};
use crate::messages::{Stranger, WENT_AWAY};

impl Engine {
    pub(super) fn presence(&mut self, presence: &Presence) {
        let Some(from) = presence.from.clone() else {
            return;
        };
        self.machine_presence(&from, presence);
        let id = HypervisorId::from(from.to_bare());
        match presence.kind {
            PresenceKind::Available => self.appeared(&id, &from, presence),
            PresenceKind::Unavailable => self.vanished(&id, &from, WENT_AWAY),
            PresenceKind::Error => self.vanished(&id, &id.jid().clone().into(), &reason(presence)),
            PresenceKind::Subscribe => self.wants_to_subscribe(&id),
            _ => {}
        }
    }

    /// Only contacts count; what of them is believed, trust decides.
    fn appeared(&mut self, id: &HypervisorId, from: &Jid, presence: &Presence) {
        let Some(jid) = from
            .clone()
            .try_into_full()
            .ok()
            .filter(|_| self.peers.contains_key(id))
        else {
            return;
        };
        let caps = Caps::parse(presence);
        let ability = self.ability_by(caps.as_ref());
        let lost = is_libvirt_lost(presence);
        let resource = Resource {
            jid: jid.clone(),
            caps,
            ability,
            lost,
        };
        if self.peer(id).appear(resource) {
            self.settle(id);
        } else {
            self.host_presence(id, &jid, lost);
        }
    }

    fn ability_by(&self, caps: Option<&Caps>) -> Ability {
        match caps.map(|caps| self.abilities.of(caps)) {
            None | Some(Some(false)) => Ability::Original,
            Some(Some(true)) => Ability::Feed,
            Some(None) => Ability::Asking,
        }
    }

    /// A session went away, or with a bare address all of them.
    fn vanished(&mut self, id: &HypervisorId, from: &Jid, why: &str) {
        let Some(peer) = self.peers.get_mut(id) else {
            return;
        };
        match from.clone().try_into_full() {
            Ok(full) => peer.present.retain(|resource| resource.jid != full),
            Err(_) => peer.present.clear(),
        }
        if peer.present.is_empty() {
            self.lost(id, why);
        } else {
            self.settle(id);
        }
    }

    fn wants_to_subscribe(&mut self, id: &HypervisorId) {
        let trusted = self.peers.get(id).is_some_and(|peer| peer.trusted);
        if trusted {
            self.say(Presence::new(PresenceKind::Subscribed).to(id.jid().clone()));
        } else if self.machine_subscribes(id) {
            tracing::debug!(machine = %id, "a machine of an original agent shows its presence");
        } else if self.strangers.is_new(id) {
            self.notice(Level::Hint, Stranger(id).to_string());
        }
    }

    /// Deals with the best session of a trusted peer.
    pub(super) fn settle(&mut self, id: &HypervisorId) {
        let Some(peer) = self.peers.get_mut(id).filter(|peer| peer.trusted) else {
            return;
        };
        let Some(best) = peer.best().cloned() else {
            return;
        };
        let moved = peer.spoken_with().is_some_and(|to| *to != best.jid);
        let other_wire = (best.ability == Ability::Original) == peer.watch.is_some();
        if moved || other_wire {
            peer.cut();
        }
        peer.jid = Some(best.jid.clone());
        self.reached(id, &best.jid);
        self.deal_with(id, best);
    }

    fn deal_with(&mut self, id: &HypervisorId, best: Resource) {
        match best.ability {
            Ability::Feed | Ability::Assumed => self.watch(id, best.jid),
            Ability::Asking => self.ask_ability(id, best),
            Ability::Silent(why) => {
                self.watch_impossible(id, why);
                self.retry_later(id);
            }
            Ability::Original => self.converse(id, best.jid, best.lost),
        }
    }

    fn reached(&mut self, id: &HypervisorId, jid: &FullJid) {
        let reach = Reach::Online { jid: jid.clone() };
        self.set_reach(id, reach);
    }

    /// No session of the peer is left.
    pub(super) fn lost(&mut self, id: &HypervisorId, why: &str) {
        let trusted = {
            let peer = self.peer(id);
            peer.forget();
            peer.trusted
        };
        if !trusted {
            return;
        }
        self.forget_watch_timer(id);
        let reason = why.to_owned();
        self.set_reach(id, Reach::Offline { reason });
        self.out_of_reach(id);
    }

    pub(super) fn set_reach(&mut self, id: &HypervisorId, reach: Reach) {
        if self
            .fleet
            .hypervisor(id)
            .is_some_and(|own| own.reach != reach)
        {
            let hypervisor = id.clone();
            self.emit(Event::Reach { hypervisor, reach });
        }
    }

    fn watch_impossible(&mut self, id: &HypervisorId, why: String) {
        self.peer(id).cut();
        self.forget_watch_timer(id);
        let (hypervisor, watch) = (id.clone(), WatchState::Failed(why));
        self.emit(Event::Watching { hypervisor, watch });
    }

    fn ask_ability(&mut self, id: &HypervisorId, resource: Resource) {
        let Some(caps) = resource.caps else { return };
        let asked = (id.clone(), resource.jid);
        if !self.abilities.wait(&caps, asked.clone()) {
            return;
        }
        let question = disco::query(Some(&caps.disco_node()));
        let outgoing = self.outgoing(id, asked.1.clone(), (IqKind::Get, question));
        self.start(async move {
            let answer = outgoing.send().await;
            Done::Ability {
                asked,
                caps,
                answer,
            }
        });
    }

    pub(super) fn ability_came(
        &mut self,
        asked: &(HypervisorId, FullJid),
        caps: &Caps,
        answer: Answer,
    ) {
        let waiting = self.abilities.release(caps);
        let (ability, holds) = self.judge(caps, answer);
        for (id, jid) in waiting {
            let concerned = holds == Holds::ForAll || (&id, &jid) == (&asked.0, &asked.1);
            let ability = if concerned {
                ability.clone()
            } else {
                Ability::Asking
            };
            self.set_ability(&id, &jid, ability);
        }
    }

    fn judge(&mut self, caps: &Caps, answer: Answer) -> (Ability, Holds) {
        let info = answer.map_err(|error| error.to_string()).and_then(|iq| {
            let query = iq.payload().ok_or("it is empty")?;
            disco::Info::parse(query).map_err(|error| error.to_string())
        });
        match info {
            Ok(info) => {
                let (feed, holds) = self.abilities.learn(caps, &info);
                (
                    if feed {
                        Ability::Feed
                    } else {
                        Ability::Original
                    },
                    holds,
                )
            }
            Err(why) => {
                let why = format!("it does not say what it can do: {why}");
                (Ability::Silent(why), Holds::ForOne)
            }
        }
    }

    fn set_ability(&mut self, id: &HypervisorId, jid: &FullJid, ability: Ability) {
        let Some(peer) = self.peers.get_mut(id) else {
            return;
        };
        if let Some(resource) = peer
            .present
            .iter_mut()
            .find(|resource| resource.jid == *jid)
        {
            resource.ability = ability;
            self.settle(id);
        }
    }

    /// Sends a presence, which needs no answer.
    pub(super) fn say(&self, presence: Presence) {
        let session = self.session.clone();
        self.start(async move {
            // Without a session there is nobody to say it to; the next one begins from scratch.
            let _ = session.send(presence).await;
            Done::Told
        });
    }
}

/// Why a presence came back.
fn reason(presence: &Presence) -> String {
    let error = presence
        .payloads
        .iter()
        .find(|child| child.name() == "error");
    let condition = error.and_then(|error| {
        error
            .children()
            .find(|child| child.has_ns(ns::STANZA_ERRORS))
    });
    condition.map_or_else(
        || "its server answers with an error".to_owned(),
        |condition| clean_line(&condition.name().replace('-', " "), 60),
    )
}
