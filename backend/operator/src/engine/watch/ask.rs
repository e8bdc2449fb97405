//! The requests of a watch.

use archipel_protocol::{
    Element, HypervisorId, IqKind, Presence, PresenceKind, VmId,
    feed::{self, Detail},
};

use super::{
    super::{Engine, look::Sight, work::Done},
    Watch,
};

/// Seconds between two reports of figures of the hypervisor that is looked at.
const EVERY_CLOSE_S: u32 = 2;
/// Seconds between two reports of figures of one that is seen among others.
const EVERY_SEEN_S: u32 = 5;
/// Seconds between two reports of figures of any other.
const EVERY_S: u32 = 10;

impl Engine {
    /// Sends `<watch/>`; a new one after directed presence, so that the agent learns when the operator leaves.
    pub(super) fn ask_watch(&mut self, id: &HypervisorId, greet: bool) {
        let sight = self.sight(id);
        let Some(watch) = self.watch_mut(id) else {
            return;
        };
        watch.sight = sight;
        let payload = request(watch).to_element();
        let greeting = Presence::new(PresenceKind::Available).to(watch.to.clone());
        self.ask_feed(id, payload, greet.then_some(greeting));
    }

    /// Ends a watch that another one replaced: an agent admits few of one person.
    pub(super) fn unwatch(&self, id: &HypervisorId, old: &Watch) {
        let ask = (IqKind::Set, feed::unwatch(&old.id));
        let outgoing = self.outgoing(id, old.to.clone(), ask);
        self.start(async move {
            // Else it ends with its lease.
            let _ = outgoing.send().await;
            Done::Told
        });
    }

    pub(super) fn ask_page(&self, id: &HypervisorId, after: VmId) {
        if let Some(watch) = self.current_watch(id) {
            let id_of_watch = watch.id.clone();
            let page = feed::Page {
                id: id_of_watch,
                after,
            };
            self.ask_feed(id, page.to_element(), None);
        }
    }

    fn ask_feed(&self, id: &HypervisorId, payload: Element, greeting: Option<Presence>) {
        let Some(watch) = self.current_watch(id) else {
            return;
        };
        let outgoing = self.outgoing(id, watch.to.clone(), (IqKind::Set, payload));
        let questions = self.questions.clone();
        let (hypervisor, watch) = (id.clone(), watch.id.clone());
        self.start(async move {
            let _turn = questions.acquire_owned().await;
            if let Some(greeting) = greeting {
                // A session that is over fails the request too.
                let _ = outgoing.session.send(greeting).await;
            }
            let answer = outgoing.send().await;
            Done::Feed {
                hypervisor,
                watch,
                answer,
            }
        });
    }
}

fn request(watch: &Watch) -> feed::Watch {
    let (detail, every_s) = match watch.sight {
        Sight::Close => (Detail::Metrics, EVERY_CLOSE_S),
        Sight::Seen => (Detail::Metrics, EVERY_SEEN_S),
        Sight::Far => (Detail::State, EVERY_S),
    };
    feed::Watch {
        id: watch.id.clone(),
        known: watch.known().cloned(),
        detail,
        every_s,
    }
}
