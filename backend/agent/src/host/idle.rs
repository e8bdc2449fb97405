//! Since when nothing has happened with an entity.

use std::collections::HashMap;

use archipel_protocol::VmId;
use tokio::time::Instant;

/// When something happened last, to the hypervisor (`None`) and to its machines.
#[derive(Debug)]
pub(super) struct Idle {
    begun: Instant,
    last: HashMap<Option<VmId>, Instant>,
}

impl Default for Idle {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            last: HashMap::new(),
        }
    }
}

impl Idle {
    /// Something happens now.
    pub(super) fn happened(&mut self, vm: Option<VmId>) {
        self.last.insert(vm, Instant::now());
    }

    /// A machine is gone.
    pub(super) fn forget(&mut self, vm: VmId) {
        self.last.remove(&Some(vm));
    }

    /// For how long nothing has happened, as far as this agent has lived to see.
    pub(super) fn seconds(&self, vm: Option<VmId>) -> u64 {
        let last = self.last.get(&vm).unwrap_or(&self.begun);
        last.elapsed().as_secs()
    }
}
