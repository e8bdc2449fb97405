//! Trouble on order.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::Call;
use crate::DriverError;

/// What goes wrong, with which calls, how often.
///
/// ```
/// use archipel_hypervisor::{DriverError, ErrorKind, simulated::{Call, Fault}};
///
/// let refused = DriverError::new(ErrorKind::Denied, "access denied");
/// let fault = Fault::fail(refused).on(|call| matches!(call, Call::Power(..))).times(1);
/// ```
pub struct Fault {
    when: Box<dyn Fn(&Call) -> bool + Send>,
    trouble: Trouble,
    left: Option<u32>,
}

#[derive(Debug, Clone)]
pub(super) enum Trouble {
    Fail(DriverError),
    Delay(Duration),
    Hang(Gate),
    Hold(Gate),
}

impl Fault {
    /// The call fails and changes nothing.
    pub fn fail(error: DriverError) -> Self {
        Self::new(Trouble::Fail(error))
    }

    /// The call takes its time, then does what it should.
    pub fn delay(time: Duration) -> Self {
        Self::new(Trouble::Delay(time))
    }

    /// The call hangs until the gate opens, then does what it should.
    pub fn hang(gate: &Gate) -> Self {
        Self::new(Trouble::Hang(gate.clone()))
    }

    /// The call does what it should, and its answer hangs until the gate opens.
    pub fn hold(gate: &Gate) -> Self {
        Self::new(Trouble::Hold(gate.clone()))
    }

    fn new(trouble: Trouble) -> Self {
        Self {
            when: Box::new(|_| true),
            trouble,
            left: None,
        }
    }

    /// Only with these calls; without it, with every call.
    #[must_use]
    pub fn on(self, when: impl Fn(&Call) -> bool + Send + 'static) -> Self {
        Self {
            when: Box::new(when),
            ..self
        }
    }

    /// Only so many times; without it, until the driver is healed.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            left: Some(times),
            ..self
        }
    }

    /// The trouble for this call, if it is the fault's turn.
    pub(super) fn strike(&mut self, call: &Call) -> Option<Trouble> {
        if self.left == Some(0) || !(self.when)(call) {
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        Some(self.trouble.clone())
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("trouble", &self.trouble)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// Holds calls until it is opened. Clones are the same gate.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<(Mutex<GateState>, Condvar)>);

#[derive(Debug, Default)]
struct GateState {
    open: bool,
    waiting: usize,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets everybody through, now and later.
    pub fn open(&self) {
        self.state().open = true;
        self.0.1.notify_all();
    }

    /// How many calls stand before it.
    pub fn waiting(&self) -> usize {
        self.state().waiting
    }

    pub(super) fn pass(&self) {
        let mut state = self.state();
        state.waiting += 1;
        while !state.open {
            state = self.0.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
    }

    fn state(&self) -> MutexGuard<'_, GateState> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
