//! Totals, kept up to date with every change instead of being counted anew.

use archipel_protocol::VmState;

/// How many there are of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Trusted hypervisors.
    pub hypervisors: u32,
    /// Those whose agent is there.
    pub hypervisors_online: u32,
    /// Machines on all of them.
    pub machines: u32,
    /// Machines whose last known state is not current.
    pub stale: u32,
    /// Machines by last known state, in the order of [`VmState::ALL`].
    pub by_state: [u32; 8],
    /// Uuids that more than one hypervisor claims.
    pub duplicates: u32,
}

impl Counts {
    /// Machines whose last known state is `state`.
    pub fn of(&self, state: VmState) -> u32 {
        self.by_state[state as usize]
    }

    pub(crate) fn add_machines(&mut self, tally: &Tally) {
        self.machines += tally.machines;
        self.stale += tally.stale;
        for (sum, more) in self.by_state.iter_mut().zip(tally.by_state) {
            *sum += more;
        }
    }

    pub(crate) fn remove_machines(&mut self, tally: &Tally) {
        self.machines -= tally.machines;
        self.stale -= tally.stale;
        for (sum, less) in self.by_state.iter_mut().zip(tally.by_state) {
            *sum -= less;
        }
    }
}

/// The machines of one hypervisor, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    pub(crate) machines: u32,
    pub(crate) stale: u32,
    pub(crate) by_state: [u32; 8],
}

impl Tally {
    pub(crate) fn add(&mut self, state: VmState, live: bool) {
        self.machines += 1;
        self.stale += u32::from(!live);
        self.by_state[state as usize] += 1;
    }

    pub(crate) fn remove(&mut self, state: VmState, live: bool) {
        self.machines -= 1;
        self.stale -= u32::from(!live);
        self.by_state[state as usize] -= 1;
    }
}
