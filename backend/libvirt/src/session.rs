//! One connection, from opened to closed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use archipel_hypervisor::{DriverEvent, ErrorKind, Lifecycle, Subscribers};
use virt::{connect::Connect, error::Error, sys};

use crate::{
    failure::{code, kind},
    ffi::{closing, lifecycle, records::Records},
    uri::Uri,
};

/// Seconds between two questions of the keep-alive, and how many may stay unanswered.
const KEEP_ALIVE: (i32, u32) = (5, 3);

/// An open connection that tells its events and its end.
pub(crate) struct Session {
    connect: Connect,
    events: Option<lifecycle::Registration>,
    watched: bool,
    /// Whether bulk statistics may skip machines that somebody else holds (`..._STATS_NOWAIT`).
    skips_busy: AtomicBool,
}

impl Session {
    /// Opens a connection and registers everything; `closed` hears a `virConnectCloseReason`. A driver without events is taken as it is.
    pub(crate) fn open(
        uri: &Uri,
        subscribers: &Arc<Subscribers>,
        closed: closing::Tell,
    ) -> Result<Self, Error> {
        let mut session = Self::plain(uri)?;
        let events = lifecycle::register(&session.connect, tell(subscribers.clone()));
        session.events = unless_unsupported(events)?;
        let watched = closing::register(&session.connect, closed);
        session.watched = unless_unsupported(watched)?.is_some();
        // A line that broke before it was watched would never be reported.
        match session.connect.is_alive() {
            Ok(false) => Err(Error::last_error()),
            _ => Ok(session),
        }
    }

    /// Opens a connection that tells nothing.
    pub(crate) fn plain(uri: &Uri) -> Result<Self, Error> {
        let connect = Connect::open(Some(uri.as_str()))?;
        // A driver inside the process has no line to keep alive, and says so.
        let _ = connect.set_keep_alive(KEEP_ALIVE.0, KEEP_ALIVE.1);
        Ok(Self {
            connect,
            events: None,
            watched: false,
            skips_busy: AtomicBool::new(true),
        })
    }

    pub(crate) fn connect(&self) -> &Connect {
        &self.connect
    }

    /// Whether the line still stands, as far as this side knows.
    pub(crate) fn is_alive(&self) -> bool {
        self.connect.is_alive().unwrap_or(false)
    }

    /// Bulk figures, without waiting for machines that somebody else holds where the driver can.
    pub(crate) fn records(&self, groups: u32, flags: u32) -> Result<Records, Error> {
        if self.skips_busy.load(Ordering::Relaxed) {
            match Records::read(
                &self.connect,
                groups,
                flags | sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT,
            ) {
                Err(error)
                    if matches!(
                        code(&error),
                        sys::VIR_ERR_INVALID_ARG | sys::VIR_ERR_ARGUMENT_UNSUPPORTED
                    ) =>
                {
                    self.skips_busy.store(false, Ordering::Relaxed);
                }
                answer => return answer,
            }
        }
        Records::read(&self.connect, groups, flags)
    }
}

impl Drop for Session {
    /// Registrations hold the connection, so they go before it. On a dead line libvirt cannot tell its daemon and says so: no matter.
    fn drop(&mut self) {
        if let Some(events) = self.events.take() {
            let _ = lifecycle::deregister(&self.connect, &events);
        }
        if self.watched {
            let _ = closing::deregister(&self.connect);
        }
    }
}

/// `None`, and a word in the log, where the driver has no such thing.
fn unless_unsupported<T>(registered: Result<T, Error>) -> Result<Option<T>, Error> {
    match registered {
        Err(error) if kind(&error) == ErrorKind::Unsupported => {
            tracing::warn!(
                error = error.message(),
                "this libvirt driver tells less than others"
            );
            Ok(None)
        }
        answer => answer.map(Some),
    }
}

fn tell(subscribers: Arc<Subscribers>) -> lifecycle::Tell {
    Box::new(move |id, event| {
        if let Some(what) = meaning(event) {
            subscribers.publish(&DriverEvent::Machine { id, what });
        }
    })
}

/// `virDomainEventType` by meaning; `None` for one of a later libvirt.
fn meaning(event: u32) -> Option<Lifecycle> {
    Some(match event {
        sys::VIR_DOMAIN_EVENT_DEFINED => Lifecycle::Defined,
        sys::VIR_DOMAIN_EVENT_UNDEFINED => Lifecycle::Undefined,
        sys::VIR_DOMAIN_EVENT_STARTED => Lifecycle::Started,
        sys::VIR_DOMAIN_EVENT_SUSPENDED => Lifecycle::Suspended,
        sys::VIR_DOMAIN_EVENT_RESUMED => Lifecycle::Resumed,
        sys::VIR_DOMAIN_EVENT_STOPPED => Lifecycle::Stopped,
        sys::VIR_DOMAIN_EVENT_SHUTDOWN => Lifecycle::ShutDown,
        sys::VIR_DOMAIN_EVENT_PMSUSPENDED => Lifecycle::PmSuspended,
        sys::VIR_DOMAIN_EVENT_CRASHED => Lifecycle::Crashed,
        _ => return None,
    })
}
