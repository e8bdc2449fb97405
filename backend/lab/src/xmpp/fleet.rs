//! The shipped profile (`conf/servers/`), with the lab's ports and folders.

use anyhow::{Context as _, Result, ensure};
use archipel_servers::{Group, Listen, Profile, Registration};

use super::{Encryption, ServerKind, Site};

/// Writes the files of the profile into the server's folder.
pub(super) fn write(site: &Site) -> Result<()> {
    let known = [Group::Operators, Group::Hypervisors].map(Group::name);
    for (group, _) in &site.options.groups {
        ensure!(
            known.contains(&group.as_str()),
            "the fleet's profile has the groups {known:?}, not `{group}`"
        );
    }
    ensure!(
        !site.options.plain_only,
        "the fleet's profile is not for PLAIN alone"
    );
    ensure!(
        site.options.account_commands,
        "the fleet's profile has the commands for accounts"
    );
    // The groups are the lab's to write: it knows their members.
    let files = profile(site)?.files(site.kind)?;
    for file in files.into_iter().filter(|file| !file.grows) {
        site.scratch
            .write(&file.path, &allowing(site, file.content))?;
    }
    Ok(())
}

fn profile(site: &Site) -> Result<Profile> {
    let folder = site.folder();
    let administrator = format!("admin@{}", site.options.domain);
    let registration = if site.options.registration {
        Registration::From(vec!["127.0.0.0/8".parse()?])
    } else {
        Registration::Off
    };
    Ok(Profile {
        domain: site.options.domain.parse()?,
        operators: vec![administrator.parse().context("no administrator")?],
        registration,
        listen: Listen {
            address: site.address.to_string(),
            port: site.ports.starttls,
            tls_port: site.ports.tls,
            https_port: site.ports.https,
        },
        site: archipel_servers::Site {
            profile: folder.join(match site.kind {
                ServerKind::Prosody => "archipel.cfg.lua",
                ServerKind::Ejabberd => "ejabberd.yml",
            }),
            folder: folder.to_owned(),
            certificate: folder.join("certs/server.crt"),
            key: folder.join("certs/server.key"),
            socket: folder.join("api.sock"),
            service: None,
        },
    })
}

/// Clear text is the one thing that a test may want and no fleet has.
fn allowing(site: &Site, content: String) -> String {
    match site.options.encryption {
        Encryption::Required => content,
        Encryption::ClearText => content
            .replace("starttls_required: true", "starttls: true")
            .replace(
                "c2s_require_encryption = true",
                "c2s_require_encryption = false; allow_unencrypted_plain_auth = true",
            ),
    }
}
