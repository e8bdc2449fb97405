//! What a watch was told, and whether the next update follows on it.

use archipel_fleet::MACHINES_LIMIT;
use archipel_protocol::{
    Epoch, FullJid, Seq, WatchId,
    feed::{Kind, Update},
};
use tokio::time::Instant;

use super::super::look::Sight;

/// How often within a lease a feed may contradict itself.
pub(super) const MISSES: u8 = 3;

/// A watch.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) id: WatchId,
    /// The one address from which its feed is believed.
    pub(crate) to: FullJid,
    pub(crate) phase: Phase,
    /// When it was asked for, or renewed.
    pub(crate) renewed: Instant,
    /// What it was asked for.
    pub(super) sight: Sight,
    /// Up to where everything is known.
    known: Option<(Epoch, Seq)>,
    /// Parts received of a snapshot whose last part has not come.
    parts: usize,
    /// The last number of the deltas that came between those parts.
    ahead: Option<(Epoch, Seq)>,
    /// How often something did not fit since the last renewal.
    misses: u8,
}

/// How far a watch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The first answer is not complete.
    Asking,
    /// Everything is known, changes arrive by themselves.
    Live,
}

/// How an update relates to what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It follows.
    Next,
    /// It says nothing new: an answer has overtaken it.
    Old,
    /// Something in between is missing, or it makes no sense.
    Gap,
}

impl Watch {
    pub(super) fn new(to: FullJid, known: Option<(Epoch, Seq)>) -> Self {
        Self {
            id: WatchId::from_random(rand::random()),
            to,
            phase: Phase::Asking,
            renewed: Instant::now(),
            sight: Sight::Far,
            known,
            parts: 0,
            ahead: None,
            misses: 0,
        }
    }

    /// The watch to follow this one. What does not fit a second time is asked for in full.
    pub(super) fn successor(&self) -> Self {
        let known = self.known.clone().filter(|_| self.misses < 2);
        Self {
            misses: self.misses,
            ..Self::new(self.to.clone(), known)
        }
    }

    /// Up to where everything is known.
    pub(super) fn known(&self) -> Option<&(Epoch, Seq)> {
        self.known.as_ref()
    }

    /// Counts something that did not fit.
    pub(super) fn miss(&mut self) -> u8 {
        self.misses = self.misses.saturating_add(1);
        self.misses
    }

    pub(super) fn forgive(&mut self) {
        self.misses = 0;
    }

    /// Takes note of an answer to `<watch/>` or `<page/>`.
    pub(super) fn fit_answer(&mut self, update: &Update) -> Fit {
        match &update.kind {
            Kind::Snapshot { first, next } => {
                let expected = *first || (1..MACHINES_LIMIT).contains(&self.parts);
                if !expected {
                    return Fit::Gap;
                }
                self.parts = if *first { 1 } else { self.parts + 1 };
                if next.is_none() {
                    self.complete(update);
                }
            }
            Kind::Unchanged | Kind::Delta { .. } => {
                if !self.follows(update) {
                    return Fit::Gap;
                }
                self.complete(update);
            }
        }
        Fit::Next
    }

    /// Takes note of a delta that came by itself.
    pub(super) fn fit_headline(&mut self, update: &Update) -> Fit {
        if !matches!(update.kind, Kind::Delta { .. }) {
            return Fit::Gap;
        }
        let number = (update.epoch.clone(), update.seq);
        if self.parts > 0 {
            self.ahead = Some(number);
            return Fit::Next;
        }
        if self.is_old(update) {
            return Fit::Old;
        }
        if !self.follows(update) {
            return Fit::Gap;
        }
        self.known = Some(number);
        Fit::Next
    }

    fn complete(&mut self, update: &Update) {
        self.parts = 0;
        let ahead = self
            .ahead
            .take()
            .filter(|(epoch, _)| *epoch == update.epoch);
        let seq = ahead.map_or(update.seq, |(_, ahead)| ahead.max(update.seq));
        self.known = Some((update.epoch.clone(), seq));
    }

    /// A delta may overlap what is known: rows are state.
    fn follows(&self, update: &Update) -> bool {
        let same_life = self
            .known
            .as_ref()
            .filter(|(epoch, _)| *epoch == update.epoch);
        match update.kind {
            Kind::Delta { from } => same_life.is_some_and(|(_, seq)| from <= *seq),
            _ => same_life.is_some(),
        }
    }

    /// Whether what it says is known. Figures have no number of their own: they lead from the number known to the same one.
    fn is_old(&self, update: &Update) -> bool {
        let figures = matches!(update.kind, Kind::Delta { from } if from == update.seq);
        let same_life = self
            .known
            .as_ref()
            .filter(|(epoch, _)| *epoch == update.epoch);
        same_life.is_some_and(|(_, seq)| update.seq < *seq || update.seq == *seq && !figures)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn watch(known: Option<u64>) -> Watch {
        let known = known.map(|seq| ("e".parse().unwrap(), Seq(seq)));
        Watch::new(FullJid::new("hv01@dc.example/node").unwrap(), known)
    }

    fn update(kind: Kind, seq: u64) -> Update {
        Update {
            watch: "w".parse().unwrap(),
            epoch: "e".parse().unwrap(),
            seq: Seq(seq),
            kind,
            newest_event: 0,
            rows: Vec::new(),
        }
    }

    fn delta(from: u64, seq: u64) -> Update {
        update(Kind::Delta { from: Seq(from) }, seq)
    }

    fn part(first: bool, last: bool, seq: u64) -> Update {
        let next = (!last).then_some(archipel_protocol::VmId::from_bytes([1; 16]));
        update(Kind::Snapshot { first, next }, seq)
    }

    #[test]
    fn deltas_follow_in_sequence() {
        let mut watch = watch(Some(5));
        assert_eq!(watch.fit_headline(&delta(5, 6)), Fit::Next);
        assert_eq!(watch.fit_headline(&delta(5, 6)), Fit::Old);
        assert_eq!(
            watch.fit_headline(&delta(5, 8)),
            Fit::Next,
            "an overlap is no gap"
        );
        assert_eq!(watch.fit_headline(&delta(8, 8)), Fit::Next, "figures");
        assert_eq!(watch.fit_headline(&delta(9, 10)), Fit::Gap);
        let other_life = Update {
            epoch: "f".parse().unwrap(),
            ..delta(8, 9)
        };
        assert_eq!(watch.fit_headline(&other_life), Fit::Gap);
    }

    #[test]
    fn a_snapshot_in_parts_counts_the_deltas_between_them() {
        let mut watch = watch(None);
        assert_eq!(watch.fit_answer(&part(true, false, 3)), Fit::Next);
        assert_eq!(watch.fit_headline(&delta(3, 4)), Fit::Next);
        assert_eq!(watch.fit_answer(&part(false, true, 3)), Fit::Next);
        assert_eq!(watch.known().unwrap().1, Seq(4));
        assert_eq!(watch.fit_headline(&delta(4, 5)), Fit::Next);
    }

    #[test]
    fn nothing_follows_on_nothing() {
        assert_eq!(watch(None).fit_answer(&delta(0, 1)), Fit::Gap);
        assert_eq!(
            watch(None).fit_answer(&update(Kind::Unchanged, 1)),
            Fit::Gap
        );
        assert_eq!(watch(None).fit_answer(&part(false, true, 1)), Fit::Gap);
        assert_eq!(watch(Some(1)).fit_headline(&part(true, true, 2)), Fit::Gap);
    }

    #[test]
    fn a_second_miss_asks_for_everything() {
        let mut watch = watch(Some(5));
        watch.miss();
        assert!(watch.successor().known().is_some());
        watch.miss();
        let successor = watch.successor();
        assert!(successor.known().is_none() && successor.id != watch.id);
    }
}
