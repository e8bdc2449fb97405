//! agent.toml and the password.

use std::path::Path;

use archipel_config::{
    LoadError, PasswordError, Problem,
    finding::{Fault, Finding, Severity},
};

use archipel_protocol::BareJid;

use crate::{account::AccountError, settings::SettingsError};

/// The id of this check.
pub(super) const ID: &str = "settings";
/// What it looks at.
pub(super) const ABOUT: &str =
    "Whether agent.toml can be read, holds no unknown key, and keeps passwords to itself";
/// What it can find.
pub(super) static FAULTS: &[&Fault] = &[&INVALID, &EXPOSED, &PASSWORD, &NOT_JOINED];

static INVALID: Fault = Fault {
    id: "settings.invalid",
    severity: Severity::Problem,
    title: "The settings cannot be used",
    why: "The agent does not start with settings that it does not understand: what was meant to be forbidden might not be.",
    todo: "Correct the line that is named; archipel-agent init --config FILE writes annotated settings to compare with.",
    prosody: "",
    ejabberd: "",
};

static EXPOSED: Fault = Fault {
    id: "settings.exposed",
    severity: Severity::Problem,
    title: "Other users of this host can read the agent's password",
    why: "Whoever reads it can speak for this hypervisor.",
    todo: "Run the command that is named, and set a new password on the server if others use this host.",
    prosody: "",
    ejabberd: "",
};

static PASSWORD: Fault = Fault {
    id: "settings.password",
    severity: Severity::Problem,
    title: "The agent's password cannot be had",
    why: "Without it the agent does not log in.",
    todo: "Correct `password_file`, or set `register = true` if the server lets agents register.",
    prosody: "",
    ejabberd: "",
};

static NOT_JOINED: Fault = Fault {
    id: "settings.not-joined",
    severity: Severity::Problem,
    title: "This host has not joined yet",
    why: "The settings say that it joins with a code, and its store holds no secret of the account.",
    todo: "Get a code with archipel hypervisor invite, then: archipel-agent join",
    prosody: "",
    ejabberd: "",
};

/// The finding for a host without a secret.
pub(super) fn not_joined(account: &BareJid) -> Finding {
    let seen = AccountError::NotJoined(account.clone()).to_string();
    Finding::of(&NOT_JOINED, account.as_str(), seen)
}

/// Whether the finding is that.
pub(super) fn is_joining(finding: &Finding) -> bool {
    finding.id == NOT_JOINED.id
}

/// The finding for settings that cannot be used.
pub(super) fn of(path: &Path, error: &SettingsError) -> Finding {
    let fault = match error {
        SettingsError::File(error) | SettingsError::Password(PasswordError::File(error))
            if is_exposed(error) =>
        {
            &EXPOSED
        }
        SettingsError::Password(_) | SettingsError::NoPassword(..) => &PASSWORD,
        _ => &INVALID,
    };
    Finding::of(fault, path.display().to_string(), error.to_string())
}

fn is_exposed(error: &LoadError) -> bool {
    matches!(error.problem, Problem::Exposed(_))
}
