//! What was found out about records that many others lead to.

use std::{cell::RefCell, collections::HashMap};

/// The answers of one evaluation, by the part of the selector and the record.
///
/// Without it `hypervisor.vms.state = off` would ask all machines of a hypervisor once for each of them.
#[derive(Default)]
pub(in super::super) struct Memo(RefCell<HashMap<[usize; 2], bool>>);

impl Memo {
    /// The answer known by `key`, else the one that `find` finds.
    pub(super) fn recall(&self, key: [usize; 2], find: impl FnOnce() -> bool) -> bool {
        let known = self.0.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let found = find();
            self.0.borrow_mut().insert(key, found);
            found
        })
    }
}
