//! What a join leaves on the disk: agent.toml, and beside it the authorities of the bus.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use archipel_config::{Certificate, JoinCode, ServerTrust, write_private};
use jiff::Timestamp;

use super::{
    super::{EXIT_SETTINGS, Failed, template},
    Place, readable,
};

/// The authorities' file, beside agent.toml.
const AUTHORITIES: &str = "bus-ca.pem";

/// What was written.
pub(super) struct Written {
    pub(super) config: PathBuf,
    pub(super) authorities: Option<PathBuf>,
    /// The agent.toml of before.
    pub(super) backup: Option<PathBuf>,
}

impl Written {
    /// All of it.
    pub(super) fn paths(&self) -> Vec<&Path> {
        let others = self.authorities.iter().chain(&self.backup);
        others.chain([&self.config]).map(PathBuf::as_path).collect()
    }
}

/// Settings that somebody wrote are not written over unasked.
pub(super) fn refuse_existing(config: &Path, replace: bool) -> Result<(), Failed> {
    if replace || !config.exists() {
        return Ok(());
    }
    let text = format!(
        "`{}` exists and was left alone. To join all the same, and keep the old file beside the new one: --replace",
        config.display()
    );
    Err(Failed::new(text).with_code(EXIT_SETTINGS))
}

/// The authorities of a code as they stand in a file.
pub(super) fn pem(code: &JoinCode) -> Option<String> {
    match &code.trust {
        ServerTrust::Authorities(all) => Some(all.iter().map(Certificate::to_pem).collect()),
        ServerTrust::System | ServerTrust::Pinned(_) => None,
    }
}

/// Writes the settings, and what they name.
pub(super) fn write(
    code: &JoinCode,
    place: &Place,
    libvirt: Option<&str>,
) -> Result<Written, Failed> {
    let config = place.config.clone();
    let folder = config.parent().unwrap_or(Path::new("/"));
    let pem = pem(code);
    let authorities = pem.as_ref().map(|_| folder.join(AUTHORITIES));
    let text = text(code, place, libvirt, authorities.as_deref());
    readable(&config, &text)?;
    let failed = |path: &Path, error: &io::Error| {
        Failed::new(format!("could not write `{}`: {error}", path.display()))
    };
    // The folder is nobody's secret; the files in it are.
    let made = DirBuilder::new().recursive(true).mode(0o755).create(folder);
    made.map_err(|error| failed(folder, &error))?;
    let backup = keep_old(&config).map_err(|error| failed(&config, &error))?;
    if let (Some(path), Some(pem)) = (&authorities, pem) {
        write_private(path, pem.as_bytes()).map_err(|error| failed(path, &error))?;
    }
    write_private(&config, text.as_bytes()).map_err(|error| failed(&config, &error))?;
    Ok(Written {
        config,
        authorities,
        backup,
    })
}

/// Copies settings that are there already, under the time's name.
fn keep_old(config: &Path) -> io::Result<Option<PathBuf>> {
    if !config.exists() {
        return Ok(None);
    }
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut name = config.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{now}"));
    let backup = config.with_file_name(name);
    fs::copy(config, &backup)?;
    Ok(Some(backup))
}

fn text(
    code: &JoinCode,
    place: &Place,
    libvirt: Option<&str>,
    authorities: Option<&Path>,
) -> String {
    use template::{quoted, quoted_path};
    let servers: Vec<String> = code
        .servers
        .iter()
        .map(|server| quoted(&server.to_string()))
        .collect();
    let mut lines = vec![
        ("jid", quoted(code.hypervisor.as_str())),
        ("admins", format!("[{}]", quoted(code.inviter.as_str()))),
        ("joined", "true".to_owned()),
        ("hosts", format!("[{}]", servers.join(", "))),
        ("tls", quoted(&code.tls.to_string())),
        ("allow_plain", code.allow_plain.to_string()),
    ];
    if let ServerTrust::Pinned(pin) = &code.trust {
        lines.push(("pinned", quoted(&pin.to_string())));
    }
    lines.extend(authorities.map(|path| ("ca_file", quoted_path(path))));
    lines.extend(libvirt.map(|uri| ("libvirt_uri", quoted(uri))));
    let state = place.state_is_chosen.then_some(&place.state);
    lines.extend(state.map(|path| ("state_dir", quoted_path(path))));
    template::fill(&lines, &["password_file"])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use archipel_config::{Secret, TlsMode};

    use super::*;
    use crate::settings::Password;

    fn code(trust: ServerTrust) -> JoinCode {
        JoinCode {
            hypervisor: "rack-7@dc.example".parse().unwrap(),
            inviter: "olga@dc.example".parse().unwrap(),
            secret: Secret::new("open sesame".to_owned()),
            expires: Timestamp::MAX,
            servers: vec!["xmpp.dc.example:5223".parse().unwrap()],
            tls: TlsMode::Direct,
            trust,
            allow_plain: true,
            prepared: false,
        }
    }

    #[test]
    fn the_settings_say_what_the_code_says_and_hold_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place {
            config: folder.path().join("etc/agent.toml"),
            state: folder.path().join("state"),
            state_is_chosen: true,
        };
        let trust = ServerTrust::Authorities(vec![Certificate::from_der(vec![7; 99])]);
        let code = code(trust);
        let written =
            write(&code, &place, Some("test:///default")).unwrap_or_else(|_| unreachable!());
        let text = fs::read_to_string(&place.config).unwrap();
        assert!(!text.contains("sesame"));
        let settings = readable(&place.config, &text).unwrap_or_else(|_| unreachable!());
        assert_eq!(settings.jid, code.hypervisor);
        assert_eq!(settings.rules.admins, [code.inviter]);
        assert_eq!(settings.password, Password::Joined);
        assert_eq!(settings.libvirt_uri, "test:///default");
        assert_eq!(settings.state_dir, place.state);
        assert_eq!(settings.bus.hosts, code.servers);
        assert_eq!(settings.bus.tls, TlsMode::Direct);
        assert!(settings.bus.allow_plain);
        assert_eq!(settings.bus.ca_file, written.authorities);
        let pem = fs::read(written.authorities.unwrap()).unwrap();
        assert_eq!(Certificate::all_of_pem(&pem).unwrap().len(), 1);
        assert!(written.backup.is_none());
    }

    #[test]
    fn old_settings_are_kept_beside_the_new_ones() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("agent.toml");
        fs::write(&config, "mine").unwrap();
        assert!(refuse_existing(&config, false).is_err());
        assert!(refuse_existing(&config, true).is_ok());
        let place = Place {
            config,
            state: folder.path().to_owned(),
            state_is_chosen: false,
        };
        let written =
            write(&code(ServerTrust::System), &place, None).unwrap_or_else(|_| unreachable!());
        assert_eq!(fs::read_to_string(written.backup.unwrap()).unwrap(), "mine");
        assert!(written.authorities.is_none());
    }
}
