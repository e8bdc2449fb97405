//! `init`.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use archipel_protocol::BareJid;

use super::{
    EXIT_SETTINGS, Failed, Init, hostname, say,
    template::{fill, quoted, quoted_path},
};
use crate::settings::{Password, Settings};

/// Writes annotated settings where there are none, and says what to do next.
pub(super) fn init(wanted: &Init) -> Result<(), Failed> {
    let path = &wanted.at.config;
    let jid = account(wanted)?;
    let text = text(&jid, wanted, path);
    // What is written must be readable: a strange address would make it unreadable.
    let settings = Settings::parse(path, &text)?;
    write_new(path, &text).map_err(|error| refused(path, &error))?;
    say(format_args!("wrote {}", path.display()));
    say("next:");
    say(format_args!(
        "  1. create the account {jid} on the XMPP server"
    ));
    if let Password::File(file) = &settings.password {
        let file = file.display();
        say(format_args!(
            "  2. put its password into {file}, readable for the agent alone (chmod 600)"
        ));
    }
    say(format_args!(
        "  3. archipel-agent check --config {}",
        path.display()
    ));
    Ok(())
}

/// The account asked for, or this host's name on the admin's server.
fn account(wanted: &Init) -> Result<BareJid, Failed> {
    if let Some(jid) = &wanted.jid {
        return Ok(jid.clone());
    }
    let name = hostname().to_lowercase();
    let short = name.split('.').next().unwrap_or_default();
    BareJid::new(&format!("{short}@{}", wanted.admin.domain())).map_err(|_| {
        let text = format!("this host's name `{name}` makes no address; choose one with --jid");
        Failed::new(text).with_code(EXIT_SETTINGS)
    })
}

fn text(jid: &BareJid, wanted: &Init, path: &Path) -> String {
    let folder = path.parent().unwrap_or(Path::new("/etc/archipel"));
    let password = folder.join("agent.password");
    let values = [
        ("jid", quoted(jid.as_str())),
        ("admins", format!("[{}]", quoted(wanted.admin.as_str()))),
        ("password_file", quoted_path(&password)),
    ];
    fill(&values, &[])
}

/// Never over an existing file.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(folder)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn refused(path: &Path, error: &io::Error) -> Failed {
    let path = path.display();
    Failed::new(match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!("`{path}` exists and was left alone; edit it, or choose another with --config")
        }
        _ => format!("could not write `{path}`: {error}"),
    })
    .with_code(EXIT_SETTINGS)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::program::At;

    fn wanted(path: &Path) -> Init {
        Init {
            admin: "olga@dc.example".parse().unwrap(),
            jid: Some("rack-7@dc.example".parse().unwrap()),
            at: At {
                config: path.to_owned(),
            },
        }
    }

    #[test]
    fn what_is_written_is_private_and_says_what_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("etc/agent.toml");
        assert!(init(&wanted(&path)).is_ok());
        let settings = Settings::load(&path).unwrap();
        assert_eq!(Some(settings.jid), wanted(&path).jid);
        assert_eq!(settings.rules.admins, [wanted(&path).admin]);
        let password = Password::File(folder.path().join("etc/agent.password"));
        assert_eq!(settings.password, password);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn an_existing_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        std::fs::write(&path, "mine").unwrap();
        let refused = init(&wanted(&path)).unwrap_err();
        assert!(refused.text.contains("left alone"), "{}", refused.text);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }
}
