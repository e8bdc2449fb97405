//! What a stream error means (RFC 6120, 4.9.3).

use crate::{End, Options, features::Condition};

/// The end that it means for the session, unless it may pass.
pub(crate) fn end(options: &Options, server: &str, condition: &Condition) -> Option<End> {
    let account = options.account.jid.clone();
    Some(match condition.name.as_str() {
        "conflict" => End::Conflict {
            jid: wanted(options),
        },
        "policy-violation" => End::Policy {
            account,
            text: condition.to_string(),
        },
        "not-authorized" => End::AccountRefused {
            account,
            server: server.to_owned(),
            reason: condition.to_string(),
        },
        _ => return None,
    })
}

/// One that may pass, in words.
pub(crate) fn text(domain: &str, condition: &Condition) -> String {
    match condition.name.as_str() {
        "host-unknown" => {
            format!("it does not serve `{domain}`: check the account's name and the server's host")
        }
        "system-shutdown" => "it is shutting down".to_owned(),
        _ => format!("it ended the stream: {condition}"),
    }
}

/// The address the session asked for.
pub(crate) fn wanted(options: &Options) -> String {
    let account = &options.account;
    match &account.resource {
        Some(resource) => format!("{}/{resource}", account.jid),
        None => account.jid.to_string(),
    }
}
