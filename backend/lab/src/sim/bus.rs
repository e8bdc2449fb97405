//! The bus of a simulated fleet: a private server that has all accounts, or one that is there already.

use std::net::{SocketAddr, ToSocketAddrs as _};

use anyhow::{Context as _, Result};
use archipel_agent::{Bus, Credentials};
use archipel_bus::{LoginGate, Timing, TlsClient};
use archipel_config::{BusSettings, Endpoint, Secret};
use archipel_protocol::BareJid;

use super::{Blueprint, Options};
use crate::profile::Content;
use crate::{Crowd, Profile, Scratch, ServerKind, ServerOptions, XmppServer};

/// The domain of a private server.
const DOMAIN: &str = "dc.example";

/// The operator's account on a private server.
const OPERATOR: &str = "admin";

/// The hostile peer's account on a private server. Nobody has it in a roster.
const STRANGER: &str = "mallory";

/// Which bus.
#[derive(Debug, Clone)]
pub enum BusChoice {
    /// A server that the simulation starts, with all accounts, and with the operator and the hypervisors in each other's
    /// rosters.
    Private {
        /// Which server.
        kind: ServerKind,
        /// Its configuration.
        profile: Profile,
    },
    /// A server that runs already.
    Existing(Box<ExistingBus>),
}

/// A server that runs already.
#[derive(Debug, Clone)]
pub struct ExistingBus {
    /// Where it is.
    pub settings: BusSettings,
    /// The domain of the accounts.
    pub domain: String,
    /// How the hypervisors log in, each into the account of its name.
    pub login: Credentials,
    /// Who may do everything with the machines.
    pub operators: Vec<BareJid>,
}

/// An account, with all that is needed to use it.
#[derive(Debug, Clone)]
pub struct Access {
    /// The account.
    pub jid: BareJid,
    /// Its password.
    pub secret: Secret,
    /// The way to the server.
    pub settings: BusSettings,
}

impl Access {
    /// The text of a profile of the operator's program. The password goes into a file in `folder`.
    pub(crate) fn profile(&self, of: &str, folder: &Scratch, groups: &[String]) -> Result<String> {
        let settings = &self.settings;
        let password = folder.write("operator.password", self.secret.expose())?;
        let bus = settings.hosts.first().context("a bus without an address")?;
        let ca_file = settings
            .ca_file
            .as_deref()
            .context("a bus without an authority")?;
        let content = Content {
            of,
            folder: folder.path(),
            jid: self.jid.as_str(),
            password_file: &password,
            groups,
            bus: &bus.to_string(),
            ca_file,
        };
        Ok(content.text())
    }
}

/// A bus with accounts.
#[derive(Debug)]
pub(crate) struct FleetBus {
    server: Option<XmppServer>,
    settings: BusSettings,
    tls: TlsClient,
    gate: LoginGate,
    domain: String,
    login: Credentials,
    operators: Vec<BareJid>,
    /// The passwords of operator and stranger, where the bus is private.
    password: Option<Secret>,
}

impl FleetBus {
    /// Starts or finds it.
    pub(crate) async fn open(options: &Options, fleet: &Blueprint) -> Result<FleetBus> {
        match &options.bus {
            BusChoice::Private { kind, profile } => {
                let server = ServerOptions::new(DOMAIN).profile(*profile);
                // Each machine makes its own account.
                let server = if options.vm_sessions {
                    server.registration()
                } else {
                    server
                };
                FleetBus::start(*kind, server, fleet).await
            }
            BusChoice::Existing(existing) => FleetBus::find(existing),
        }
    }

    async fn start(kind: ServerKind, server: ServerOptions, fleet: &Blueprint) -> Result<FleetBus> {
        let (agents, password) = (random_password(), random_password());
        let crowd = Crowd {
            password: agents.clone(),
            watchers: vec![OPERATOR.to_owned()],
            groups: fleet.sites(),
        };
        let options = server
            .account(OPERATOR, &password)
            .account(STRANGER, &password)
            .crowd(crowd);
        let server = XmppServer::start(kind, options).await?;
        let settings = BusSettings {
            hosts: vec![endpoint(server.starttls_addr())],
            ca_file: Some(server.ca_pem_path().to_owned()),
            ..BusSettings::default()
        };
        Ok(FleetBus {
            tls: trust(&settings)?,
            settings,
            server: Some(server),
            gate: LoginGate::default(),
            domain: DOMAIN.to_owned(),
            login: Credentials::Password(Secret::new(agents)),
            operators: vec![jid(OPERATOR, DOMAIN)?],
            password: Some(Secret::new(password)),
        })
    }

    fn find(existing: &ExistingBus) -> Result<FleetBus> {
        Ok(FleetBus {
            server: None,
            tls: trust(&existing.settings)?,
            settings: existing.settings.clone(),
            gate: LoginGate::default(),
            domain: existing.domain.clone(),
            login: existing.login.clone(),
            operators: existing.operators.clone(),
            password: None,
        })
    }

    /// The private server.
    pub(crate) fn server(&mut self) -> Option<&mut XmppServer> {
        self.server.as_mut()
    }

    /// A hypervisor's account.
    pub(crate) fn account(&self, name: &str) -> Result<BareJid> {
        jid(name, &self.domain)
    }

    /// How hypervisors log in.
    pub(crate) fn login(&self) -> &Credentials {
        &self.login
    }

    /// Who may do everything.
    pub(crate) fn operators(&self) -> &[BareJid] {
        &self.operators
    }

    /// Where a proxy forwards to.
    pub(crate) fn address(&self) -> Result<SocketAddr> {
        let endpoint = self
            .settings
            .hosts
            .first()
            .context("a bus without an address")?;
        let mut found = (endpoint.host.as_str(), endpoint.port).to_socket_addrs()?;
        found
            .next()
            .with_context(|| format!("no address for {endpoint}"))
    }

    /// What an agent is told of the bus, with another way to the server if there is a proxy before it.
    pub(crate) fn of_agent(&self, way: Option<SocketAddr>) -> Bus {
        let mut settings = self.settings.clone();
        if let Some(way) = way {
            settings.hosts = vec![endpoint(way)];
        }
        Bus {
            settings,
            tls: self.tls.clone(),
            gate: self.gate.clone(),
            timing: Timing::default(),
        }
    }

    /// The operator's account on a private server.
    pub(crate) fn operator(&self) -> Option<Access> {
        self.access(OPERATOR)
    }

    /// The account of somebody without any rights on a private server.
    pub(crate) fn stranger(&self) -> Option<Access> {
        self.access(STRANGER)
    }

    fn access(&self, name: &str) -> Option<Access> {
        Some(Access {
            jid: self.account(name).ok()?,
            secret: self.password.clone()?,
            settings: self.settings.clone(),
        })
    }

    /// Ends the private server.
    pub(crate) async fn stop(mut self) {
        if let Some(server) = &mut self.server {
            server.stop().await;
        }
    }
}

fn trust(settings: &BusSettings) -> Result<TlsClient> {
    TlsClient::new(settings).context("the bus cannot be trusted")
}

fn jid(name: &str, domain: &str) -> Result<BareJid> {
    BareJid::new(&format!("{name}@{domain}"))
        .with_context(|| format!("`{name}@{domain}` is no address"))
}

fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint {
        host: address.ip().to_string(),
        port: address.port(),
    }
}

fn random_password() -> String {
    format!("{:032x}", rand::random::<u128>())
}
