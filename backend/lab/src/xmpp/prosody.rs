//! Prosody's configuration, accounts and command line.

use std::process::Command;

use anyhow::{Context as _, Result};

use super::options::RAISED_STANZA;
use super::{Crowd, Encryption, Profile, Site, crowd::Contact, scram};
use crate::program;

const CONFIGURATION: &str = include_str!("../../assets/prosody.cfg.lua");
const FLEET: &str = include_str!("../../assets/prosody-fleet.cfg.lua");

/// Every mechanism but PLAIN that Prosody could offer.
const NOT_PLAIN: &str =
    r#""SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "OAUTHBEARER""#;

/// Writes configuration, groups and accounts.
pub(super) fn prepare(site: &Site) -> Result<()> {
    let mut values = site.values();
    values.extend(choices(site));
    let configuration = match site.options.profile {
        Profile::Fleet => FLEET,
        Profile::Open | Profile::Stock => CONFIGURATION,
    };
    site.write_rendered("prosody.cfg.lua", configuration, &values)?;
    site.scratch.write("groups.txt", &groups(site))?;
    for (name, password) in &site.options.accounts {
        store_account(site, name, password)?;
    }
    site.options
        .crowds
        .iter()
        .try_for_each(|crowd| store_crowd(site, crowd))
}

/// Runs in the foreground.
pub(super) fn command(site: &Site) -> Result<Command> {
    let mut command = Command::new(program("prosody").context("prosody is not installed")?);
    command
        .arg("-F")
        .arg("--config")
        .arg(site.folder().join("prosody.cfg.lua"))
        .current_dir(site.folder());
    Ok(command)
}

/// Writes the account's file, as Prosody's internal storage keeps it. Prosody reads it at each login, so this works
/// on a running server too, and no password passes through a command line.
pub(super) fn store_account(site: &Site, name: &str, password: &str) -> Result<()> {
    let text = account(&scram::keys(password)?);
    store(site, "accounts", name, &text)
}

/// The keys are derived once: a crowd's password is one password.
fn store_crowd(site: &Site, crowd: &Crowd) -> Result<()> {
    let domain = &site.options.domain;
    let account = account(&scram::keys(&crowd.password)?);
    for (_, name) in crowd.members() {
        store(site, "accounts", name, &account)?;
    }
    for (name, contacts) in crowd
        .rosters_of_members()
        .chain(crowd.rosters_of_watchers())
    {
        store(site, "roster", name, &roster(&contacts, domain))?;
    }
    Ok(())
}

fn store(site: &Site, kind: &str, name: &str, text: &str) -> Result<()> {
    let host = encode(&site.options.domain);
    let path = format!("data/{host}/{kind}/{}.dat", encode(name));
    site.scratch.write(path, text).map(drop)
}

fn account(keys: &scram::Keys) -> String {
    format!(
        "return {{\n\t[\"salt\"] = \"{}\";\n\t[\"iteration_count\"] = {};\n\t[\"stored_key\"] = \"{}\";\n\t[\"server_key\"] = \"{}\";\n}};\n",
        keys.salt,
        scram::ITERATIONS,
        scram::hex(&keys.stored),
        scram::hex(&keys.server),
    )
}

/// A roster whose contacts are subscribed both ways.
fn roster(contacts: &[Contact<'_>], domain: &str) -> String {
    use std::fmt::Write as _;
    let mut text = "return {\n\t[false] = { [\"version\"] = 1; };\n".to_owned();
    for Contact { name, group } in contacts {
        let groups = group.map_or_else(String::new, |group| format!("[\"{group}\"] = true;"));
        let _ = writeln!(
            text,
            "\t[\"{name}@{domain}\"] = {{ [\"name\"] = \"{name}\"; [\"subscription\"] = \"both\"; [\"groups\"] = {{ {groups} }}; }};"
        );
    }
    text.push_str("};\n");
    text
}

fn choices(site: &Site) -> [(&'static str, String); 6] {
    let options = &site.options;
    let clear = options.encryption == Encryption::ClearText;
    let mut modules = String::new();
    if !clear {
        modules.push_str("\"tls\"; ");
    }
    if options.registration {
        modules.push_str("\"register_ibr\"; ");
    }
    if options.account_commands {
        modules.push_str("\"admin_adhoc\"; ");
    }
    if options.profile == Profile::Stock {
        modules.push_str("\"limits\"; ");
    }
    [
        ("REGISTRATION", options.registration.to_string()),
        ("ENCRYPT", (!clear).to_string()),
        ("CLEAR", clear.to_string()),
        (
            "REFUSED_MECHANISMS",
            if options.plain_only {
                NOT_PLAIN.to_owned()
            } else {
                String::new()
            },
        ),
        ("LIMITS", limits(options.profile)),
        ("MODULES", modules),
    ]
}

/// For the lab's own configuration.
fn limits(profile: Profile) -> String {
    if profile == Profile::Open {
        return format!("limits = {{ }}\nc2s_stanza_size_limit = {RAISED_STANZA}");
    }
    // What the configuration that Prosody installs says; its stanza limit is the default one.
    r#"limits = { c2s = { rate = "10kb/s" } }"#.to_owned()
}

/// `mod_groups`' file: a name in brackets, then a member a line with the name its contacts see.
fn groups(site: &Site) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for (name, members) in &site.options.groups {
        let _ = writeln!(text, "[{name}]");
        for jid in members {
            let short = jid.split('@').next().unwrap_or(jid);
            let _ = writeln!(text, "{jid}={short}");
        }
    }
    text
}

/// A name as Prosody's data folder spells it: all but letters and digits percent-encoded.
fn encode(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02x}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_names_are_percent_encoded() {
        assert_eq!(encode("dc.example"), "dc%2eexample");
        assert_eq!(encode("vm-1"), "vm%2d1");
    }
}
