//! How a simulated host begins.

use std::{fmt, sync::Arc, time::Duration};

use archipel_protocol::{VmId, VmState};

use super::{Call, host};
use crate::{Domain, Node};

/// Tells the time since the simulated host's start, which was a midnight. It must not fall.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Which calls are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Logged {
    /// All.
    #[default]
    All,
    /// Those that change something: a host that lives for days is read every few seconds.
    Changes,
}

impl Logged {
    pub(super) fn holds(self, call: &Call) -> bool {
        self == Self::All || call.changes()
    }
}

/// How a [`SimulatedDriver`](super::SimulatedDriver) begins.
pub struct Setup {
    /// Its machines.
    pub domains: Vec<Domain>,
    /// Decides all loads.
    pub seed: u64,
    /// Its time.
    pub clock: Clock,
    /// Its host.
    pub node: Node,
    /// How many events a subscriber may leave unread.
    pub queue: usize,
    /// Which calls are written down.
    pub logged: Logged,
}

impl Default for Setup {
    /// No machines, and a clock that stands still.
    fn default() -> Self {
        Self {
            domains: Vec::new(),
            seed: 0,
            clock: Arc::new(|| Duration::ZERO),
            node: host::node(),
            queue: 1024,
            logged: Logged::All,
        }
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("domains", &self.domains.len())
            .field("seed", &self.seed)
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}

/// So many machines, all off, named `vm-1` and so on, with one to four processors and GiB.
pub fn machines(count: u32) -> Vec<Domain> {
    (1..=count).map(machine).collect()
}

fn machine(number: u32) -> Domain {
    let size = 1 + number % 4;
    let memory_kib = u64::from(size) << 20;
    Domain {
        id: VmId::from_bytes(
            (0x7d0c_0d4e_0b6e_4f0e_9d5c_0000_0000_0000 + u128::from(number)).to_be_bytes(),
        ),
        name: format!("vm-{number}"),
        state: VmState::Off,
        run_id: None,
        vcpus: size,
        memory_kib,
        max_memory_kib: memory_kib,
        persistent: true,
        autostart: false,
        saved: false,
    }
}
