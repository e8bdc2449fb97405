//! The profile and the password.

use archipel_config::{
    Flags, LoadError, PasswordError, Problem, ProfileError, Secret,
    finding::{Fault, Finding, Severity},
};

use crate::setup::{self, Setup};

/// The id of this check.
pub(super) const ID: &str = "settings";
/// What it looks at.
pub(super) const ABOUT: &str =
    "Whether the settings can be read, hold no unknown key, and keep passwords to themselves";
/// What it can find.
pub(super) static FAULTS: &[&Fault] = &[&INVALID, &EXPOSED, &PASSWORD];

static INVALID: Fault = Fault {
    id: "settings.invalid",
    severity: Severity::Problem,
    title: "The settings cannot be used",
    why: "The program does not start with settings that it does not understand: what was meant to be forbidden might not be.",
    todo: "Correct the line that is named; archipel config init writes annotated settings to compare with.",
    prosody: "",
    ejabberd: "",
};

static EXPOSED: Fault = Fault {
    id: "settings.exposed",
    severity: Severity::Problem,
    title: "Other users of this machine can read a password",
    why: "Whoever reads it can do to the fleet what you can.",
    todo: "Run the command that is named, and set a new password on the server if others use this machine.",
    prosody: "",
    ejabberd: "",
};

static PASSWORD: Fault = Fault {
    id: "settings.password",
    severity: Severity::Problem,
    title: "The password cannot be had",
    why: "Without it nothing logs in.",
    todo: "See where it should come from: archipel config show",
    prosody: "",
    ejabberd: "",
};

/// The profile and its password, or what is wrong with them.
pub(super) fn load(flags: &Flags) -> Result<(Setup, Secret, Option<Finding>), Box<Finding>> {
    let setup = setup::read(flags).map_err(|error| Box::new(of_profile(&error)))?;
    let secret = setup.secret();
    let secret = secret.map_err(|error| Box::new(of_password(&setup, &error)))?;
    let name = &setup.profile.name;
    let seen = format!("read; the account is {}", setup.profile.jid);
    let well = Finding::ok(ID, format!("profile {name}"), seen);
    Ok((setup, secret, Some(well)))
}

fn of_profile(error: &setup::ReadError) -> Finding {
    let exposed = match error {
        setup::ReadError::Profile(ProfileError::Load(error)) => is_exposed(error),
        _ => false,
    };
    let fault = if exposed { &EXPOSED } else { &INVALID };
    Finding::of(fault, "operator.toml", error.to_string())
}

fn of_password(setup: &Setup, error: &PasswordError) -> Finding {
    let on = setup.profile.password.to_string();
    let exposed = matches!(error, PasswordError::File(error) if is_exposed(error));
    let fault = if exposed { &EXPOSED } else { &PASSWORD };
    Finding::of(fault, on, error.to_string())
}

fn is_exposed(error: &LoadError) -> bool {
    matches!(error.problem, Problem::Exposed(_))
}
