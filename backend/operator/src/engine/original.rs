//! Agents without the feed: those of the original. Presence, `rostervm`, `info`, `health` and pushes become what the feed would say.
//!
//! Nothing of it is invented: what such an agent does not tell stays unknown. Questions come in rounds, at the pace of the original's own
//! client, few at a time; what comes unasked only says what to ask about sooner. `hypervisor:control capabilities` is never sent: it
//! hangs such an agent for good. A change is sent once, without an operation id: that agent keeps no journal.

mod act;
mod ask;
mod book;
mod host;
mod news;

use std::collections::{HashSet, VecDeque};

use archipel_fleet::{Event, WatchState, Wire};
use archipel_protocol::{
    BareJid, Epoch, FullJid, HypervisorId, Seq, VmId, WatchId,
    feed::{Kind, Row, Update},
};

use super::{Engine, from_now, timers::Timer};
use book::Book;
use host::Facts;

/// Something to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Question {
    /// The hypervisor, which machines it has.
    Machines,
    /// The hypervisor, how it is.
    Health,
    /// A machine, what it does.
    Machine(VmId),
}

/// A conversation with one agent.
#[derive(Debug)]
pub(super) struct Original {
    /// The hypervisor's session.
    to: FullJid,
    /// Names the conversation: an answer to an earlier one is dropped.
    epoch: Epoch,
    seq: u64,
    book: Book,
    facts: Facts,
    waiting: VecDeque<Question>,
    /// Questions on their way.
    flying: usize,
    round: u32,
    /// Whether its list of machines has come.
    listed: bool,
    /// Whether the model has all of it.
    told: bool,
    /// Whose pushes are received.
    heard: HashSet<BareJid>,
}

impl Original {
    fn new(to: FullJid, libvirt_lost: bool) -> Self {
        Self {
            to,
            epoch: Epoch::from_random(rand::random()),
            seq: 0,
            book: Book::default(),
            facts: Facts::new(libvirt_lost),
            waiting: VecDeque::new(),
            flying: 0,
            round: 0,
            listed: false,
            told: false,
            heard: HashSet::new(),
        }
    }

    /// The session that is spoken with.
    pub(super) fn to(&self) -> &FullJid {
        &self.to
    }

    fn want(&mut self, question: Question) {
        if !self.waiting.contains(&question) {
            self.waiting.push_back(question);
        }
    }

    /// Everything there is to say about a machine that was not said.
    fn rows_of(&mut self, vm: VmId) -> Vec<Row> {
        self.book.news_of(vm).into_iter().flatten().collect()
    }

    fn update(&mut self, kind: Kind, rows: Vec<Row>) -> Update {
        self.seq += 1;
        Update {
            // Nobody checks it: the update comes from here.
            watch: WatchId::from_random([0; 16]),
            epoch: self.epoch.clone(),
            seq: Seq(self.seq),
            kind,
            newest_event: 0,
            rows,
        }
    }
}

impl Engine {
    /// Begins to speak with an agent of the original at this address, unless that is done already.
    pub(super) fn converse(&mut self, id: &HypervisorId, to: FullJid, libvirt_lost: bool) {
        let peer = self.peer(id);
        if peer.original.is_some() {
            return;
        }
        peer.original = Some(Box::new(Original::new(to, libvirt_lost)));
        self.emit(Event::Speaks {
            hypervisor: id.clone(),
            wire: Wire::Original,
        });
        let since = self.settings.clock.now();
        self.tell_watch(id, WatchState::Asking { since });
        self.listen(id);
        self.begin_round(id);
    }

    /// The next round is due.
    pub(super) fn begin_round(&mut self, id: &HypervisorId) {
        if !self.is_online() {
            return;
        }
        if let Some(original) = self.original_mut(id) {
            original.round = original.round.wrapping_add(1);
            original.want(Question::Machines);
            original.want(Question::Health);
            self.go_on(id);
        }
    }

    /// Asks what may be asked; when nothing is left to ask, the round is over.
    fn go_on(&mut self, id: &HypervisorId) {
        self.ask_waiting(id);
        let idle = |original: &&mut Original| original.waiting.is_empty() && original.flying == 0;
        if let Some(original) = self.original_mut(id).filter(idle) {
            let complete = original.listed;
            self.end_round(id, complete);
        }
    }

    fn end_round(&mut self, id: &HypervisorId, complete: bool) {
        let pace = self.settings.pace;
        let pause = if self.looks_at(id) {
            pace.round_looked_at
        } else {
            pace.round
        };
        self.timers.set(Timer::Round(id.clone()), from_now(pause));
        if complete {
            self.tell_everything(id);
            self.tell_watch(id, WatchState::Live);
            self.in_reach(id);
        }
    }

    /// The first round is complete: from now on the model hears of changes.
    fn tell_everything(&mut self, id: &HypervisorId) {
        let Some(original) = self.original_mut(id).filter(|original| !original.told) else {
            return;
        };
        original.told = true;
        let mut rows = original.facts.rows();
        rows.extend(original.book.all());
        let kind = Kind::Snapshot {
            first: true,
            next: None,
        };
        let update = original.update(kind, rows);
        self.tell_update(id, update);
    }

    fn tell_rows(&mut self, id: &HypervisorId, rows: Vec<Row>) {
        let Some(original) = self.original_mut(id) else {
            return;
        };
        if !original.told || rows.is_empty() {
            return;
        }
        let from = Seq(original.seq);
        let update = original.update(Kind::Delta { from }, rows);
        self.tell_update(id, update);
    }

    fn tell_update(&mut self, id: &HypervisorId, update: Update) {
        let hypervisor = id.clone();
        self.emit(Event::Feed { hypervisor, update });
    }

    /// Its machines cannot be had; what is known is old until they are.
    fn fail_original(&mut self, id: &HypervisorId, why: String) {
        if let Some(original) = self.original_mut(id) {
            original.listed = false;
            original.told = false;
            self.tell_watch(id, WatchState::Failed(why));
        }
    }

    /// Whoever is looked at is asked at once, and oftener.
    pub(super) fn look_at_original(&mut self, id: &HypervisorId) {
        if self.original(id).is_some() && self.looks_at(id) {
            self.listen(id);
            self.timers.set_at_most(
                Timer::Round(id.clone()),
                from_now(std::time::Duration::ZERO),
            );
        }
    }

    pub(super) fn original(&self, id: &HypervisorId) -> Option<&Original> {
        self.peers.get(id)?.original.as_deref()
    }

    fn original_mut(&mut self, id: &HypervisorId) -> Option<&mut Original> {
        self.peers.get_mut(id)?.original.as_deref_mut()
    }
}
