//! Who may make accounts (XEP-0077). An account that the probe makes is removed by it.

use std::time::Duration;

use archipel_config::{
    Secret,
    finding::{Fault, Finding, Severity},
};
use archipel_protocol::{Iq, IqKind, registration::Request};
use jid::BareJid;

use super::{Check, Line, Purpose, line::Entered};
use crate::{End, RequestError};

pub(super) static CHECK: Check<Line> = Check {
    id: "registration",
    about: "Who may make accounts: agents perhaps, strangers never",
    deadline: Duration::from_mins(1),
    alone: false,
    faults: &[&OPEN, &REFUSED, &LEFT],
    run: |line| Box::pin(run(line)),
};

static OPEN: Fault = Fault {
    id: "registration.open",
    severity: Severity::Problem,
    title: "Anybody can make an account on the bus",
    why: "A stranger's account reaches every agent and every machine: it may send them what it likes until something gives way, and take names that a hypervisor wants.",
    todo: "Close registration, or leave it to the addresses of the hypervisors. If this machine stands among those, look again from elsewhere.",
    prosody: "allow_registration = true\nallowlist_registration_only = true\nregistration_allowlist = { \"192.0.2.0/24\" }   -- the hypervisors",
    ejabberd: "acl:\n  hypervisors: { ip: [192.0.2.0/24] }\naccess_rules:\n  register_from: { allow: hypervisors }\nmodules:\n  mod_register: { ip_access: register_from }",
};

static REFUSED: Fault = Fault {
    id: "registration.refused",
    severity: Severity::Problem,
    title: "The server lets this agent make no accounts",
    why: "The settings want it: `register = true` for the hypervisor's own account, or `vm_sessions = \"all\"` for one per machine.",
    todo: "Allow it for the addresses of the hypervisors, or make the account on the server and set `password_file`; with `vm_sessions = \"none\"` machines are reached through the hypervisor.",
    prosody: "modules_enabled = { \"register_ibr\"; … }\nallow_registration = true\nallowlist_registration_only = true\nregistration_allowlist = { \"192.0.2.0/24\" }   -- the hypervisors",
    ejabberd: "modules:\n  mod_register: { ip_access: register_from }   # see registration.open",
};

static LEFT: Fault = Fault {
    id: "registration.left",
    severity: Severity::Warning,
    title: "The account that the check made could not be removed",
    why: "Nobody knows its password, so it harms nobody; it is in the way.",
    todo: "Remove it on the server.",
    prosody: "prosodyctl deluser ACCOUNT",
    ejabberd: "ejabberdctl unregister NAME DOMAIN",
};

/// How long the removal may take.
const REMOVAL: Duration = Duration::from_secs(10);

async fn run(line: &Line) -> Vec<Finding> {
    let on = line.domain();
    let mut seen = line.visits().await.seen();
    let offered = seen.any(|(_, seen)| seen.features.registration);
    let judged = match line.purpose {
        Purpose::Agent {
            would_register: false,
            ..
        } => return vec![Finding::ok(CHECK.id, on, "not needed")],
        _ if line.visits().await.seen().next().is_none() => return Vec::new(),
        _ if !offered => Answer::Closed("it is not offered".to_owned()),
        _ => attempt(line).await,
    };
    tell(line, judged)
}

/// What came of an attempt.
enum Answer {
    /// An account was made and removed again.
    Open,
    /// An account was made and is still there.
    Left(BareJid),
    /// Not now: the server limits how often.
    Throttled,
    /// Refused, with the server's words.
    Closed(String),
    /// Nobody can tell.
    Unclear(String),
}

fn tell(line: &Line, answer: Answer) -> Vec<Finding> {
    let on = line.domain();
    let well = |seen: &str| Finding::ok(CHECK.id, on, seen);
    let operator = line.purpose == Purpose::Operator;
    let needed = matches!(
        line.purpose,
        Purpose::Agent {
            registers: true,
            ..
        }
    );
    let open = |seen: &str| {
        if operator {
            Finding::of(&OPEN, on, seen)
        } else {
            well("this agent may make accounts")
        }
    };
    match answer {
        Answer::Open => vec![open("one was made from here and removed again")],
        Answer::Left(jid) => vec![
            open("one was made from here"),
            Finding::of(&LEFT, jid.as_str(), ""),
        ],
        Answer::Throttled => vec![open(
            "one would have been made, but not so soon after another",
        )],
        Answer::Closed(why) if needed => vec![Finding::of(&REFUSED, on, why)],
        Answer::Closed(why) => vec![well(&format!("closed for this host: {why}"))],
        Answer::Unclear(why) => vec![well(&format!("could not be tried: {why}"))],
    }
}

async fn attempt(line: &Line) -> Answer {
    let name = format!("archipel-check-{:08x}", rand::random::<u32>());
    let Ok(jid) = BareJid::new(&format!("{name}@{}", line.domain())) else {
        return Answer::Unclear("the domain makes no account".to_owned());
    };
    let secret = format!("{:032x}", rand::random::<u128>());
    match line.stranger(jid.clone(), Secret::new(secret)).await {
        Ok(entered) => {
            if remove(entered).await {
                Answer::Open
            } else {
                Answer::Left(jid)
            }
        }
        Err(End::NoRegistration { .. }) => Answer::Closed("it is not offered".to_owned()),
        Err(End::RegistrationRefused { reason, .. }) => Answer::Closed(reason),
        Err(End::Unreachable { reason, .. }) if reason.contains("registration is refused") => {
            Answer::Throttled
        }
        Err(end) => Answer::Unclear(end.to_string()),
    }
}

/// Removes the account of a session; the server ends the session with it.
async fn remove(mut entered: Entered) -> bool {
    let request = Iq::request(IqKind::Set, None, Request::Remove.to_element());
    let answer = entered.session.request(request, REMOVAL).await;
    entered.session.stop();
    let ended = async { while entered.events.next().await.is_some() {} };
    // Whether it closes in time does not matter: the answer has come.
    let _ = tokio::time::timeout(REMOVAL, ended).await;
    matches!(
        answer,
        Ok(_) | Err(RequestError::Lost | RequestError::Closed)
    )
}
