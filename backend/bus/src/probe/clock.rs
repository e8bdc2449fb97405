//! How far the server's clock is from this machine's (XEP-0202).

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};
use archipel_protocol::{IqKind, time};
use jiff::{SignedDuration, Timestamp};

use super::{Check, Inside};

pub(super) static CHECK: Check<Inside> = Check {
    id: "clock",
    about: "How far the clocks of the server and of the hypervisors are from this machine's",
    deadline: Duration::from_secs(20),
    alone: false,
    faults: &[&OFF],
    run: |inside| Box::pin(run(inside)),
};

/// How far a clock may be off.
pub const TOLERANCE: SignedDuration = SignedDuration::from_secs(10);

static OFF: Fault = Fault {
    id: "clock.server",
    severity: Severity::Warning,
    title: "The server's clock and this machine's differ",
    why: "One of them is wrong: what each logs does not fit together, and certificates are taken for expired or not valid yet.",
    todo: "Let both keep time by NTP; see: timedatectl",
    prosody: "",
    ejabberd: "",
};

async fn run(inside: &Inside) -> Vec<Finding> {
    let on = inside.line.domain();
    let asked = Timestamp::now();
    let answer = inside
        .ask(IqKind::Get, inside.server(), time::query())
        .await;
    let payload = answer.ok().and_then(|iq| iq.payload().cloned());
    let Some(told) = payload.and_then(|payload| time::parse(&payload).ok()) else {
        return vec![Finding::ok(
            CHECK.id,
            on,
            "the server does not tell its time",
        )];
    };
    let skew = skew(asked, told, Timestamp::now());
    vec![if skew.abs() > TOLERANCE {
        Finding::of(&OFF, on, skew_text(skew))
    } else {
        Finding::ok(CHECK.id, on, skew_text(skew))
    }]
}

/// How far a clock is ahead that told `told` between `asked` and `answered`.
pub fn skew(asked: Timestamp, told: Timestamp, answered: Timestamp) -> SignedDuration {
    let half = answered.duration_since(asked) / 2;
    told.duration_since(asked) - half
}

/// The skew for people; less than a second is none, because the answer itself took time.
pub fn skew_text(skew: SignedDuration) -> String {
    let seconds = skew.abs().as_secs();
    let amount = match seconds {
        0 => return "no difference worth mentioning".to_owned(),
        1..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    };
    let side = if skew.is_positive() {
        "ahead"
    } else {
        "behind"
    };
    format!("it is {amount} {side}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_way_there_and_back_does_not_count() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let asked = at("2026-11-20T10:00:00Z");
        let answered = at("2026-11-20T10:00:04Z");
        assert_eq!(
            skew(asked, at("2026-11-20T10:00:02Z"), answered).as_secs(),
            0
        );
        let behind = skew(asked, at("2026-11-20T09:00:02Z"), answered);
        assert_eq!(skew_text(behind), "it is 60 min behind");
    }
}
