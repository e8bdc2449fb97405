//! `actions`: the registry, for people and for tests.

use super::{Failed, Form, say};
use crate::modules::{Listed, listed};

/// Prints every action that this build answers.
pub(super) fn list(form: Form) -> Result<(), Failed> {
    let all = listed();
    match form {
        Form::Table => table(&all),
        Form::Json => {
            let text = serde_json::to_string_pretty(&all);
            say(text.map_err(|error| Failed::of(&error))?);
        }
    }
    Ok(())
}

fn table(all: &[Listed]) {
    line([
        "namespace",
        "action",
        "entity",
        "permission",
        "module",
        "risk",
    ]);
    for one in all {
        line([
            one.namespace,
            one.action,
            one.entity,
            one.permission,
            one.module,
            one.risk,
        ]);
    }
}

fn line([namespace, action, entity, permission, module, risk]: [&str; 6]) {
    say(format_args!(
        "{namespace:<27} {action:<12} {entity:<10} {permission:<14} {module:<10} {risk}"
    ));
}
