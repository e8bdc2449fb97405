//! The demo's private Prosody.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{ADMIN, Choices, REAL_HOST};
use crate::{Prosody, Scratch, ServerOptions, XmppServer};

/// The domain of every account.
pub(super) const DOMAIN: &str = "dc.example";

/// The shared roster groups with their hypervisors; the operator is in each.
const GROUPS: [(&str, &[&str]); 2] = [
    ("rack-a", &["hv01", "hv02"]),
    ("rack-b", &["hv03", REAL_HOST]),
];

/// The bus, and a password for each account on it.
pub(super) struct Bus {
    server: XmppServer,
    scratch: Scratch,
    password_files: HashMap<&'static str, PathBuf>,
}

impl Bus {
    /// Starts Prosody with an account for the operator and one for each hypervisor, all with random passwords.
    pub(super) async fn start(choices: Choices) -> Result<Bus> {
        let scratch = Scratch::new()?;
        // Open registration, on loopback alone: each machine makes its own account and becomes a contact.
        let mut options = ServerOptions::new(DOMAIN).registration();
        let mut password_files = HashMap::new();
        for name in choices.hosts().into_iter().chain([ADMIN]) {
            let password = format!("{:032x}", rand::random::<u128>());
            password_files.insert(name, scratch.write(format!("{name}.password"), &password)?);
            options = options.account(name, password);
        }
        for (group, hosts) in GROUPS {
            let members = hosts.iter().filter(|host| choices.hosts().contains(host));
            options = options.group(group, members.chain([&ADMIN]).map(|name| jid(name)));
        }
        let server = Prosody::start(options).await?;
        Ok(Bus {
            server,
            scratch,
            password_files,
        })
    }

    /// Where clients connect.
    pub(super) fn address(&self) -> SocketAddr {
        self.server.starttls_addr()
    }

    /// The authority that signed its certificate.
    pub(super) fn ca_file(&self) -> &Path {
        self.server.ca_pem_path()
    }

    /// The file (0600) with the account's password.
    pub(super) fn password_file(&self, name: &str) -> Result<&Path> {
        let file = self.password_files.get(name);
        file.map(PathBuf::as_path)
            .with_context(|| format!("no account `{name}` on the demo's bus"))
    }

    /// The folder that holds the passwords.
    pub(super) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// Stops the server.
    pub(super) async fn stop(mut self) {
        self.server.stop().await;
    }
}

/// The names of the groups whose members the operator trusts.
pub(super) fn groups() -> impl Iterator<Item = &'static str> {
    GROUPS.into_iter().map(|(name, _)| name)
}

/// An account's bare JID.
pub(super) fn jid(name: &str) -> String {
    format!("{name}@{DOMAIN}")
}
