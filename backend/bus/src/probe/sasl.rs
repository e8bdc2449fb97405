//! How the servers let accounts log in.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};

use super::{Check, Line};

pub(super) static CHECK: Check<Line> = Check {
    id: "sasl",
    about: "Which ways of logging in each server offers",
    deadline: Duration::from_mins(1),
    alone: false,
    faults: &[&PLAIN_ONLY, &NONE, &SHA1],
    run: |line| Box::pin(run(line)),
};

static PLAIN_ONLY: Fault = Fault {
    id: "sasl.plain-only",
    severity: Severity::Problem,
    title: "The server takes passwords in the clear only",
    why: "It sees each password, a false server would get it, and nothing proves that the server knows it. Without `allow_plain` nothing logs in.",
    todo: "Let the server offer SCRAM. Only if its accounts live in a directory that cannot: allow_plain = true under [bus].",
    prosody: "authentication = \"internal_hashed\"\ndisable_sasl_mechanisms = { \"DIGEST-MD5\" }",
    ejabberd: "auth_password_format: scram\ndisable_sasl_mechanisms: [digest-md5, x-oauth2]",
};

static NONE: Fault = Fault {
    id: "sasl.none",
    severity: Severity::Problem,
    title: "The server offers no way to log in that this program knows",
    why: "Nothing logs in.",
    todo: "Let the server offer SCRAM-SHA-256 or SCRAM-SHA-1.",
    prosody: "authentication = \"internal_hashed\"",
    ejabberd: "auth_method: internal\nauth_password_format: scram",
};

static SHA1: Fault = Fault {
    id: "sasl.sha-1",
    severity: Severity::Hint,
    title: "SCRAM-SHA-1 is the best way to log in that the server offers",
    why: "It is safe still; SHA-256 makes stolen keys costlier to attack.",
    todo: "The keys of existing accounts cannot be converted: their passwords have to be set again.",
    prosody: "password_hash = \"SHA-256\"",
    ejabberd: "auth_scram_hash: sha256",
};

async fn run(line: &Line) -> Vec<Finding> {
    let seen = line.visits().await.seen();
    seen.map(|(endpoint, seen)| judge(&endpoint.to_string(), &seen.features.mechanisms))
        .collect()
}

fn judge(on: &str, mechanisms: &[String]) -> Finding {
    let offers = |start: &str| mechanisms.iter().any(|own| own.starts_with(start));
    let offered = mechanisms.join(", ");
    match () {
        () if offers("SCRAM-SHA-256") => Finding::ok(CHECK.id, on, offered),
        () if offers("SCRAM-SHA-1") => Finding::of(&SHA1, on, offered),
        () if offers("PLAIN") => Finding::of(&PLAIN_ONLY, on, offered),
        () => Finding::of(&NONE, on, offered),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_offer_counts() {
        let judged = |offered: &[&str]| {
            let offered: Vec<String> = offered.iter().map(ToString::to_string).collect();
            judge("dc.example", &offered).id
        };
        assert_eq!(judged(&["PLAIN", "SCRAM-SHA-256-PLUS"]), "sasl");
        assert_eq!(judged(&["PLAIN", "SCRAM-SHA-1"]), "sasl.sha-1");
        assert_eq!(judged(&["PLAIN"]), "sasl.plain-only");
        assert_eq!(judged(&["SCRAM-SHA-512", "EXTERNAL"]), "sasl.none");
    }
}
