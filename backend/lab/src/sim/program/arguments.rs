//! What the program is told.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use archipel_agent::Credentials;
use archipel_config::{BusSettings, Endpoint, Secret, TlsMode};
use archipel_protocol::BareJid;
use clap::{Args, Parser, ValueEnum};

use crate::sim::{BusChoice, ExistingBus, FleetSize, Options, Scenario, Span};
use crate::{Profile, ServerKind};

/// Simulates a fleet: real agents on simulated hypervisors, in one process, on a real bus.
///
/// Without more it starts a private Prosody, puts all agents on it, writes an operator's profile and stays until Ctrl-C:
/// `archipel --profile sim` in another terminal shows the fleet.
#[derive(Debug, Parser)]
#[command(name = "archipel-fleet-sim", version, max_term_width = 100)]
pub(super) struct Arguments {
    /// Hypervisors x machines on each.
    #[arg(default_value = "100x16", value_name = "HOSTSxMACHINES")]
    pub(super) size: FleetSize,

    /// Decides names, sizes, states, loads and events: the same seed gives the same fleet.
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,

    /// Each machine is a contact with a session of its own (one descriptor more per machine).
    #[arg(long)]
    pub(super) vm_sessions: bool,

    /// Keeps the agents' stores in this folder, for the next start. Otherwise they are removed at the end.
    #[arg(long, value_name = "FOLDER")]
    pub(super) state: Option<PathBuf>,

    /// Ends by itself after this time, such as 90s, 5min or 1h.
    #[arg(long = "for", value_name = "TIME")]
    pub(super) lasting: Option<Span>,

    /// What happens: one of those that --scenarios lists, or a file. It is played again and again.
    #[arg(long, default_value = "steady", value_name = "NAME|FILE")]
    scenario: String,

    /// How often the scenario is played; then the program ends.
    #[arg(long, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) times: Option<u32>,

    /// Lists the scenarios that come with the program, and ends.
    #[arg(long)]
    pub(super) scenarios: bool,

    /// Logs in as an operator, says when it sees the whole fleet and compares what it sees with the truth at the end; a
    /// difference then is a failure (exit code 1).
    #[arg(long)]
    pub(super) check: bool,

    /// The operator's profile that is written for the time of the simulation.
    #[arg(long, default_value = "sim", value_name = "NAME")]
    pub(super) profile: archipel_config::ProfileName,

    #[command(flatten)]
    private: Private,

    #[command(flatten)]
    existing: Existing,
}

/// A bus of the simulation's own.
#[derive(Debug, Args)]
#[command(next_help_heading = "A private bus")]
struct Private {
    /// Which server is started.
    #[arg(long, value_enum, default_value_t = Server::Prosody)]
    server: Server,

    /// Its configuration.
    #[arg(long, value_enum, default_value_t = Configuration::Fleet)]
    configuration: Configuration,
}

/// A bus that is there already.
#[derive(Debug, Args)]
#[command(next_help_heading = "A bus that is there already")]
struct Existing {
    /// Where it is, in place of a private one.
    #[arg(long, value_name = "HOST:PORT", requires = "domain", conflicts_with_all = ["server", "configuration", "check"])]
    bus: Option<Endpoint>,

    /// The domain of the accounts; the hypervisors are hv01, hv02 and so on there.
    #[arg(long)]
    domain: Option<String>,

    /// How the connection is protected.
    #[arg(long, value_enum, default_value_t = Tls::Starttls)]
    tls: Tls,

    /// The authority that signed the server's certificate, if it is none of the system's.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,

    /// A file with the one password of all hypervisors' accounts. Without it each registers its own account.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,

    /// Who may do everything with the machines; may come more than once.
    #[arg(long, value_name = "JID")]
    operator: Vec<BareJid>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Server {
    Prosody,
    Ejabberd,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Configuration {
    /// The one that Archipel ships for fleets.
    Fleet,
    /// With the limits of the distribution: 10 kB/s (Prosody) or 3 kB/s (ejabberd) per client.
    Stock,
    /// Without any limits.
    Open,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Tls {
    Starttls,
    Direct,
    ClearTextOnLoopback,
}

impl Arguments {
    /// The simulation that is asked for.
    pub(super) fn options(&self, scenario: &Scenario) -> Result<Options> {
        let options = Options::new(self.size)
            .seed(self.seed)
            .bus(self.bus()?)
            .scenario(scenario);
        let options = if self.vm_sessions {
            options.vm_sessions()
        } else {
            options
        };
        Ok(match &self.state {
            Some(folder) => options.state(folder.clone()),
            None => options,
        })
    }

    /// What shall happen.
    pub(super) fn scenario(&self) -> Result<Scenario> {
        Ok(Scenario::find(&self.scenario)?)
    }

    /// How long it shall last; `None`: until it is interrupted.
    pub(super) fn lasting(&self) -> Option<Duration> {
        self.lasting.map(Duration::from)
    }

    /// The server, for people.
    pub(super) fn bus_name(&self) -> String {
        let private = &self.private;
        match (&self.existing.bus, private.configuration) {
            (Some(endpoint), _) => format!("the bus at {endpoint}"),
            (None, Configuration::Stock) => {
                format!("a private {} with stock limits", private.server.kind())
            }
            (None, _) => format!("a private {}", private.server.kind()),
        }
    }

    fn bus(&self) -> Result<BusChoice> {
        match &self.existing.bus {
            Some(endpoint) => self.existing.choice(endpoint),
            None => Ok(BusChoice::Private {
                kind: self.private.server.kind(),
                profile: self.private.configuration.profile(),
            }),
        }
    }
}

impl Existing {
    fn choice(&self, endpoint: &Endpoint) -> Result<BusChoice> {
        let settings = BusSettings {
            hosts: vec![endpoint.clone()],
            tls: self.tls.mode(),
            ca_file: self.ca_file.clone(),
            ..BusSettings::default()
        };
        Ok(BusChoice::Existing(Box::new(ExistingBus {
            settings,
            domain: self.domain.clone().unwrap_or_default(),
            login: self.login()?,
            operators: self.operator.clone(),
        })))
    }

    fn login(&self) -> Result<Credentials> {
        let Some(file) = &self.password_file else {
            return Ok(Credentials::Registered);
        };
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("could not read the password in `{}`", file.display()))?;
        Ok(Credentials::Password(Secret::new(
            text.trim_end().to_owned(),
        )))
    }
}

impl Server {
    fn kind(self) -> ServerKind {
        match self {
            Server::Prosody => ServerKind::Prosody,
            Server::Ejabberd => ServerKind::Ejabberd,
        }
    }
}

impl Configuration {
    fn profile(self) -> Profile {
        match self {
            Configuration::Fleet => Profile::Fleet,
            Configuration::Stock => Profile::Stock,
            Configuration::Open => Profile::Open,
        }
    }
}

impl Tls {
    fn mode(self) -> TlsMode {
        match self {
            Tls::Starttls => TlsMode::Starttls,
            Tls::Direct => TlsMode::Direct,
            Tls::ClearTextOnLoopback => TlsMode::ClearTextOnLoopback,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_sound() {
        Arguments::command().debug_assert();
    }
}
