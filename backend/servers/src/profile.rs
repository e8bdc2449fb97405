//! What a shipped profile is filled with.

use std::path::{Path, PathBuf};

use archipel_protocol::BareJid;

use crate::{Domain, Groups, Network, ServerKind, ejabberd, prosody};

/// A bus for a fleet.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The domain it serves.
    pub domain: Domain,
    /// Who administers it: the first operators. They have every hypervisor in their contact lists.
    pub operators: Vec<BareJid>,
    /// Who may make accounts.
    pub registration: Registration,
    /// Where it listens.
    pub listen: Listen,
    /// Where its files are.
    pub site: Site,
}

/// In-band registration (XEP-0077).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Registration {
    /// Nobody: accounts are made by operators.
    #[default]
    Off,
    /// Whoever connects from these networks. Meant for agents that make accounts for their machines.
    From(Vec<Network>),
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// The address, `::` for all.
    pub address: String,
    /// STARTTLS.
    pub port: u16,
    /// TLS from the first byte.
    pub tls_port: u16,
    /// BOSH and websocket.
    pub https_port: u16,
}

impl Listen {
    /// Everywhere, on the ports that everybody expects.
    pub fn usual(kind: ServerKind) -> Self {
        let https_port = match kind {
            ServerKind::Prosody => 5281,
            ServerKind::Ejabberd => 5443,
        };
        Self {
            address: "::".to_owned(),
            port: 5222,
            tls_port: 5223,
            https_port,
        }
    }
}

/// Where the server's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The profile itself.
    pub profile: PathBuf,
    /// What belongs to it: groups and modules (Prosody).
    pub folder: PathBuf,
    /// The certificate, and whatever leads to its authority (PEM).
    pub certificate: PathBuf,
    /// The certificate's key (PEM).
    pub key: PathBuf,
    /// The socket for administration (ejabberd).
    pub socket: PathBuf,
    /// What systemd is told about the service (Prosody); absent: nothing.
    pub service: Option<PathBuf>,
}

impl Site {
    /// As Debian's packages lay it out.
    pub fn installed(kind: ServerKind, domain: &Domain) -> Self {
        let (configuration, profile, state) = match kind {
            ServerKind::Prosody => (
                "/etc/prosody",
                "conf.d/archipel.cfg.lua",
                "/var/lib/prosody",
            ),
            ServerKind::Ejabberd => ("/etc/ejabberd", "ejabberd.yml", "/var/lib/ejabberd"),
        };
        let configuration = Path::new(configuration);
        let certificates = match kind {
            ServerKind::Prosody => configuration.join("certs"),
            ServerKind::Ejabberd => configuration.to_owned(),
        };
        Self {
            profile: configuration.join(profile),
            folder: configuration.join("archipel"),
            certificate: certificates.join(format!("{domain}.crt")),
            key: certificates.join(format!("{domain}.key")),
            socket: Path::new(state).join("archipel.sock"),
            service: (kind == ServerKind::Prosody)
                .then(|| "/etc/systemd/system/prosody.service.d/archipel.conf".into()),
        }
    }
}

/// A file that a profile consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileFile {
    /// Where it belongs.
    pub path: PathBuf,
    /// What stands in it. No secret.
    pub content: String,
    /// Whether people add to it, so that one that exists is left alone.
    pub grows: bool,
}

/// A path that cannot stand in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the path `{}` cannot stand in a server's configuration: it must be absolute text without control characters", .0.display())]
pub struct UnusablePath(PathBuf);

impl Profile {
    /// The files of the profile; the first is the configuration itself.
    pub fn files(&self, kind: ServerKind) -> Result<Vec<ProfileFile>, UnusablePath> {
        match kind {
            ServerKind::Prosody => prosody::files(self),
            ServerKind::Ejabberd => ejabberd::files(self),
        }
    }

    /// The groups that a new bus begins with.
    pub fn groups(&self) -> Groups {
        Groups {
            operators: self.operators.clone(),
            hypervisors: Vec::new(),
        }
    }
}

/// A path as text between quotes.
pub(crate) fn quotable(path: &Path) -> Result<String, UnusablePath> {
    let text = path
        .to_str()
        .filter(|text| path.is_absolute() && !text.contains(char::is_control));
    text.map(crate::template::quoted)
        .ok_or_else(|| UnusablePath(path.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn profile(kind: ServerKind, registration: Registration) -> Profile {
        let domain: Domain = "dc.example".parse().unwrap();
        Profile {
            operators: vec![
                "admin@dc.example".parse().unwrap(),
                r"o\20hara@dc.example".parse().unwrap(),
            ],
            registration,
            listen: Listen::usual(kind),
            site: Site::installed(kind, &domain),
            domain,
        }
    }

    #[test]
    fn every_place_is_filled() {
        for kind in ServerKind::ALL {
            for registration in [
                Registration::Off,
                Registration::From(vec!["10.0.0.0/8".parse().unwrap()]),
            ] {
                let files = profile(kind, registration).files(kind).unwrap();
                for file in files {
                    assert!(!file.content.contains("{{"), "{}", file.path.display());
                }
            }
        }
    }

    #[test]
    fn registration_is_for_the_named_networks_or_nobody() {
        for (kind, module) in [
            (ServerKind::Prosody, "\"register_ibr\""),
            (ServerKind::Ejabberd, "access: register"),
        ] {
            let text = |registration| {
                profile(kind, registration)
                    .files(kind)
                    .unwrap()
                    .remove(0)
                    .content
            };
            let off = text(Registration::Off);
            assert!(
                !off.contains("10.0.0.0/8") && !off.contains(module),
                "{kind}"
            );
            let on = text(Registration::From(vec!["10.0.0.0/8".parse().unwrap()]));
            assert!(on.contains("10.0.0.0/8") && on.contains(module), "{kind}");
        }
    }

    #[test]
    fn a_path_with_a_line_break_is_refused() {
        let mut profile = profile(ServerKind::Prosody, Registration::Off);
        profile.site.key = "/etc/x\nadmins = {}".into();
        assert!(profile.files(ServerKind::Prosody).is_err());
    }
}
