//! To whom a session has shown that it is there.

use std::collections::HashSet;

use archipel_protocol::{Presence, PresenceKind};
use jid::Jid;

/// To whom a session has shown that it is there.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The server told everybody on the roster, and will tell them the end.
    all: bool,
    /// Shown to these alone.
    some: HashSet<Jid>,
}

impl Shown {
    /// Takes note of a presence that is sent.
    pub(super) fn note(&mut self, presence: &Presence) {
        let there = match presence.kind {
            PresenceKind::Available => true,
            PresenceKind::Unavailable => false,
            _ => return,
        };
        match &presence.to {
            None => {
                self.all = there;
                self.some.clear();
            }
            Some(who) if there && !self.all => drop(self.some.insert(who.clone())),
            Some(who) => drop(self.some.remove(who)),
        }
    }

    /// The last words. A server would tell an end that is addressed to nobody to the whole roster, also of a session of which it
    /// told them nothing; and it does not tell it to those on the roster whom presence was directed to, as RFC 6121, 4.6.3 asks:
    /// Prosody and ejabberd trust that they hear it with all others.
    pub(super) fn farewell(&self) -> Vec<Presence> {
        let end = Presence::new(PresenceKind::Unavailable);
        if self.all {
            return vec![end];
        }
        let to = |who: &Jid| end.clone().to(who.clone());
        self.some.iter().map(to).collect()
    }
}
