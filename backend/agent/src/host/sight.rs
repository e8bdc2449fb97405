//! Who sees what: whoever loses the right to something no longer sees it, however the right was lost. Rows of the feed follow, and presence
//! ends, which a server would otherwise tell for as long as the subscription stands.

use std::{collections::BTreeSet, time::Duration};

use archipel_language::Permission;
use archipel_protocol::{BareJid, Presence, PresenceKind, VmId};
use jiff::Timestamp;
use tokio::time::Instant;

use super::Host;
use crate::{
    access::scope_of,
    state::{State, WATCH},
};

/// What some people see at one moment.
#[derive(Debug)]
pub(super) struct Sight {
    /// Of this machine alone; `None`: of the host with all its machines.
    of: Option<VmId>,
    /// Machines' rows, of those who watch.
    rows: BTreeSet<(BareJid, VmId)>,
    /// Presence of the hypervisor (`None`) and of machines with sessions.
    presence: BTreeSet<(BareJid, Option<VmId>)>,
}

/// When grants end.
#[derive(Debug)]
pub(super) struct Ends {
    /// Those until then were looked at.
    seen: Timestamp,
    /// When there is something to look at.
    next: Option<Instant>,
}

impl Ends {
    pub(super) fn of(state: &State) -> Self {
        let mut ends = Self {
            seen: state.clock.now(),
            next: None,
        };
        ends.plan(state);
        ends
    }

    /// Looks for the next end of a grant.
    fn plan(&mut self, state: &State) {
        let next = state.access.next_end(self.seen);
        let left = next.map(|end| Duration::try_from(end - state.clock.now()).unwrap_or_default());
        self.next = left.and_then(|left| Instant::now().checked_add(left));
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }
}

impl Host {
    /// What these people see now.
    pub(super) fn sight(&self, people: &BTreeSet<BareJid>) -> Sight {
        self.sight_at(people, None, self.state.clock.now())
    }

    /// What these people see of one machine now.
    pub(super) fn sight_of(&self, people: &BTreeSet<BareJid>, of: VmId) -> Sight {
        self.sight_at(people, Some(of), self.state.clock.now())
    }

    fn sight_at(&self, people: &BTreeSet<BareJid>, of: Option<VmId>, at: Timestamp) -> Sight {
        let watchers: BTreeSet<BareJid> = self.feed.watchers().map(|who| who.to_bare()).collect();
        let mut sight = Sight {
            of,
            rows: BTreeSet::new(),
            presence: BTreeSet::new(),
        };
        for who in people {
            let is_told = watchers.contains(who);
            let machines = self.state.machines.iter();
            for (id, machine) in machines.filter(|(id, _)| of.is_none_or(|of| of == *id)) {
                if is_told && self.state.allows_at(who, WATCH, Some(id), at) {
                    sight.rows.insert((who.clone(), id));
                }
                if machine.session && self.sees(who, Some(id), at) {
                    sight.presence.insert((who.clone(), Some(id)));
                }
            }
            if of.is_none() && self.sees(who, None, at) {
                sight.presence.insert((who.clone(), None));
            }
        }
        sight
    }

    /// Whether somebody may see the presence of the hypervisor or of a machine. To see the hypervisor, a right to see any of its machines
    /// is enough.
    fn sees(&self, who: &BareJid, vm: Option<VmId>, at: Timestamp) -> bool {
        let presence = Permission::PRESENCE.0;
        match vm {
            None => self.state.allows_something_at(who, presence, at),
            vm => self.state.allows_at(who, presence, vm, at),
        }
    }

    /// Lets what is seen follow a change of what may be seen.
    pub(super) fn sight_changed(&mut self, people: &BTreeSet<BareJid>, before: &Sight) {
        let now = self.sight_at(people, before.of, self.state.clock.now());
        for (_, id) in before.rows.symmetric_difference(&now.rows) {
            self.feed.vm_changed(*id);
        }
        if before.of.is_none() {
            // Rights ride in the host's row.
            self.feed.host_changed();
        }
        let state = &self.state;
        self.feed
            .keep_only(|who| state.allows_something(&who.to_bare(), WATCH));
        self.greeted
            .retain(|who| state.allows_something(&who.to_bare(), Permission::PRESENCE.0));
        for (who, of) in before.presence.difference(&now.presence) {
            self.tell_sight(PresenceKind::Unsubscribed, who, *of);
        }
        for (who, of) in now.presence.difference(&before.presence) {
            if self.is_told(who, *of) {
                self.tell_sight(PresenceKind::Subscribed, who, *of);
            }
        }
        self.ends.plan(&self.state);
    }

    /// As the original does: whoever is granted something on an entity is told that it may be seen. What is granted on a whole host is not
    /// told by each of its machines.
    fn is_told(&self, who: &BareJid, of: Option<VmId>) -> bool {
        let own = of.map(scope_of);
        let mut grants = self.state.access.policy().grants.iter();
        own.is_none() || grants.any(|grant| grant.jid == *who && grant.scope == own)
    }

    fn tell_sight(&mut self, kind: PresenceKind, who: &BareJid, of: Option<VmId>) {
        if let Some(session) = self.session_of(of) {
            self.deliver(&session, Presence::new(kind).to(who.clone()));
        }
    }

    /// What a machine's tags decide is seen, or no longer. People with scopes are concerned.
    pub(super) fn scoped_people(&self) -> BTreeSet<BareJid> {
        let grants = self.state.access.policy().grants.iter();
        let scoped = grants.filter(|grant| grant.scope.is_some());
        scoped.map(|grant| grant.jid.clone()).collect()
    }

    /// Grants that are over since this was last asked end what was seen by them.
    pub(super) fn end_grants(&mut self) {
        if self.ends.next.is_none_or(|next| next > Instant::now()) {
            return;
        }
        let now = self.state.clock.now();
        let seen = self.ends.seen;
        self.ends.seen = now.max(seen);
        let over = self.state.access.over(seen, now);
        if over.is_empty() {
            return self.ends.plan(&self.state);
        }
        let before = self.sight_at(&over, None, seen);
        self.sight_changed(&over, &before);
    }

    /// Those on a roster who may not see the entity were let in by a right that they lost while nobody here could tell them.
    pub(super) fn check_contacts(&mut self, of: Option<VmId>, contacts: &[BareJid]) {
        let now = self.state.clock.now();
        let may_not = contacts.iter().filter(|who| !self.sees(who, of, now));
        for who in may_not.collect::<Vec<_>>() {
            tracing::info!(%who, vm = of.map(tracing::field::display), "sees no presence any more");
            self.tell_sight(PresenceKind::Unsubscribed, who, of);
        }
    }
}
