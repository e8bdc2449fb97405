//! What an operator's session sees of everybody's presence, with the moment of its receipt.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use archipel_bus::{Event, Events, Session};
use archipel_protocol::{
    BareJid, Jid, Presence, PresenceKind, Stanza, VmState, presence::vm_state,
};

/// Longer than anything that is waited for.
const PATIENCE: Duration = Duration::from_mins(3);

/// The last presence of an account.
#[derive(Debug, Clone)]
struct Last {
    at: Instant,
    presence: Presence,
}

/// Everybody's last presence.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Arc<Mutex<HashMap<BareJid, Last>>>);

impl Seen {
    /// Takes note of all that `events` bring, and announces a new session.
    pub(super) fn follow(session: &Session, mut events: Events) -> Self {
        let seen = Self::default();
        let (own, session) = (seen.clone(), session.clone());
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                match event {
                    Event::Reset { .. } => {
                        let _ = session.send(Presence::new(PresenceKind::Available)).await;
                    }
                    Event::Stanza(Stanza::Presence(presence)) if tells(&presence) => {
                        own.note(presence);
                    }
                    _ => {}
                }
            }
        });
        seen
    }

    fn note(&self, presence: Presence) {
        let from = presence.from.as_ref().map(Jid::to_bare);
        let last = Last {
            at: Instant::now(),
            presence,
        };
        if let Some(from) = from {
            self.all().insert(from, last);
        }
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<BareJid, Last>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an account was available last.
    pub(super) fn sees(&self, account: &BareJid) -> bool {
        let all = self.all();
        let last = all.get(account);
        last.is_some_and(|last| last.presence.kind == PresenceKind::Available)
    }

    /// When all `machines` were off, and the hypervisor said so many, by presences received after `since`.
    pub(super) async fn correct(
        &self,
        hypervisor: &BareJid,
        machines: &[BareJid],
        since: Instant,
    ) -> Instant {
        self.until(|all| {
            let mut last = counts(all.get(hypervisor)?, machines.len(), since)?;
            for machine in machines {
                let seen = all.get(machine)?;
                let right = seen.at > since && vm_state(&seen.presence) == VmState::Off;
                last = last.max(right.then_some(seen.at)?);
            }
            Some(last)
        })
        .await
    }

    /// When the hypervisor said that it has so many machines, by a presence received after `since`.
    pub(super) async fn online(
        &self,
        hypervisor: &BareJid,
        machines: usize,
        since: Instant,
    ) -> Instant {
        self.until(|all| counts(all.get(hypervisor)?, machines, since))
            .await
    }

    /// When a machine was in `state`, by a presence received after `since`.
    pub(super) async fn state(&self, machine: &BareJid, state: VmState, since: Instant) -> Instant {
        self.until(|all| {
            let seen = all.get(machine)?;
            (seen.at > since && vm_state(&seen.presence) == state).then_some(seen.at)
        })
        .await
    }

    /// The moment that `pick` finds, looked for every millisecond; moments are those of receipt.
    async fn until(&self, pick: impl Fn(&HashMap<BareJid, Last>) -> Option<Instant>) -> Instant {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(found) = pick(&self.all()) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let texts: Vec<String> = self
            .all()
            .iter()
            .map(|(jid, last)| {
                let (status, age) = (&last.presence.status, last.at.elapsed());
                format!("{jid}: {status:?} {} s ago", age.as_secs())
            })
            .collect();
        panic!("waited in vain for presences; seen: {}", texts.join(", "));
    }
}

/// When a hypervisor said that it has so many machines.
fn counts(own: &Last, machines: usize, since: Instant) -> Option<Instant> {
    let status = own.presence.status.as_deref().unwrap_or_default();
    let right = own.at > since && status.starts_with(&format!("Online ({machines})"));
    right.then_some(own.at)
}

/// Whether a presence says how somebody is: an answer to a request for a subscription does not.
fn tells(presence: &Presence) -> bool {
    matches!(
        presence.kind,
        PresenceKind::Available | PresenceKind::Unavailable
    )
}
