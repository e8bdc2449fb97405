//! How large a stanza may be, found by growing one to oneself.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};
use archipel_protocol::{MessageKind, Stanza};

use super::{
    Check, Inside,
    line::Entered,
    rate::{arrived, over, piece},
};
use crate::Event;

pub(super) static CHECK: Check<Inside> = Check {
    id: "stanza",
    about: "How large a stanza may be: 17, 64 and 240 KiB to oneself, each in a session of its own",
    deadline: Duration::from_secs(45),
    alone: true,
    faults: &[&TOO_SMALL, &SMALL],
    run: |inside| Box::pin(run(inside)),
};

const PROSODY: &str = "c2s_stanza_size_limit = 262144";
const EJABBERD: &str =
    "listen:\n  - port: 5222\n    module: ejabberd_c2s\n    max_stanza_size: 262144";

static TOO_SMALL: Fault = Fault {
    id: "stanza.too-small",
    severity: Severity::Problem,
    title: "The server refuses stanzas that every agent sends",
    why: "The state of a host travels in stanzas of up to 16 KiB. The server ends the session of whoever sends a longer one than it allows: the agent falls off the bus again and again.",
    todo: "",
    prosody: PROSODY,
    ejabberd: EJABBERD,
};

static SMALL: Fault = Fault {
    id: "stanza.small",
    severity: Severity::Hint,
    title: "The server takes stanzas that are smaller than usual",
    why: "Nothing of ours is longer than 16 KiB; original agents and clients send definitions and pictures in one piece, and lose their session.",
    todo: "",
    prosody: PROSODY,
    ejabberd: EJABBERD,
};

/// KiB that are tried, growing. The first is what our own wire needs, with its envelope; the last is what both servers take as installed.
const SIZES: [usize; 3] = [17, 64, 240];
/// How long one may take to come back.
const PATIENCE: Duration = Duration::from_secs(12);

/// What became of a stanza.
enum Fate {
    Back,
    Refused(String),
    /// Still on its way: a slow line, or a rate limit.
    Late,
}

async fn run(inside: &Inside) -> Vec<Finding> {
    let on = inside.line.domain();
    let mut passed = 0;
    for size in SIZES {
        let Some(mut entered) = inside.line.again("stanza").await else {
            break;
        };
        let fate = fate(&mut entered, size * 1024).await;
        entered.session.stop();
        match fate {
            Fate::Back => passed = size,
            Fate::Refused(why) => return vec![refused(on, passed, size, &why)],
            Fate::Late => break,
        }
    }
    let more = if passed < SIZES[2] {
        "; more takes too long on this line"
    } else {
        ""
    };
    vec![Finding::ok(
        CHECK.id,
        on,
        format!("{passed} KiB pass{more}"),
    )]
}

fn refused(on: &str, passed: usize, size: usize, why: &str) -> Finding {
    let fault = if passed == 0 { &TOO_SMALL } else { &SMALL };
    let seen = match passed {
        0 => format!("{size} KiB are refused: {why}"),
        _ => format!("{passed} KiB pass, {size} KiB are refused: {why}"),
    };
    Finding::of(fault, on, seen)
}

async fn fate(entered: &mut Entered, bytes: usize) -> Fate {
    // A session that is over at once says so in its events.
    let _ = entered.session.send(piece(&entered.jid, bytes)).await;
    let wait = async {
        while let Some(event) = entered.events.next().await {
            if let Some(why) = over(&event) {
                return Fate::Refused(why);
            }
            match event {
                Event::Stanza(Stanza::Message(message)) if message.kind == MessageKind::Error => {
                    return Fate::Refused("it came back".to_owned());
                }
                event if arrived(&event).is_some() => return Fate::Back,
                _ => {}
            }
        }
        Fate::Refused("the session ended".to_owned())
    };
    let fate = tokio::time::timeout(PATIENCE, wait).await;
    fate.unwrap_or(Fate::Late)
}
