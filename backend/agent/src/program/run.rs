//! `run`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use archipel_bus::{End, LoginGate, Timing, TlsClient};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Drivers, EXIT_REFUSED, EXIT_SETTINGS, Failed, hostname, metrics, notify, runtime};
use crate::{
    account::Bus,
    agent::{Agent, AgentEnd, Parts, Status},
    calls::{Deadlines, Pools},
    clock::Clock,
    logging::{self, LogLevel, LogTail},
    settings::{Settings, SettingsError},
    store::Store,
};

/// Runs the agent until a signal or the bus ends it.
pub(super) fn run(path: &Path, drivers: Drivers) -> Result<(), Failed> {
    let settings = Settings::load(path)?;
    let (tail, level) = logging::start(&settings.log, settings.log_format)
        .map_err(|error| Failed::of(&error).with_code(EXIT_SETTINGS))?;
    let parts = parts(&settings, tail, drivers)?;
    if settings.rules.admins.is_empty() {
        tracing::warn!("`admins` is empty: nobody but holders of grants may use this agent");
    }
    let runtime = runtime()?;
    let process = Process {
        path: path.to_owned(),
        settings,
        level,
    };
    let end = runtime.block_on(process.live(parts));
    // A call that hangs in libvirt must not hold up the end of the process.
    runtime.shutdown_background();
    match end? {
        AgentEnd::Stopped => Ok(()),
        end if may_pass(&end) => Err(Failed::of(&end)),
        end @ (AgentEnd::Bus(_) | AgentEnd::Address(..)) => {
            Err(Failed::of(&end).with_code(EXIT_REFUSED))
        }
        end => Err(Failed::of(&end)),
    }
}

/// Whether a later attempt, which the service manager makes, may go well: a limit on traffic was met, or the server's certificate ran out.
fn may_pass(end: &AgentEnd) -> bool {
    matches!(end, AgentEnd::Bus(end) if end.is_curable() || matches!(end, End::Policy { .. }))
}

/// Everything that the settings name, opened.
fn parts(settings: &Settings, log: LogTail, drivers: Drivers) -> Result<Parts, Failed> {
    let tls = TlsClient::new(&settings.bus)
        .map_err(|error| Failed::of(&error).with_code(EXIT_SETTINGS))?;
    Ok(Parts {
        account: settings.jid.clone(),
        credentials: settings.credentials()?,
        hostname: hostname(),
        bus: Bus {
            settings: settings.bus.clone(),
            tls,
            gate: LoginGate::default(),
            timing: Timing::default(),
        },
        rules: settings.rules.clone(),
        vm_sessions: settings.vm_sessions,
        store: Store::open(&settings.state_dir).map_err(|error| Failed::of(&error))?,
        driver: (drivers.open)(&settings.libvirt_uri).map_err(|error| Failed::of(&error))?,
        pools: Pools::default(),
        deadlines: Deadlines::default(),
        clock: Clock::system(),
        log,
    })
}

/// The process around the agent.
struct Process {
    path: PathBuf,
    settings: Settings,
    level: LogLevel,
}

/// The figures for Prometheus, while the agent lives.
struct Watcher(tokio::task::JoinHandle<()>);

impl Watcher {
    fn start(address: SocketAddr, agent: &Agent) -> Self {
        let looker = agent.looker();
        Self(tokio::spawn(async move {
            if let Err(error) = metrics::serve(address, looker).await {
                tracing::error!(%error, %address, "no metrics; the agent goes on without");
            }
        }))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What the process listens to.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failed> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failed::new(format!("no signals can be had: {error}")))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }
}

impl Process {
    async fn live(mut self, parts: Parts) -> Result<AgentEnd, Failed> {
        let mut signals = Signals::listen()?;
        let mut agent = Agent::start(parts);
        let metrics = self.settings.metrics;
        let _metrics = metrics.map(|address| Watcher::start(address, &agent));
        let mut status = agent.status();
        let mut ready = false;
        loop {
            tokio::select! {
                _ = signals.interrupt.recv() => return Ok(stop(agent).await),
                _ = signals.terminate.recv() => return Ok(stop(agent).await),
                _ = signals.hangup.recv() => self.reload(&agent).await,
                end = agent.ended() => return Ok(end),
                Ok(()) = status.changed() => {
                    let now = status.borrow_and_update().clone();
                    notify::status(&now);
                    // A bus that is down must not hold up the start of the host.
                    if !std::mem::replace(&mut ready, now != Status::Starting) && ready {
                        notify::ready();
                    }
                }
            }
        }
    }

    /// Takes over what can be taken over; a broken file changes nothing.
    async fn reload(&mut self, agent: &Agent) {
        notify::reloading();
        match self.read_again() {
            Ok(settings) => {
                if !same_but_for_rules(&self.settings, &settings) {
                    tracing::warn!(
                        "only `admins`, `adopt`, `machine_folders` and `log` are taken over now; the rest takes effect after a restart"
                    );
                }
                agent.reload(settings.rules.clone()).await;
                self.settings = settings;
            }
            Err(error) => {
                tracing::error!(%error, "the settings were not taken over; the old ones stay in force");
            }
        }
        notify::ready();
    }

    fn read_again(&self) -> Result<Settings, SettingsError> {
        let settings = Settings::load(&self.path)?;
        let level = self.level.set(&settings.log);
        level.map_err(|why| SettingsError::Log(self.path.clone(), why))?;
        Ok(settings)
    }
}

fn same_but_for_rules(old: &Settings, new: &Settings) -> bool {
    let new = Settings {
        rules: old.rules.clone(),
        log: old.log.clone(),
        ..new.clone()
    };
    *old == new
}

async fn stop(agent: Agent) -> AgentEnd {
    notify::stopping();
    tracing::info!("stopping");
    agent.stop().await
}
