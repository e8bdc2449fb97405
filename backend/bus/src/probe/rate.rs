//! How fast the server takes what this account sends, measured by sending a known amount to oneself.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};
use archipel_protocol::{Message, Stanza};
use jid::FullJid;
use tokio::time::Instant;

use super::{Check, Inside, line::Entered};
use crate::{End, Event, Session, negotiate::leaf};

pub(super) static CHECK: Check<Inside> = Check {
    id: "rate",
    about: "How fast the server takes what this account sends: 256 KiB to oneself, six seconds at most",
    deadline: Duration::from_secs(30),
    alone: true,
    faults: &[&THROTTLED, &ENDED],
    run: |inside| Box::pin(run(inside)),
};

static THROTTLED: Fault = Fault {
    id: "rate.throttled",
    severity: Severity::Warning,
    title: "The server slows this account down",
    why: "Updates of many machines arrive seconds late, a host needs long to be in sync, and an action on hundreds of machines waits for the server.",
    todo: "",
    prosody: "limits = { c2s = { rate = \"1mb/s\"; burst = \"2s\" } }",
    ejabberd: "shaper:\n  fleet: { rate: 1000000, burst_size: 2000000 }\nshaper_rules:\n  c2s_shaper: fleet",
};

static ENDED: Fault = Fault {
    id: "rate.ended",
    severity: Severity::Warning,
    title: "The server ends a session that sends much at once",
    why: "An agent with many machines, or an operator who acts on many, loses the session at the worst moment.",
    todo: "Look into the server's log for the rule that ended it.",
    prosody: "",
    ejabberd: "modules:\n  mod_stream_mgmt: { max_ack_queue: 20000 }   # where the log says: too many unacked stanzas",
};

/// Namespace of what is sent.
pub(super) const PROBE: &str = "urn:archipel:probe:1";
/// Bytes of text in a piece.
const PIECE: usize = 1024;
/// How many pieces.
const PIECES: usize = 256;
/// How long is measured.
const WINDOW: Duration = Duration::from_secs(6);
/// Bytes a second below which a fleet suffers.
const ENOUGH: u64 = 50_000;

async fn run(inside: &Inside) -> Vec<Finding> {
    let on = inside.line.domain();
    let Some(mut entered) = inside.line.again("rate").await else {
        return vec![Finding::ok(CHECK.id, on, "no second session was to be had")];
    };
    let measured = measure(&mut entered).await;
    entered.session.stop();
    vec![match judge(&measured.arrivals, PIECE * PIECES) {
        _ if measured.ended.is_some() => {
            let seen = format!(
                "of {} KiB it gave back {}, then: {}",
                PIECES * PIECE / 1024,
                measured.arrivals.len() * PIECE / 1024,
                measured.ended.unwrap_or_default()
            );
            Finding::of(&ENDED, on, seen)
        }
        Pace::Free(rate) => {
            Finding::ok(CHECK.id, on, format!("at least {} a second", amount(rate)))
        }
        Pace::Slow(rate) => {
            let seen = format!(
                "it takes {} a second from {}",
                amount(rate),
                inside.line.account
            );
            Finding::of(&THROTTLED, on, seen)
        }
        Pace::Nothing => {
            let seen = format!("nothing came back within {} s", WINDOW.as_secs());
            Finding::of(&THROTTLED, on, seen)
        }
    }]
}

/// When how many bytes had come back, from the start.
type Arrival = (Duration, usize);

/// What came of all that was sent.
#[derive(Debug, Default)]
struct Measured {
    arrivals: Vec<Arrival>,
    /// Why the session ended before all was back, if it did.
    ended: Option<String>,
}

async fn measure(entered: &mut Entered) -> Measured {
    let begun = Instant::now();
    let sender = tokio::spawn(send(entered.session.clone(), entered.jid.clone()));
    let mut measured = Measured::default();
    let collect = async {
        while let Some(event) = entered.events.next().await {
            let arrivals = &mut measured.arrivals;
            if arrived(&event).is_some() {
                arrivals.push((begun.elapsed(), PIECE * (arrivals.len() + 1)));
            }
            measured.ended = over(&event);
            if arrivals.len() == PIECES || measured.ended.is_some() {
                return;
            }
        }
    };
    // What has not come until then tells as much as what has.
    let _ = tokio::time::timeout(WINDOW, collect).await;
    sender.abort();
    measured
}

async fn send(session: Session, to: FullJid) {
    for _ in 0..PIECES {
        if session.send(piece(&to, PIECE)).await.is_err() {
            return;
        }
    }
}

/// A message to oneself that carries so many bytes.
pub(super) fn piece(to: &FullJid, bytes: usize) -> Message {
    let payload = leaf("probe", PROBE, &"x".repeat(bytes));
    Message::headline(to.clone().into(), payload)
}

/// The message, if it is one that came back.
pub(super) fn arrived(event: &Event) -> Option<&Message> {
    match event {
        Event::Stanza(Stanza::Message(message)) if message.payload("probe", PROBE).is_some() => {
            Some(message)
        }
        _ => None,
    }
}

/// Why the session is over, if the event says that it is. None of these is ever resumed.
pub(super) fn over(event: &Event) -> Option<String> {
    match event {
        Event::Ended(End::Policy { text, .. }) => Some(text.clone()),
        Event::Ended(end) => Some(end.to_string()),
        Event::Suspended { reason, .. } => Some(reason.clone()),
        _ => None,
    }
}

/// Bytes a second.
#[derive(Debug, PartialEq, Eq)]
enum Pace {
    Free(u64),
    Slow(u64),
    /// Nothing came back.
    Nothing,
}

/// A shaper lets a burst pass before it bites: what counts is the second half of the window, unless all is back before.
fn judge(arrivals: &[Arrival], all: usize) -> Pace {
    let Some(&(last, sum)) = arrivals.last() else {
        return Pace::Nothing;
    };
    let per_second = |bytes: usize, time: Duration| {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        bytes.saturating_mul(1_000) / u64::try_from(time.as_millis().max(1)).unwrap_or(u64::MAX)
    };
    let rate = if sum >= all {
        per_second(sum, last)
    } else {
        let middle = WINDOW / 2;
        let before = arrivals.iter().rev().find(|(at, _)| *at <= middle);
        per_second(
            sum - before.map_or(0, |(_, sum)| *sum),
            WINDOW.saturating_sub(middle),
        )
    };
    if rate < ENOUGH {
        Pace::Slow(rate)
    } else {
        Pace::Free(rate)
    }
}

fn amount(bytes: u64) -> String {
    match bytes {
        1_000_000.. => format!("{} MB", bytes / 1_000_000),
        1_000.. => format!("{} kB", bytes / 1_000),
        _ => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `rate` in bytes a second, after a burst.
    fn steady(rate: u64, burst: usize) -> Vec<Arrival> {
        let at = |sum: usize| {
            let after = u64::try_from(sum.saturating_sub(burst)).unwrap_or(u64::MAX);
            Duration::from_millis(after * 1_000 / rate)
        };
        let pieces = (1..=PIECES).map(|count| (at(count * PIECE), count * PIECE));
        pieces.take_while(|(at, _)| *at <= WINDOW).collect()
    }

    #[test]
    fn a_burst_does_not_hide_a_shaper() {
        let Pace::Slow(rate) = judge(&steady(3_000, 20_000), PIECE * PIECES) else {
            unreachable!("3 kB/s are slow")
        };
        assert!((2_500..3_500).contains(&rate), "{rate}");
    }

    #[test]
    fn a_fast_server_is_free() {
        let pace = judge(&steady(1_000_000, 0), PIECE * PIECES);
        assert!(matches!(pace, Pace::Free(_)), "{pace:?}");
        assert_eq!(judge(&[], PIECE * PIECES), Pace::Nothing);
    }
}
