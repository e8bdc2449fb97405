//! Finds out what is wrong with the way to a bus, and with the bus itself.
//!
//! [`examine`] looks from outside first (names, certificate, what is offered before a login), then logs in under a resource of its
//! own, then looks from inside. Nothing on the server is changed: an account or node that a probe makes is removed by it, and what
//! it sends, it sends to itself.
//!
//! A check is a row of [`OUTSIDE`] or [`INSIDE`] and a file of this folder; what it can find are rows of the catalogue
//! ([`Fault`](archipel_config::finding::Fault)). Agent and operator add checks of their own with the same [`Check`] and [`all`].

mod ad_hoc;
mod certificate;
mod check;
mod clock;
mod connections;
mod dns;
mod inside;
mod line;
mod login;
mod management;
mod node;
mod ping;
mod private;
mod rate;
mod reach;
mod registration;
mod sasl;
mod server;
mod services;
mod stanza;
mod tls;
mod visit;
mod web;
mod witness;

use std::sync::Arc;

use archipel_config::finding::{Finding, Software};

pub use check::{Aim, Check, LATE, all};
pub use clock::{TOLERANCE, skew, skew_text};
pub use inside::Inside;
pub use line::{Line, Purpose};
pub use login::{ABOUT as LOGIN_ABOUT, FAULTS as LOGIN_FAULTS, ID as LOGIN};

/// Checks that need no login.
pub static OUTSIDE: &[&Check<Line>] = &[
    &dns::CHECK,
    &reach::CHECK,
    &certificate::CHECK,
    &tls::CHECK,
    &sasl::CHECK,
    &registration::CHECK,
    &web::CHECK,
];

/// Checks of a session.
pub static INSIDE: &[&Check<Inside>] = &[
    &server::CHECK,
    &management::CHECK,
    &clock::CHECK,
    &ping::CHECK,
    &private::CHECK,
    &services::CHECK,
    &ad_hoc::CHECK,
    &node::CHECK,
    &rate::CHECK,
    &stanza::CHECK,
    &connections::CHECK,
];

/// Whether there was a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing that was asked for needs one, or the account does not exist yet.
    NotTried,
    /// The login failed.
    Refused,
    /// There was one.
    In,
}

/// What was found.
#[derive(Debug)]
pub struct Examined {
    /// One or more of each check.
    pub findings: Vec<Finding>,
    /// Whether there was a session.
    pub access: Access,
    /// The server's software, where it told.
    pub software: Option<Software>,
}

/// Looks at a bus from outside and, if the login goes well, from inside.
///
/// Takes up to two minutes on a server that answers nothing. Must be called inside a tokio runtime.
pub async fn examine(line: Line, aim: Aim<'_>) -> Examined {
    let line = Arc::new(line);
    let mut findings = all(OUTSIDE, &*line, aim).await;
    let wanted = aim.wants(login::ID) || INSIDE.iter().any(|check| aim.wants(check.id));
    if !wanted {
        return Examined {
            findings,
            ..Examined::new(Access::NotTried)
        };
    }
    let mut examined = match login::enter(&line).await {
        login::Entry::NotYet(finding) => Examined::with(Access::NotTried, finding),
        // What was seen from outside explains it better.
        login::Entry::Refused(finding) if login::is_explained(&finding, &findings, &line) => {
            Examined::new(Access::Refused)
        }
        login::Entry::Refused(finding) => Examined::with(Access::Refused, finding),
        login::Entry::In(inside, finding) => {
            findings.push(finding);
            inside.examine(aim).await
        }
    };
    findings.append(&mut examined.findings);
    Examined {
        findings,
        ..examined
    }
}

impl Examined {
    fn new(access: Access) -> Self {
        Self {
            findings: Vec::new(),
            access,
            software: None,
        }
    }

    fn with(access: Access, finding: Finding) -> Self {
        Self {
            findings: vec![finding],
            ..Self::new(access)
        }
    }
}
