//! What software can do, asked once for each of its verification strings (XEP-0115).

use std::collections::HashMap;

use archipel_protocol::{FullJid, HypervisorId, disco, disco::Caps, ns};

/// The most verification strings that are remembered.
const LIMIT: usize = 256;

/// A session whose ability is not known yet.
pub(super) type Waiter = (HypervisorId, FullJid);

#[derive(Debug, Default)]
pub(super) struct Abilities {
    /// Whether the software behind a verification string has the feed.
    known: HashMap<String, bool>,
    /// Those who wait for an answer that somebody else was asked for.
    waiting: HashMap<String, Vec<Waiter>>,
}

impl Abilities {
    /// Whether the software has the feed, where that is known.
    pub(super) fn of(&self, caps: &Caps) -> Option<bool> {
        self.known.get(&caps.verification).copied()
    }

    /// Lets somebody wait; the answer says whether it must be asked itself.
    pub(super) fn wait(&mut self, caps: &Caps, waiter: Waiter) -> bool {
        let first = !self.waiting.contains_key(&caps.verification);
        let waiting = self.waiting.entry(caps.verification.clone()).or_default();
        waiting.push(waiter);
        first
    }

    /// Everybody who waits for this software.
    pub(super) fn release(&mut self, caps: &Caps) -> Vec<Waiter> {
        self.waiting.remove(&caps.verification).unwrap_or_default()
    }

    /// Takes an answer. It holds for all with this verification string only if it has that hash: anybody may claim a hash.
    pub(super) fn learn(&mut self, caps: &Caps, info: &disco::Info) -> (bool, Holds) {
        let feed = info.has(ns::FLEET);
        if info.verification() != caps.verification {
            return (feed, Holds::ForOne);
        }
        if self.known.len() >= LIMIT {
            self.known.clear();
        }
        self.known.insert(caps.verification.clone(), feed);
        (feed, Holds::ForAll)
    }

    /// Nobody waits in a new session.
    pub(super) fn forget_waiting(&mut self) {
        self.waiting.clear();
    }
}

/// For whom an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// For all with the same verification string.
    ForAll,
    /// For the one who gave it.
    ForOne,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_false_hash_holds_for_its_sender_alone() {
        let mut abilities = Abilities::default();
        let info = disco::Info {
            identities: Vec::new(),
            features: vec![ns::FLEET.to_owned()],
        };
        let false_caps = Caps {
            node: "urn:x".into(),
            verification: "somebody else's".into(),
        };
        assert_eq!(abilities.learn(&false_caps, &info), (true, Holds::ForOne));
        assert_eq!(abilities.of(&false_caps), None);
        let caps = Caps {
            verification: info.verification(),
            ..false_caps
        };
        assert_eq!(abilities.learn(&caps, &info), (true, Holds::ForAll));
        assert_eq!(abilities.of(&caps), Some(true));
    }

    #[test]
    fn one_is_asked_for_all() {
        let mut abilities = Abilities::default();
        let caps = Caps {
            node: "urn:x".into(),
            verification: "v".into(),
        };
        let waiter = |name: &str| {
            let jid = FullJid::new(&format!("{name}@dc.example/node")).unwrap();
            (jid.to_bare().into(), jid)
        };
        assert!(abilities.wait(&caps, waiter("hv01")));
        assert!(!abilities.wait(&caps, waiter("hv02")));
        assert_eq!(abilities.release(&caps).len(), 2);
        assert!(abilities.wait(&caps, waiter("hv03")));
    }
}
