//! What the engine knows of one contact beyond what it told the model.

use archipel_protocol::{Epoch, FullJid, Seq, disco::Caps, roster};
use tokio_util::sync::CancellationToken;

use super::{original::Original, watch::Watch};

/// The most sessions of one account that are looked at.
const RESOURCES: usize = 8;

/// A contact, or somebody who is trusted without being one.
#[derive(Debug, Default)]
pub(super) struct Peer {
    /// The entry on the roster.
    pub(super) contact: Option<roster::Contact>,
    pub(super) trusted: bool,
    /// Its sessions, newest last.
    pub(super) present: Vec<Resource>,
    /// Ends when the watched session goes away.
    pub(super) life: CancellationToken,
    pub(super) watch: Option<Watch>,
    /// The conversation with an agent that has no feed.
    pub(super) original: Option<Box<Original>>,
    /// What the cache knew last.
    pub(super) known: Option<(Epoch, Seq)>,
    /// The full address of its agent, now or at last.
    pub(super) jid: Option<FullJid>,
    /// The last entry of its log that was taken.
    pub(super) logged: Option<u64>,
}

/// A session of a contact.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) jid: FullJid,
    pub(super) caps: Option<Caps>,
    pub(super) ability: Ability,
    /// Whether it says that its libvirt is out of reach.
    pub(super) lost: bool,
}

/// What the software behind a session can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ability {
    /// It has the feed.
    Feed,
    /// It has been asked, or a session with the same software has.
    Asking,
    /// It was asked and did not say.
    Silent(String),
    /// It has no feed.
    Original,
    /// The cache says that it had the feed; nobody has seen it since.
    Assumed,
}

impl Ability {
    /// The lower, the better.
    fn rank(&self) -> u8 {
        match self {
            Self::Feed => 0,
            Self::Assumed => 1,
            Self::Asking => 2,
            Self::Silent(_) => 3,
            Self::Original => 4,
        }
    }
}

impl Peer {
    /// The session that is dealt with.
    pub(super) fn spoken_with(&self) -> Option<&FullJid> {
        let watched = self.watch.as_ref().map(|watch| &watch.to);
        watched.or_else(|| self.original.as_ref().map(|original| original.to()))
    }

    /// The session to deal with: one with the feed, of several the newest.
    pub(super) fn best(&self) -> Option<&Resource> {
        let newest_first = self.present.iter().rev();
        newest_first.min_by_key(|resource| resource.ability.rank())
    }

    /// Notes a session; the answer says whether it is new, or became another software.
    pub(super) fn appear(&mut self, resource: Resource) -> bool {
        let same = |known: &Resource| known.jid == resource.jid;
        if let Some(known) = self.present.iter_mut().find(|known| same(known)) {
            known.lost = resource.lost;
            let changed = known.caps != resource.caps || known.ability == Ability::Assumed;
            if changed {
                *known = resource;
            }
            return changed;
        }
        if self.present.len() == RESOURCES {
            self.present.remove(0);
        }
        self.present.push(resource);
        true
    }

    /// Those who did not say what they can do may be asked again.
    pub(super) fn ask_the_silent(&mut self) {
        for resource in &mut self.present {
            if matches!(resource.ability, Ability::Silent(_)) {
                resource.ability = Ability::Asking;
            }
        }
    }

    /// The session dealt with has answered: what the cache said of it holds.
    pub(super) fn seen(&mut self) {
        let answered = self.watch.as_ref().map(|watch| watch.to.clone());
        let of_it = |resource: &&mut Resource| Some(&resource.jid) == answered.as_ref();
        if let Some(resource) = self.present.iter_mut().find(of_it) {
            resource.ability = Ability::Feed;
        }
    }

    /// Ends everything that waits for the session dealt with so far.
    pub(super) fn cut(&mut self) {
        self.watch = None;
        self.original = None;
        std::mem::take(&mut self.life).cancel();
    }

    /// Forgets all sessions.
    pub(super) fn forget(&mut self) {
        self.present.clear();
        self.cut();
    }
}
