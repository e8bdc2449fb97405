//! Keeps a thousand sessions from logging in at the same moment.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A limit on simultaneous logins and a spread of reconnections, shared by all sessions of a process.
///
/// A login costs the server milliseconds of CPU and the client some 30 KiB while it lasts, so a fleet that comes back after a server
/// restart must queue.
#[derive(Debug, Clone)]
pub struct LoginGate {
    permits: Arc<Semaphore>,
    spread: Duration,
}

impl LoginGate {
    /// At most `simultaneous` logins at a time (at least one); reconnections start at a random moment within `spread`.
    pub fn new(simultaneous: usize, spread: Duration) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(simultaneous.max(1))),
            spread,
        }
    }

    /// Waits for a turn. The turn ends when the permit is dropped.
    pub(crate) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        self.permits.clone().acquire_owned().await.ok()
    }

    /// The span in which the first reconnection after a loss starts.
    pub(crate) fn spread(&self) -> Duration {
        self.spread
    }
}

impl Default for LoginGate {
    /// Sixteen at a time, within 300 ms.
    fn default() -> Self {
        Self::new(16, Duration::from_millis(300))
    }
}
