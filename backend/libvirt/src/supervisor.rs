//! The thread that keeps a driver connected.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use archipel_hypervisor::DriverEvent;

use crate::{
    link::{Link, Wake},
    messages::Unreachable,
    session::Session,
};

/// The first pause between two attempts, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// Opens, waits for the end, opens again, until the driver is gone.
pub(crate) fn run(link: &Arc<Link>) {
    let mut pause = PAUSES.0;
    for number in 1.. {
        let began = Instant::now();
        let ended = match open(link, number) {
            Ok(session) => serve(link, session, number),
            Err(why) => {
                tracing::debug!(error = %why, "no connection yet");
                link.lower(why);
                link.signal.tried();
                false
            }
        };
        // A line that holds for a moment only is no reason to hurry.
        if began.elapsed() > 2 * PAUSES.1 {
            pause = PAUSES.0;
        }
        if ended || link.signal.pause(pause) {
            return;
        }
        pause = (pause * 2).min(PAUSES.1);
    }
}

fn open(link: &Arc<Link>, number: u64) -> Result<Session, Unreachable> {
    let signal = link.signal.clone();
    let closed = Box::new(move |reason| signal.close(number, reason));
    let opened = catch_unwind(AssertUnwindSafe(|| {
        Session::open(&link.uri, &link.subscribers, closed)
    }));
    match opened {
        Ok(answer) => answer.map_err(|error| Unreachable::new(&link.uri, &error)),
        Err(_) => Err(Unreachable::closed(&link.uri, 0)),
    }
}

/// From the start of a session to its end; true when the driver is gone.
fn serve(link: &Arc<Link>, session: Session, number: u64) -> bool {
    link.raise(session, number);
    link.subscribers.publish(&DriverEvent::Restored);
    link.signal.tried();
    tracing::info!(uri = link.uri.shown(), "connected to libvirt");
    let Wake::Closed(reason) = link.signal.wait_closed(number) else {
        return true;
    };
    let why = Unreachable::closed(&link.uri, reason);
    let reason = why.to_string();
    tracing::warn!(uri = link.uri.shown(), error = reason, "lost libvirt");
    link.lower(why);
    link.subscribers.publish(&DriverEvent::Lost { reason });
    false
}
