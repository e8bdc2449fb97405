//! Whether accounts can be administered from here, by the server's ad-hoc commands (XEP-0050, XEP-0133). The command is begun and
//! cancelled; no account is made.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};
use archipel_protocol::{
    Iq, IqKind,
    commands::{Action, Answer, Command},
    ns,
};

use super::{
    Check, Inside, Purpose,
    inside::{condition, is_unknown, text},
};
use crate::RequestError;

pub(super) static CHECK: Check<Inside> = Check {
    id: "ad-hoc",
    about: "Whether the operator may make accounts, for hosts that are invited",
    deadline: Duration::from_secs(25),
    alone: false,
    faults: &[&MISSING, &FORBIDDEN],
    run: |inside| Box::pin(run(inside)),
};

static MISSING: Fault = Fault {
    id: "ad-hoc.missing",
    severity: Severity::Hint,
    title: "The server has no commands for accounts",
    why: "Accounts are then made on the server alone, and archipel hypervisor invite needs --prepared.",
    todo: "",
    prosody: "modules_enabled = { \"admin_adhoc\"; … }",
    ejabberd: "modules:\n  mod_adhoc: {}\n  mod_configure: {}",
};

static FORBIDDEN: Fault = Fault {
    id: "ad-hoc.forbidden",
    severity: Severity::Hint,
    title: "This account is no admin of the bus",
    why: "It may make no accounts, and archipel hypervisor invite needs --prepared.",
    todo: "Where it shall invite hosts, make it an admin.",
    prosody: "admins = { \"admin@dc.example\" }",
    ejabberd: "acl:\n  admin:\n    user: [\"admin@dc.example\"]\naccess_rules:\n  configure: { allow: admin }",
};

async fn run(inside: &Inside) -> Vec<Finding> {
    let on = inside.line.domain();
    if inside.line.purpose != Purpose::Operator {
        return Vec::new();
    }
    let command = Command::execute(&format!("{}#add-user", ns::ADMIN));
    let answer = ask(inside, &command).await;
    if let Ok(answer) = &answer {
        cancel(inside, command, answer).await;
    }
    vec![judge(on, &answer)]
}

async fn ask(inside: &Inside, command: &Command) -> Result<Iq, RequestError> {
    let command = command.to_element();
    inside.ask(IqKind::Set, inside.server(), command).await
}

/// The server keeps what was begun until it is cancelled.
async fn cancel(inside: &Inside, command: Command, answer: &Iq) {
    let answer = answer.payload().map(Answer::parse);
    let session = answer
        .and_then(Result::ok)
        .and_then(|answer| answer.session);
    let cancel = Command {
        action: Some(Action::Cancel),
        session,
        ..command
    };
    // What it says to that changes nothing: nothing was done.
    let _ = ask(inside, &cancel).await;
}

fn judge(on: &str, answer: &Result<Iq, RequestError>) -> Finding {
    match condition(answer).as_deref() {
        None if answer.is_ok() => Finding::ok(CHECK.id, on, "accounts can be made from here"),
        Some("forbidden" | "not-allowed" | "not-authorized") => Finding::of(&FORBIDDEN, on, ""),
        Some("item-not-found") => Finding::of(&MISSING, on, ""),
        _ if is_unknown(answer) => Finding::of(&MISSING, on, ""),
        _ => Finding::ok(
            CHECK.id,
            on,
            format!("could not be tried: {}", text(answer)),
        ),
    }
}
