//! Pictures that were taken and are fetched piece by piece.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use archipel_protocol::{BareJid, VmId, chunks::Digest};

use super::Picture;

/// Pictures that may wait; the oldest gives way. Each is at most 256 KiB.
const WAITING: usize = 8;
/// Those of one person.
const OWN: usize = 2;

/// The pictures. Clones share it: a picture is taken on another thread than the one that asks for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf(Arc<Mutex<VecDeque<Taken>>>);

/// A picture, whose screen it shows, and who asked for it: nobody else gets it.
#[derive(Debug)]
struct Taken {
    who: BareJid,
    vm: VmId,
    digest: Digest,
    picture: Arc<Picture>,
}

impl Shelf {
    /// Keeps a picture for whoever asked for it.
    pub(crate) fn put(&self, who: BareJid, vm: VmId, picture: Arc<Picture>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.iter().filter(|taken| taken.who == who).count();
        if own >= OWN
            && let Some(oldest) = all.iter().position(|taken| taken.who == who)
        {
            all.remove(oldest);
        }
        if all.len() >= WAITING {
            all.pop_front();
        }
        let digest = Digest::of(&picture.text);
        all.push_back(Taken {
            who,
            vm,
            digest,
            picture,
        });
    }

    /// One that was kept.
    pub(crate) fn find(&self, who: &BareJid, vm: VmId, digest: Digest) -> Option<Arc<Picture>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut own = all
            .iter()
            .filter(|taken| taken.who == *who && taken.vm == vm);
        own.find(|taken| taken.digest == digest)
            .map(|taken| taken.picture.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn everybody_gets_their_own_and_nobody_fills_the_shelf() {
        let shelf = Shelf::default();
        let (olga, eve): (BareJid, BareJid) = ("o@x".parse().unwrap(), "e@x".parse().unwrap());
        let vm = VmId::from_bytes([1; 16]);
        let picture = |text: &str| {
            Arc::new(Picture {
                width: 1,
                height: 1,
                text: text.to_owned(),
            })
        };
        shelf.put(olga.clone(), vm, picture("a"));
        assert!(shelf.find(&eve, vm, Digest::of("a")).is_none());
        for number in 0..20 {
            shelf.put(eve.clone(), vm, picture(&number.to_string()));
        }
        assert!(shelf.find(&olga, vm, Digest::of("a")).is_some());
        assert!(shelf.find(&eve, vm, Digest::of("19")).is_some());
        assert!(shelf.find(&eve, vm, Digest::of("1")).is_none());
        let other = VmId::from_bytes([2; 16]);
        assert!(shelf.find(&olga, other, Digest::of("a")).is_none());
    }
}
