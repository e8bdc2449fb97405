//! The login itself.

use std::{sync::Arc, time::Duration};

use archipel_config::finding::{Fault, Finding, Severity};

use super::{Inside, Line, certificate, dns, line, reach, sasl, tls};
use crate::{End, negotiate::SESSION_REFUSED};

/// The id of this check.
pub const ID: &str = "login";
/// What it looks at.
pub const ABOUT: &str = "Whether the server lets the account in";
/// How long the login may take.
const DEADLINE: Duration = Duration::from_secs(40);

/// What a login can find.
pub static FAULTS: &[&Fault] = &[&PASSWORD, &REFUSED, &FAILED];

static PASSWORD: Fault = Fault {
    id: "login.password",
    severity: Severity::Problem,
    title: "The server refuses the password, or does not know the account",
    why: "Without a login nothing works.",
    todo: "Check the account's name and where its password comes from; set it anew on the server.",
    prosody: "prosodyctl passwd ACCOUNT",
    ejabberd: "ejabberdctl change_password NAME DOMAIN PASSWORD   # others on that machine can see it for a moment",
};

static REFUSED: Fault = Fault {
    id: "login.refused",
    severity: Severity::Problem,
    title: "The server refuses the account",
    why: "Its administrator, or one of its rules, does not let it in.",
    todo: "Look into the server's log for the rule; one may count failed logins from an address and pass by itself.",
    prosody: "",
    ejabberd: "access_rules:\n  c2s:\n    deny: blocked     # acl: blocked, whoever is in it\n    allow: all\nejabberdctl unban_ip ADDRESS      # mod_fail2ban",
};

static FAILED: Fault = Fault {
    id: "login.failed",
    severity: Severity::Problem,
    title: "The login did not come about",
    why: "Without a login nothing works.",
    todo: "Look into the server's log. If nothing is said there, something on the way ends connections: a firewall, a proxy, a limit for each address.",
    prosody: "",
    ejabberd: "",
};

/// What came of the login.
pub(super) enum Entry {
    /// There is a session.
    In(Box<Inside>, Finding),
    /// The account does not exist yet.
    NotYet(Finding),
    /// The server does not let the account in.
    Refused(Finding),
}

/// Logs in under a resource of its own: whoever works with the account must not be thrown out.
pub(super) async fn enter(line: &Arc<Line>) -> Entry {
    let on = line.account.to_string();
    let Some(secret) = line.secret.clone() else {
        let seen = "not tried: the account is made at the agent's first start";
        return Entry::NotYet(Finding::ok(ID, on, seen));
    };
    let options = match line.options(secret, "check") {
        Ok(options) => options,
        Err(error) => return Entry::Refused(Finding::of(&FAILED, on, error.to_string())),
    };
    match tokio::time::timeout(DEADLINE, line::enter(options)).await {
        Ok(Ok(entered)) => {
            let finding = Finding::ok(ID, on, format!("logged in as {}", entered.jid));
            Entry::In(Box::new(Inside::new(line.clone(), entered)), finding)
        }
        Ok(Err(end)) => Entry::Refused(refused(&on, &end)),
        Err(_) => Entry::Refused(Finding::of(&FAILED, on, "no answer in time")),
    }
}

/// Whether what was seen on the way there tells why the login failed. Who may register, or what browsers find, does not.
pub(super) fn is_explained(login: &Finding, seen: &[Finding], line: &Line) -> bool {
    let way = [
        (dns::CHECK.id, true),
        (reach::CHECK.id, true),
        (certificate::CHECK.id, true),
        (tls::CHECK.id, true),
        (sasl::CHECK.id, !line.settings.allow_plain),
    ];
    let tells = |finding: &Finding| {
        let of = |(check, counts): &(&str, bool)| *counts && finding.is(check);
        finding.severity == Severity::Problem && way.iter().any(of)
    };
    login.id == FAILED.id && seen.iter().any(tells)
}

fn refused(on: &str, end: &End) -> Finding {
    match end {
        End::WrongPassword { server, .. } => {
            Finding::of(&PASSWORD, on, format!("asked was {server}"))
        }
        End::AccountRefused { reason, .. } => Finding::of(&REFUSED, on, reason),
        End::Policy { text, .. } => Finding::of(&REFUSED, on, text),
        End::Unreachable { reason, .. } if reason.contains(SESSION_REFUSED) => {
            Finding::of(&REFUSED, on, reason)
        }
        End::Unreachable { reason, .. } => Finding::of(&FAILED, on, reason),
        end => Finding::of(&FAILED, on, end.to_string()),
    }
}
