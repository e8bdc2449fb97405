//! A private XMPP server, Prosody or ejabberd, behind one type.

mod cluster;
mod crowd;
mod ejabberd;
mod fleet;
mod options;
mod prosody;
mod ready;
mod scram;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context as _, Result, anyhow};

use crate::{Pki, Process, Scratch, free_ports};

pub use archipel_servers::ServerKind;
pub use cluster::Cluster;
pub use crowd::Crowd;
pub use options::{Encryption, Limits, Profile, ServerOptions};

/// Starts private Prosody servers.
#[derive(Debug)]
pub struct Prosody;

impl Prosody {
    /// A Prosody that answers (half a second).
    ///
    /// # Errors
    ///
    /// As [`XmppServer::start`].
    pub async fn start(options: ServerOptions) -> Result<XmppServer> {
        XmppServer::start(ServerKind::Prosody, options).await
    }
}

/// Starts private ejabberd servers.
#[derive(Debug)]
pub struct Ejabberd;

impl Ejabberd {
    /// An ejabberd that answers (three seconds).
    ///
    /// # Errors
    ///
    /// As [`XmppServer::start`].
    pub async fn start(options: ServerOptions) -> Result<XmppServer> {
        XmppServer::start(ServerKind::Ejabberd, options).await
    }
}

/// A running private server. Dropping it kills it and removes its folder.
#[derive(Debug)]
pub struct XmppServer {
    /// Declared before the folder: the process must be gone when the folder goes.
    process: Process,
    site: Site,
    pki: Pki,
}

/// What a server is made of, besides its process.
#[derive(Debug)]
struct Site {
    kind: ServerKind,
    options: ServerOptions,
    address: Ipv4Addr,
    /// Its name among other Erlang machines (ejabberd).
    node: String,
    ports: Ports,
    scratch: Scratch,
    /// Empty at first. ejabberd writes accounts late ([`ejabberd::settle`]).
    latest_account: Mutex<String>,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    starttls: u16,
    tls: u16,
    https: u16,
    distribution: u16,
}

impl XmppServer {
    /// Starts a server of this kind and waits until it answers a stream header with its features.
    ///
    /// # Errors
    ///
    /// When the program is not installed, ends at once, or does not answer; the text names its log.
    pub async fn start(kind: ServerKind, options: ServerOptions) -> Result<XmppServer> {
        let site = Site::new(kind, options)?;
        let pki = Pki::create(&site.options.domain, &site.folder().join("certs"))?;
        let server = XmppServer::run(site, pki).await?;
        if kind == ServerKind::Ejabberd {
            ejabberd::furnish(&server.site).await?;
        }
        Ok(server)
    }

    /// Writes the site's files and waits until the server answers.
    async fn run(site: Site, pki: Pki) -> Result<XmppServer> {
        if site.options.profile == Profile::Fleet {
            fleet::write(&site)?;
        }
        match site.kind {
            ServerKind::Prosody => prosody::prepare(&site)?,
            ServerKind::Ejabberd => ejabberd::prepare(&site)?,
        }
        let mut process = site.spawn()?;
        site.wait_until_it_answers(&mut process).await?;
        Ok(XmppServer { process, site, pki })
    }

    /// Which server this is.
    pub fn kind(&self) -> ServerKind {
        self.site.kind
    }

    /// The domain it serves.
    pub fn domain(&self) -> &str {
        &self.site.options.domain
    }

    /// Where it takes clients that begin in clear text: STARTTLS, or no TLS at all ([`Encryption::ClearText`]).
    pub fn starttls_addr(&self) -> SocketAddr {
        (self.site.address, self.site.ports.starttls).into()
    }

    /// Where it takes clients that begin with TLS (XEP-0368).
    pub fn tls_addr(&self) -> SocketAddr {
        (self.site.address, self.site.ports.tls).into()
    }

    /// Where it takes browsers (BOSH and websocket over TLS); under [`Profile::Fleet`] only.
    pub fn https_addr(&self) -> SocketAddr {
        (self.site.address, self.site.ports.https).into()
    }

    /// The certificate of the authority that signed the server's certificate.
    pub fn ca_pem_path(&self) -> &Path {
        self.pki.ca_path()
    }

    /// Its certificate and the authority's.
    pub fn pki(&self) -> &Pki {
        &self.pki
    }

    /// Its own folder: configuration, data, logs.
    pub fn folder(&self) -> &Path {
        self.site.folder()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Creates an account; an existing one gets the new password.
    ///
    /// # Errors
    ///
    /// When the account cannot be stored.
    pub async fn add_user(&self, name: &str, password: &str) -> Result<()> {
        match self.site.kind {
            ServerKind::Prosody => prosody::store_account(&self.site, name, password),
            ServerKind::Ejabberd => ejabberd::register(&self.site, name, password).await,
        }
    }

    /// Ends it the polite way and waits; data and ports stay for [`XmppServer::restart`].
    pub async fn stop(&mut self) {
        self.process.stop().await;
    }

    /// Kills it, as a crash would, and waits. Accounts made by the lab are kept.
    pub async fn kill(&mut self) {
        if self.kind() == ServerKind::Ejabberd && self.process.is_running() {
            // A crash that comes before they are written is a crash all the same.
            let _ = ejabberd::settle(&self.site).await;
        }
        self.process.kill().await;
    }

    /// Starts it again on the same ports with the same data; stops it before if it runs.
    ///
    /// # Errors
    ///
    /// As [`XmppServer::start`].
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await;
        self.process = self.site.spawn()?;
        self.site.wait_until_it_answers(&mut self.process).await
    }
}

impl Site {
    fn new(kind: ServerKind, options: ServerOptions) -> Result<Site> {
        if let Some(reason) = crate::missing(kind.programs()) {
            return Err(anyhow!(reason).context(format!("could not start a private {kind}")));
        }
        let ports = free_ports(4)?;
        let ports = Ports {
            starttls: ports[0],
            tls: ports[1],
            https: ports[2],
            distribution: ports[3],
        };
        Ok(Site {
            kind,
            options,
            address: Ipv4Addr::LOCALHOST,
            node: format!("lab{}@localhost", ports.distribution),
            ports,
            scratch: Scratch::new()?,
            latest_account: Mutex::default(),
        })
    }

    fn folder(&self) -> &Path {
        self.scratch.path()
    }

    fn output(&self) -> PathBuf {
        self.folder().join("output")
    }

    fn spawn(&self) -> Result<Process> {
        let command: Command = match self.kind {
            ServerKind::Prosody => prosody::command(self)?,
            ServerKind::Ejabberd => ejabberd::command(self)?,
        };
        Process::spawn(&self.kind.to_string(), command, &self.output())
    }

    async fn wait_until_it_answers(&self, process: &mut Process) -> Result<()> {
        let address = SocketAddr::from((self.address, self.ports.starttls));
        ready::wait(address, &self.options.domain, process)
            .await
            .with_context(|| {
                let said = std::fs::read_to_string(self.output()).unwrap_or_default();
                let kind = self.kind;
                format!(
                    "the private {kind} in `{}` is not ready; it said: {said}",
                    self.folder().display()
                )
            })
    }

    /// The values every template of a server uses.
    fn values(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DIR", self.folder().display().to_string()),
            ("ADDRESS", self.address.to_string()),
            ("NODE", self.node.clone()),
            ("DOMAIN", self.options.domain.clone()),
            ("PORT", self.ports.starttls.to_string()),
            ("TLS_PORT", self.ports.tls.to_string()),
            ("DIST_PORT", self.ports.distribution.to_string()),
        ]
    }

    fn write_rendered(
        &self,
        name: &str,
        template: &str,
        values: &[(&'static str, String)],
    ) -> Result<PathBuf> {
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.scratch
            .write(name, &crate::template::render(template, &values))
    }
}
