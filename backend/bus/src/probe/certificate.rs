//! The certificates that the servers show.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};
use rustls::{CertificateError, Error};
use rustls_pki_types::UnixTime;

use super::{
    Check, Line,
    visit::{self, Visit},
    witness::Verdict,
};
use crate::tls::certificate_text;

pub(super) static CHECK: Check<Line> = Check {
    id: "certificate",
    about: "The certificate of each server: its authority, its name, its dates",
    deadline: Duration::from_mins(1),
    alone: false,
    faults: &[
        &EXPIRED,
        &DUE,
        &EARLY,
        &OTHER_NAME,
        &UNTRUSTED,
        &OTHER_PIN,
        &AUTHORITY,
    ],
    run: |line| Box::pin(run(line)),
};

const PROSODY: &str = "prosodyctl --root cert import dc.example /path/to/certificates";
const EJABBERD: &str =
    "certfiles:\n  - /etc/ejabberd/certs/dc.example.pem\nejabberdctl reload_config";

static EXPIRED: Fault = Fault {
    id: "certificate.expired",
    severity: Severity::Problem,
    title: "The certificate has expired",
    why: "Every agent and every client refuses to log in, and sessions that are lost do not come back.",
    todo: "Renew it and let the server read it again.",
    prosody: PROSODY,
    ejabberd: EJABBERD,
};

static DUE: Fault = Fault {
    id: "certificate.due",
    severity: Severity::Warning,
    title: "The certificate ends within 30 days",
    why: "From that moment on nobody can log in.",
    todo: "Renew it now and let the server read it again; see why whatever renews it by itself has not.",
    prosody: PROSODY,
    ejabberd: EJABBERD,
};

static EARLY: Fault = Fault {
    id: "certificate.early",
    severity: Severity::Problem,
    title: "The certificate is not valid yet",
    why: "Nobody logs in. Most often it is the clock of this machine that is wrong.",
    todo: "Compare `date -u` with the dates of the certificate.",
    prosody: "",
    ejabberd: "",
};

static OTHER_NAME: Fault = Fault {
    id: "certificate.name",
    severity: Severity::Problem,
    title: "The certificate was made out for another name",
    why: "Anybody with any certificate could stand between; so the login is refused. It must name the domain of the accounts, not that of the machine.",
    todo: "Get a certificate for the accounts' domain.",
    prosody: PROSODY,
    ejabberd: EJABBERD,
};

static UNTRUSTED: Fault = Fault {
    id: "certificate.untrusted",
    severity: Severity::Problem,
    title: "The certificate is not signed by an authority that is trusted here",
    why: "Whoever stands between could show such a certificate; so the login is refused.",
    todo: "Set `ca_file` under [bus] to the authority's certificate, or `pinned` to the fingerprint of the server's. If the authority is a public one, the server does not send the whole chain.",
    prosody: PROSODY,
    ejabberd: EJABBERD,
};

static OTHER_PIN: Fault = Fault {
    id: "certificate.pin",
    severity: Severity::Problem,
    title: "The certificate is not the one that `pinned` names",
    why: "It was renewed, or somebody stands between.",
    todo: "On the server: openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE. If it is the new one, put it into `pinned` under [bus].",
    prosody: "",
    ejabberd: "",
};

static AUTHORITY: Fault = Fault {
    id: "certificate.authority",
    severity: Severity::Problem,
    title: "There is no authority to trust",
    why: "Without one no server can prove who it is, and nothing connects.",
    todo: "Install ca-certificates, or set `ca_file` under [bus] to a file with certificates in PEM form.",
    prosody: "",
    ejabberd: "",
};

async fn run(line: &Line) -> Vec<Finding> {
    let visits = line.visits().await;
    if let Some(error) = &visits.unusable {
        return vec![Finding::of(&AUTHORITY, line.domain(), error.to_string())];
    }
    if !visit::is_protected(&line.settings) {
        return vec![Finding::ok(
            CHECK.id,
            line.domain(),
            "none is asked for on loopback",
        )];
    }
    let pinned = line.settings.pinned.is_some();
    let judged = |visit: &Visit| {
        let verdict = visit.verdict.as_ref()?;
        Some(judge(&visit.endpoint.to_string(), verdict, pinned))
    };
    visits.each.iter().filter_map(judged).collect()
}

fn judge(on: &str, verdict: &Verdict, pinned: bool) -> Finding {
    match (&verdict.now, &verdict.later) {
        (Ok(()), Ok(())) => Finding::ok(CHECK.id, on, "trusted, and for more than 30 days"),
        (Ok(()), Err(later)) => Finding::of(&DUE, on, end_of(later)),
        (Err(error), _) => {
            let seen = match error {
                Error::InvalidCertificate(problem) => certificate_text(problem),
                other => other.to_string(),
            };
            let seen = [seen, end_of(error)].join(" ");
            Finding::of(fault_of(error, pinned), on, seen)
        }
    }
}

fn fault_of(error: &Error, pinned: bool) -> &'static Fault {
    use CertificateError as Problem;
    let Error::InvalidCertificate(problem) = error else {
        return &UNTRUSTED;
    };
    match problem {
        Problem::Expired | Problem::ExpiredContext { .. } => &EXPIRED,
        Problem::NotValidYet | Problem::NotValidYetContext { .. } => &EARLY,
        Problem::NotValidForName | Problem::NotValidForNameContext { .. } => &OTHER_NAME,
        _ if pinned => &OTHER_PIN,
        _ => &UNTRUSTED,
    }
}

/// When it ends or ended, where the error says so.
fn end_of(error: &Error) -> String {
    let Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. }) = error
    else {
        return String::new();
    };
    let now = UnixTime::now().as_secs();
    let (end, day) = (not_after.as_secs(), 24 * 3600);
    match end.checked_sub(now) {
        Some(left) => format!("{} days are left", left / day),
        None => format!("({} days ago)", (now - end) / day),
    }
}
