//! The numbering of changes.

use std::collections::{BTreeMap, HashMap};

use archipel_protocol::{Epoch, Seq, VmId};

/// How many changed rows are remembered. Rows of machines that are gone would otherwise pile up; who knows less than the oldest that
/// is remembered gets a snapshot.
const REMEMBERED: usize = 10_000;

/// A row that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Item {
    /// The host's.
    Host,
    /// A machine's, be it there or gone.
    Vm(VmId),
}

/// Which row changed last at which number.
#[derive(Debug)]
pub(super) struct Numbers {
    epoch: Epoch,
    newest: Seq,
    index: BTreeMap<Seq, Item>,
    last: HashMap<Item, Seq>,
    /// Who knows less than this cannot be told only what changed.
    horizon: Seq,
}

impl Numbers {
    /// The epoch must be random: numbers of another life are worthless.
    pub(super) fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            newest: Seq(0),
            index: BTreeMap::new(),
            last: HashMap::new(),
            horizon: Seq(0),
        }
    }

    pub(super) fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    pub(super) fn newest(&self) -> Seq {
        self.newest
    }

    /// Who knows less cannot be told only what changed.
    pub(super) fn horizon(&self) -> Seq {
        self.horizon
    }

    pub(super) fn host_changed(&mut self) {
        self.changed(Item::Host);
    }

    pub(super) fn vm_changed(&mut self, id: VmId) {
        self.changed(Item::Vm(id));
    }

    fn changed(&mut self, item: Item) {
        self.newest = self.newest.next();
        if let Some(before) = self.last.insert(item, self.newest) {
            self.index.remove(&before);
        }
        self.index.insert(self.newest, item);
        if self.index.len() > REMEMBERED
            && let Some((seq, item)) = self.index.pop_first()
        {
            self.last.remove(&item);
            self.horizon = seq;
        }
    }

    /// Whether [`Numbers::after`] tells everything to somebody who knows `seq` of `epoch`.
    pub(super) fn covers(&self, epoch: &Epoch, seq: Seq) -> bool {
        *epoch == self.epoch && (self.horizon..=self.newest).contains(&seq)
    }

    /// The rows that changed after `seq`, in the order of their numbers.
    pub(super) fn after(&self, seq: Seq) -> impl Iterator<Item = (Seq, Item)> {
        let news = self.index.range(seq.next()..);
        news.map(|(seq, item)| (*seq, *item))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn vm(number: u32) -> VmId {
        VmId::from_bytes(u128::from(number).to_be_bytes())
    }

    #[test]
    fn a_row_stands_at_its_last_change_only() {
        let mut numbers = Numbers::new("e".parse().unwrap());
        numbers.host_changed();
        numbers.vm_changed(vm(1));
        numbers.host_changed();
        let rows: Vec<_> = numbers.after(Seq(0)).collect();
        assert_eq!(rows, [(Seq(2), Item::Vm(vm(1))), (Seq(3), Item::Host)]);
        assert_eq!(numbers.after(Seq(3)).count(), 0);
    }

    #[test]
    fn who_knows_too_little_or_too_much_is_not_covered() {
        let epoch: Epoch = "e".parse().unwrap();
        let mut numbers = Numbers::new(epoch.clone());
        assert!(numbers.covers(&epoch, Seq(0)));
        let count = u32::try_from(REMEMBERED).unwrap() + 5;
        (0..count).for_each(|number| numbers.vm_changed(vm(number)));
        assert!(!numbers.covers(&epoch, Seq(4)));
        assert!(numbers.covers(&epoch, Seq(5)));
        assert!(!numbers.covers(&epoch, numbers.newest().next()));
        assert!(!numbers.covers(&"other".parse().unwrap(), Seq(9)));
    }
}
