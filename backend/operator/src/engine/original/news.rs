//! What comes unasked from agents of the original: the presence of machines, and pushes. A machine's word on its state is taken from the
//! session that its hypervisor named; everything else only says what to ask about.

use archipel_fleet::MACHINES_LIMIT;
use archipel_protocol::{
    BareJid, FullJid, HypervisorId, IqKind, Jid, Message, Presence, PresenceKind, VmId, VmState,
    presence::{LIBVIRT_LOST, vm_state},
    pubsub,
    push::{self, Known, Push},
};

use super::{
    super::{Engine, Mode, Peer, work::Done},
    Question,
    book::machine_of,
};

impl Engine {
    /// Takes note where a machine of an original agent speaks.
    pub(in crate::engine) fn machine_presence(&mut self, from: &Jid, presence: &Presence) {
        let Some(vm) = machine_of(from) else { return };
        let Ok(jid) = from.clone().try_into_full() else {
            return;
        };
        let Some(state) = told_state(presence) else {
            return self.changed_somehow(vm);
        };
        match self.hypervisor_of(vm, &jid) {
            Some(id) => self.machine_said(&id, vm, state),
            None => self.remember_said(vm, jid, state),
        }
    }

    /// Its hypervisor has not named it yet, or it has moved to another one.
    fn remember_said(&mut self, vm: VmId, jid: FullJid, state: VmState) {
        if self.said.len() < MACHINES_LIMIT {
            self.said.insert(jid, state);
        }
        for id in self.claimants_of(vm) {
            self.ask_sooner(&id, Question::Machines);
        }
    }

    /// It is busy, or what it says is not known to this version.
    fn changed_somehow(&mut self, vm: VmId) {
        for id in self.claimants_of(vm) {
            self.ask_sooner(&id, Question::Machine(vm));
        }
    }

    /// The hypervisor that named this very session as the machine's.
    fn hypervisor_of(&self, vm: VmId, jid: &FullJid) -> Option<HypervisorId> {
        let mut peers = self.peers.iter();
        let named = |peer: &Peer| peer.original.as_ref()?.book.jid(vm).cloned();
        peers.find_map(|(id, peer)| (named(peer).as_ref() == Some(jid)).then(|| id.clone()))
    }

    fn claimants_of(&self, vm: VmId) -> Vec<HypervisorId> {
        let has = |peer: &Peer| {
            peer.original
                .as_ref()
                .is_some_and(|original| original.book.contains(vm))
        };
        let claimants = self.peers.iter().filter(|(_, peer)| has(peer));
        claimants.map(|(id, _)| id.clone()).collect()
    }

    /// The hypervisor's own presence: whether it reaches libvirt, and mostly that the number of its machines has changed.
    pub(in crate::engine) fn host_presence(
        &mut self,
        id: &HypervisorId,
        jid: &FullJid,
        lost: bool,
    ) {
        let Some(original) = self.original_mut(id).filter(|own| own.to == *jid) else {
            return;
        };
        original.facts.set_lost(lost);
        let rows = original.facts.rows();
        self.tell_rows(id, rows);
        self.ask_sooner(id, Question::Machines);
    }

    /// Pushes, from the service that carries them.
    pub(in crate::engine) fn pushes(&mut self, message: &Message) {
        for (entity, push) in push::parse_event(message) {
            let service = service_of(&entity);
            if message.from.is_some() && message.from == service {
                self.pushed(&entity, &push);
            }
        }
    }

    fn pushed(&mut self, entity: &BareJid, push: &Push) {
        let machine = machine_of(&entity.clone().into());
        match (Known::of(push), machine) {
            (Some(Known::Hypervisor(_)), None) => {
                self.ask_sooner(&entity.clone().into(), Question::Machines);
            }
            (Some(Known::Control(_) | Known::Definition(_)), Some(vm)) => self.changed_somehow(vm),
            _ => {}
        }
    }

    /// Has the pushes of a hypervisor delivered, and while it is looked at those of its machines.
    pub(super) fn listen(&mut self, id: &HypervisorId) {
        if self.mode == Mode::OneShot {
            return;
        }
        let looked_at = self.looks_at(id);
        let Some(original) = self.original_mut(id) else {
            return;
        };
        let machines = original.book.jids().map(|(_, jid)| jid.to_bare());
        let machines = machines.filter(|_| looked_at);
        let all: Vec<BareJid> = [id.jid().clone()].into_iter().chain(machines).collect();
        let new: Vec<BareJid> = all
            .into_iter()
            .filter(|jid| original.heard.insert(jid.clone()))
            .collect();
        for entity in &new {
            self.subscribe(id, entity);
        }
    }

    /// Without pushes the rounds tell it later: what comes of it is not waited for.
    fn subscribe(&self, id: &HypervisorId, entity: &BareJid) {
        let Some(service) = service_of(entity) else {
            return;
        };
        let own = &self.settings.profile.jid;
        let payload = pubsub::subscribe(&push::node(entity), own);
        let outgoing = self.outgoing(id, service, (IqKind::Set, payload));
        let questions = self.questions.clone();
        self.start(async move {
            let _turn = questions.acquire_owned().await;
            if let Err(error) = outgoing.send().await {
                tracing::debug!(%error, "no pushes");
            }
            Done::Told
        });
    }

    /// A machine of an original agent asks its owner to see the operator's presence; answered alike, so that it tells its state.
    pub(in crate::engine) fn machine_subscribes(&self, id: &HypervisorId) -> bool {
        let named = machine_of(&id.jid().clone().into()).is_some_and(|vm| {
            let mut peers = self.peers.values();
            peers.any(|peer| {
                let jid = peer.original.as_ref().and_then(|own| own.book.jid(vm));
                jid.is_some_and(|jid| jid.to_bare() == *id.jid())
            })
        });
        if named {
            for kind in [PresenceKind::Subscribed, PresenceKind::Subscribe] {
                self.say(Presence::new(kind).to(id.jid().clone()));
            }
        }
        named
    }
}

/// The service that carries the pushes of an entity: there is no other by which an original could be heard.
fn service_of(entity: &BareJid) -> Option<Jid> {
    Jid::new(&format!("pubsub.{}", entity.domain())).ok()
}

/// What a machine says of its state. After a reconnect an original says nothing at all, whatever its machine does; while something is
/// being done with it, it says that instead.
fn told_state(presence: &Presence) -> Option<VmState> {
    match presence.kind {
        PresenceKind::Unavailable => Some(VmState::Unknown),
        PresenceKind::Available => {
            let status = presence.status.as_deref()?;
            let state = vm_state(presence);
            (state != VmState::Unknown || status == LIBVIRT_LOST).then_some(state)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presence(show: Option<&str>, status: Option<&str>) -> Presence {
        Presence {
            show: show.map(str::to_owned),
            status: status.map(str::to_owned),
            ..Presence::new(PresenceKind::Available)
        }
    }

    #[test]
    fn only_what_is_said_is_believed() {
        let said = |show, status| told_state(&presence(show, status));
        assert_eq!(said(None, Some("Running")), Some(VmState::Running));
        assert_eq!(said(Some("xa"), Some("Off")), Some(VmState::Off));
        assert_eq!(
            said(Some("xa"), Some("Not defined")),
            Some(VmState::Undefined)
        );
        assert_eq!(
            said(Some("dnd"), Some(LIBVIRT_LOST)),
            Some(VmState::Unknown)
        );
        assert_eq!(said(Some("dnd"), Some("Cloning to web02")), None);
        assert_eq!(
            said(None, None),
            None,
            "a machine that is off says so after a reconnect"
        );
        let gone = Presence::new(PresenceKind::Unavailable);
        assert_eq!(told_state(&gone), Some(VmState::Unknown));
    }
}
