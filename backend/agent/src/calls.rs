//! Calls of the driver: they block, so they run on tokio's blocking pool, a bounded number at a time, with a deadline for the answer.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use archipel_hypervisor::{Driver, DriverError, ErrorKind};
use archipel_protocol::{Failure, failure::FailureKind};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

/// How many calls may block at a time: reads in one lane, changes in another, so that a slow `destroy` does not hold up a list.
///
/// Agents of one process share their pools.
#[derive(Debug, Clone)]
pub struct Pools {
    fast: Arc<Semaphore>,
    slow: Arc<Lane>,
}

/// Where changes queue, in the order in which they came.
#[derive(Debug)]
struct Lane {
    places: Arc<Semaphore>,
    /// How many turns were given out so far.
    given: AtomicU64,
}

impl Pools {
    /// So many calls at a time in each lane, at least one.
    pub fn new(fast: usize, slow: usize) -> Self {
        Self {
            fast: Arc::new(Semaphore::new(fast.max(1))),
            slow: Arc::new(Lane {
                places: Arc::new(Semaphore::new(slow.max(1))),
                given: AtomicU64::new(0),
            }),
        }
    }
}

impl Default for Pools {
    /// Four reads and eight changes.
    fn default() -> Self {
        Self::new(4, 8)
    }
}

/// How long an answer may take.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// Reads: lists, one machine, figures.
    pub read: Duration,
    /// Changes.
    pub change: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(10),
            change: Duration::from_secs(25),
        }
    }
}

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    /// The driver said no.
    #[error(transparent)]
    Refused(#[from] DriverError),
    /// The call was not begun: others hold all places of its lane.
    #[error("libvirt is busy with other calls; nothing was done")]
    NotBegun,
    /// The call was begun and has not come back.
    #[error("libvirt has not answered within {0} s")]
    Silent(u64),
    /// The driver panicked.
    #[error("the driver failed inside the agent; its log says more")]
    Broken,
}

impl CallError {
    /// Whether the hypervisor is out of reach or deaf, as opposed to refusing one call.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Refused(error) => error.kind == ErrorKind::Lost,
            Self::NotBegun | Self::Silent(_) => true,
            Self::Broken => false,
        }
    }

    /// The failure of what was tried, for example "start `web01`".
    pub(crate) fn into_failure(self, what: &str) -> Failure {
        let kind = match &self {
            Self::Refused(error) => failure_kind(error),
            Self::NotBegun | Self::Silent(_) => FailureKind::Busy,
            Self::Broken => FailureKind::Libvirt { code: 1 },
        };
        let text = match &self {
            Self::Silent(_) => {
                format!(
                    "{what}: {self}. It goes on; look at the machine's state before trying again"
                )
            }
            Self::Refused(DriverError {
                kind: ErrorKind::Denied,
                ..
            }) => format!("could not {what}: {self}. libvirt refuses the agent's user"),
            _ => format!("could not {what}: {self}"),
        };
        Failure::new(kind, text)
    }
}

/// libvirt's `VIR_ERR_INTERNAL_ERROR`, for failures to which it gave no number.
const INTERNAL_ERROR: i32 = 1;

fn failure_kind(error: &DriverError) -> FailureKind {
    match error.kind {
        ErrorKind::NotFound => FailureKind::NotFound,
        ErrorKind::WrongState => FailureKind::WrongState,
        ErrorKind::Busy => FailureKind::Busy,
        ErrorKind::Unsupported => FailureKind::Unsupported,
        ErrorKind::Denied | ErrorKind::Lost | ErrorKind::Failed => FailureKind::Libvirt {
            code: error.code.unwrap_or(INTERNAL_ERROR),
        },
    }
}

/// The driver behind its lanes.
#[derive(Debug, Clone)]
pub(crate) struct Calls {
    driver: Arc<dyn Driver>,
    pools: Pools,
    deadlines: Deadlines,
}

impl Calls {
    pub(crate) fn new(driver: Arc<dyn Driver>, pools: Pools, deadlines: Deadlines) -> Self {
        Self {
            driver,
            pools,
            deadlines,
        }
    }

    /// The driver itself, for what does not block.
    pub(crate) fn driver(&self) -> &Arc<dyn Driver> {
        &self.driver
    }

    /// Reads something.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Driver) -> Result<T, DriverError> + Send + 'static,
    ) -> Result<T, CallError> {
        self.read_within(self.deadlines.read, work).await
    }

    /// Reads something within another deadline than the usual.
    pub(crate) async fn read_within<T: Send + 'static>(
        &self,
        deadline: Duration,
        work: impl FnOnce(&dyn Driver) -> Result<T, DriverError> + Send + 'static,
    ) -> Result<T, CallError> {
        let end = Instant::now() + deadline;
        let turn = enter(&self.pools.fast, end).await?;
        let mut call = self.begin(turn, end, deadline, work);
        call.answer().await
    }

    /// Waits for a place among the changes, for as long as those before it get theirs.
    pub(crate) async fn change_turn(&self) -> Result<Turn, CallError> {
        let lane = &self.pools.slow;
        let (permit, waited) = match lane.free() {
            Some(permit) => (permit, false),
            None => (lane.enter(self.deadlines.change).await?, true),
        };
        let end = Instant::now() + self.deadlines.change;
        Ok(Turn {
            permit,
            end,
            waited,
        })
    }

    /// Begins a change.
    pub(crate) fn change<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce(&dyn Driver) -> Result<T, DriverError> + Send + 'static,
    ) -> Running<T> {
        self.begin(turn.permit, turn.end, self.deadlines.change, work)
    }

    fn begin<T: Send + 'static>(
        &self,
        permit: OwnedSemaphorePermit,
        end: Instant,
        deadline: Duration,
        work: impl FnOnce(&dyn Driver) -> Result<T, DriverError> + Send + 'static,
    ) -> Running<T> {
        let driver = self.driver.clone();
        let call = tokio::task::spawn_blocking(move || {
            // Held for as long as the call blocks, not for as long as somebody waits for it.
            let _held = permit;
            work(driver.as_ref())
        });
        Running {
            call,
            end,
            seconds: deadline.as_secs(),
        }
    }
}

impl Lane {
    /// A place, where nobody waits for one.
    fn free(&self) -> Option<OwnedSemaphorePermit> {
        let permit = self.places.clone().try_acquire_owned().ok()?;
        self.given.fetch_add(1, Ordering::Relaxed);
        Some(permit)
    }

    /// Waits for a place. Nobody is refused for the length of the queue, only when nothing moves for as long as `patience`.
    async fn enter(&self, patience: Duration) -> Result<OwnedSemaphorePermit, CallError> {
        let mut place = pin!(self.places.clone().acquire_owned());
        loop {
            let given = self.given.load(Ordering::Relaxed);
            match timeout(patience, &mut place).await {
                Ok(permit) => {
                    self.given.fetch_add(1, Ordering::Relaxed);
                    return permit.map_err(|_| CallError::NotBegun);
                }
                Err(_) if self.given.load(Ordering::Relaxed) == given => {
                    return Err(CallError::NotBegun);
                }
                Err(_) => {}
            }
        }
    }
}

async fn enter(lane: &Arc<Semaphore>, end: Instant) -> Result<OwnedSemaphorePermit, CallError> {
    match timeout_at(end, lane.clone().acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) | Err(_) => Err(CallError::NotBegun),
    }
}

/// A place among the changes, and the end of the requester's patience.
#[derive(Debug)]
pub(crate) struct Turn {
    permit: OwnedSemaphorePermit,
    end: Instant,
    /// Whether others were before it: what was looked at when the change came may be different now.
    pub(crate) waited: bool,
}

/// A call on its way.
#[derive(Debug)]
pub(crate) struct Running<T> {
    call: JoinHandle<Result<T, DriverError>>,
    end: Instant,
    seconds: u64,
}

impl<T> Running<T> {
    /// Waits for the result until the deadline.
    pub(crate) async fn answer(&mut self) -> Result<T, CallError> {
        match timeout_at(self.end, &mut self.call).await {
            Ok(joined) => flatten(joined),
            Err(_) => Err(CallError::Silent(self.seconds)),
        }
    }

    /// Waits for the result however long it takes. Only after [`Running::answer`] said [`CallError::Silent`].
    pub(crate) async fn end(self) -> Result<T, CallError> {
        flatten(self.call.await)
    }
}

fn flatten<T>(
    joined: Result<Result<T, DriverError>, tokio::task::JoinError>,
) -> Result<T, CallError> {
    joined
        .map_err(|_| CallError::Broken)?
        .map_err(CallError::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use archipel_hypervisor::{
        SimulatedDriver,
        simulated::{Fault, Gate, machines},
    };

    use super::*;

    const SOON: Duration = Duration::from_millis(50);

    fn calls(driver: SimulatedDriver, change: Duration) -> Calls {
        let deadlines = Deadlines { read: SOON, change };
        Calls::new(Arc::new(driver), Pools::new(1, 1), deadlines)
    }

    #[tokio::test]
    async fn a_hung_call_answers_at_its_deadline_and_holds_its_place() {
        let driver = SimulatedDriver::new(machines(1));
        let gate = Gate::new();
        driver.inject(Fault::hang(&gate).times(1));
        let calls = calls(driver, Duration::from_mins(2));
        let hung = calls.read(Driver::domains).await;
        assert!(matches!(hung, Err(CallError::Silent(_))), "{hung:?}");
        let refused = calls.read(Driver::domains).await;
        assert!(matches!(refused, Err(CallError::NotBegun)), "{refused:?}");
        gate.open();
        let turn = calls.change_turn().await.unwrap();
        assert!(calls.change(turn, Driver::domains).answer().await.is_ok());
    }

    #[tokio::test]
    async fn changes_wait_for_those_before_them_however_many() {
        let lane = Pools::new(1, 1).slow;
        let patience = Duration::from_secs(4);
        let first = lane.enter(patience).await.unwrap();
        let queue = (0..3).map(async |_| {
            let place = lane.enter(patience).await?;
            tokio::time::sleep(patience.mul_f64(0.6)).await;
            drop(place);
            Ok::<_, CallError>(())
        });
        drop(first);
        let all = futures::future::join_all(queue).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
    }

    #[tokio::test]
    async fn a_queue_in_which_nothing_moves_is_left() {
        let lane = Pools::new(1, 1).slow;
        let _hung = lane.enter(Duration::from_mins(1)).await.unwrap();
        let refused = lane.enter(Duration::from_millis(50)).await;
        assert!(matches!(refused, Err(CallError::NotBegun)), "{refused:?}");
    }

    #[tokio::test]
    async fn a_late_result_can_still_be_had() {
        let driver = SimulatedDriver::new(machines(1));
        let gate = Gate::new();
        driver.inject(Fault::hang(&gate).times(1));
        let calls = calls(driver, SOON);
        let turn = calls.change_turn().await.unwrap();
        let mut running = calls.change(turn, Driver::domains);
        assert!(matches!(running.answer().await, Err(CallError::Silent(_))));
        gate.open();
        assert_eq!(running.end().await.unwrap().len(), 1);
    }

    #[test]
    fn failures_say_what_was_tried_and_why() {
        let refused =
            CallError::Refused(DriverError::new(ErrorKind::WrongState, "domain is running"));
        let failure = refused.into_failure("start `web01`");
        assert_eq!(failure.kind, FailureKind::WrongState);
        assert_eq!(failure.text, "could not start `web01`: domain is running");
        assert!(
            CallError::Silent(25)
                .into_failure("stop `web01`")
                .text
                .contains("goes on")
        );
    }
}
