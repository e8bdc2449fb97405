//! The way to libvirt: a session while there is one, a reason while there is none.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use archipel_hypervisor::{DriverError, ErrorKind, Subscribers};

use crate::{failure::Failure, messages::Unreachable, session::Session, uri::Uri};

/// Shared by the driver's callers and its supervisor.
pub(crate) struct Link {
    pub(crate) uri: Uri,
    pub(crate) subscribers: Arc<Subscribers>,
    pub(crate) signal: Arc<Signal>,
    now: Mutex<Now>,
}

enum Now {
    Up { session: Arc<Session>, number: u64 },
    Lost(Unreachable),
}

impl Link {
    /// Nothing tried yet.
    pub(crate) fn new(uri: Uri) -> Self {
        Self {
            now: Mutex::new(Now::Lost(Unreachable::not_yet(&uri))),
            subscribers: Arc::default(),
            signal: Arc::default(),
            uri,
        }
    }

    /// One call. It runs outside any lock: a slow one holds up nobody, and while there is no session it fails at once.
    pub(crate) fn call<T>(
        &self,
        act: impl FnOnce(&Session) -> Result<T, Failure>,
    ) -> Result<T, DriverError> {
        let (session, number) = self.session()?;
        // The binding's handles, the session's among them, panic when libvirt refuses to release one.
        let outcome = catch_unwind(AssertUnwindSafe(move || {
            act(&session).map_err(|failure| self.judge(failure.into(), &session, number))
        }));
        outcome.unwrap_or_else(|_| Err(DriverError::new(ErrorKind::Failed, GAVE_UP)))
    }

    fn session(&self) -> Result<(Arc<Session>, u64), DriverError> {
        match &*self.now() {
            Now::Up { session, number } => Ok((session.clone(), *number)),
            Now::Lost(why) => Err(DriverError::new(ErrorKind::Lost, why.to_string())),
        }
    }

    /// A failed call may be the first to notice that the line is dead.
    fn judge(&self, mut error: DriverError, session: &Session, number: u64) -> DriverError {
        if !session.is_alive() {
            error.kind = ErrorKind::Lost;
            self.signal.close(number, BROKEN);
        }
        error
    }

    /// Calls use this session from now on.
    pub(crate) fn raise(&self, session: Session, number: u64) {
        let session = Arc::new(session);
        self.replace(Now::Up { session, number });
    }

    /// Calls fail from now on, for this reason.
    pub(crate) fn lower(&self, why: Unreachable) {
        self.replace(Now::Lost(why));
    }

    /// What was there is dropped outside the lock: closing a session takes its time, and its handle may panic.
    fn replace(&self, next: Now) {
        let before = std::mem::replace(&mut *self.now(), next);
        let _ = catch_unwind(AssertUnwindSafe(|| drop(before)));
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is left to say when the binding panicked.
const GAVE_UP: &str = "the libvirt binding gave up; the log has its words";

/// The reason that a failed call gives (`VIR_CONNECT_CLOSE_REASON_ERROR`).
const BROKEN: u32 = 0;

/// What wakes the supervisor, and whoever waits for it. Owns no session: callbacks of a session may hold it.
#[derive(Default)]
pub(crate) struct Signal {
    flags: Mutex<Flags>,
    changed: Condvar,
}

#[derive(Default)]
struct Flags {
    /// The last session that was found dead, and why.
    closed: Option<(u64, u32)>,
    tried: bool,
    ended: bool,
}

/// Why a wait is over.
pub(crate) enum Wake {
    /// The session is dead, for this `virConnectCloseReason`.
    Closed(u32),
    /// The driver is gone.
    Ended,
}

impl Signal {
    /// A session is dead; who says so first gives the reason.
    pub(crate) fn close(&self, number: u64, reason: u32) {
        self.set(|flags| {
            if flags.closed.is_none_or(|(dead, _)| dead < number) {
                flags.closed = Some((number, reason));
            }
        });
    }

    /// The first attempt is over.
    pub(crate) fn tried(&self) {
        self.set(|flags| flags.tried = true);
    }

    /// The driver is gone.
    pub(crate) fn end(&self) {
        self.set(|flags| flags.ended = true);
    }

    fn set(&self, change: impl FnOnce(&mut Flags)) {
        change(&mut self.flags.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Until this session is dead.
    pub(crate) fn wait_closed(&self, number: u64) -> Wake {
        let mut flags = self.flags.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if flags.ended {
                return Wake::Ended;
            }
            if let Some((_, reason)) = flags.closed.filter(|(dead, _)| *dead >= number) {
                return Wake::Closed(reason);
            }
            flags = self
                .changed
                .wait(flags)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// For so long, or until the driver is gone: then true.
    pub(crate) fn pause(&self, time: Duration) -> bool {
        self.wait(time, |flags| flags.ended)
    }

    /// For so long at most, until the first attempt is over.
    pub(crate) fn wait_tried(&self, time: Duration) {
        self.wait(time, |flags| flags.tried);
    }

    fn wait(&self, time: Duration, done: impl Fn(&Flags) -> bool) -> bool {
        let flags = self.flags.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .changed
            .wait_timeout_while(flags, time, |flags| !done(flags));
        done(&waited.unwrap_or_else(PoisonError::into_inner).0)
    }
}
