//! `check`.

use std::{path::Path, time::Duration};

use archipel_bus::{Account, Event, Options, TlsClient, connect};
use archipel_config::{BusSettings, Secret, TlsMode};
use archipel_hypervisor::Node;

use super::{Drivers, Failed, runtime, say};
use crate::{
    account::AccountError,
    agent::Credentials,
    settings::{Password, Settings},
    store::{FILE, Store},
};

/// How long the login may take.
const DEADLINE: Duration = Duration::from_secs(40);

/// Says what the settings would do, and tries it without changing anything.
pub(super) fn check(path: &Path, drivers: Drivers) -> Result<(), Failed> {
    let settings = Settings::load(path)?;
    say(format_args!("settings  {}", path.display()));
    say(format_args!("account   {}", settings.jid));
    say(format_args!("bus       {}", way(&settings)));
    say(format_args!("admins    {}", admins(&settings)));
    let state = settings.state_dir.display();
    say(format_args!("state     {state}"));
    let libvirt = (drivers.check)(&settings.libvirt_uri)
        .map(|node| node_text(&node))
        .map_err(|error| error.to_string());
    let libvirt = tell("libvirt ", &settings.libvirt_uri, &libvirt);
    let login = tell("login   ", settings.jid.as_str(), &login(&settings));
    if libvirt && login {
        return Ok(());
    }
    Err(Failed::new("the agent would not work as it is set up"))
}

/// One line, for better or worse; says which.
fn tell(what: &str, on: &str, result: &Result<String, String>) -> bool {
    match result {
        Ok(text) => say(format_args!("{what}  ok: {on}: {text}")),
        Err(text) => say(format_args!("{what}  FAILED: {on}: {text}")),
    }
    result.is_ok()
}

fn way(settings: &Settings) -> String {
    let BusSettings {
        hosts,
        tls,
        ca_file,
        pinned,
        ..
    } = &settings.bus;
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let server = if hosts.is_empty() {
        format!("found by the domain {}", settings.jid.domain())
    } else {
        hosts.join(", then ")
    };
    let protection = match tls {
        TlsMode::Starttls => "STARTTLS",
        TlsMode::Direct => "TLS from the first byte",
        TlsMode::ClearTextOnLoopback => return format!("{server}, clear text on loopback"),
    };
    let trust = match (pinned, ca_file) {
        (Some(pinned), _) => format!("the certificate {pinned}"),
        (None, Some(file)) => format!("the authority in {}", file.display()),
        (None, None) => "the system's authorities".to_owned(),
    };
    format!("{server}, {protection}, trusting {trust}")
}

fn admins(settings: &Settings) -> String {
    let admins: Vec<&str> = settings
        .rules
        .admins
        .iter()
        .map(|jid| jid.as_str())
        .collect();
    if admins.is_empty() {
        return "nobody: only holders of grants may use this agent".to_owned();
    }
    admins.join(", ")
}

fn node_text(node: &Node) -> String {
    let version = |packed: u64| {
        let (major, minor, release) = (packed / 1_000_000, packed / 1_000 % 1_000, packed % 1_000);
        format!("{major}.{minor}.{release}")
    };
    format!(
        "{}, {} {}, libvirt {}",
        node.hostname,
        node.driver,
        version(node.driver_version),
        version(node.libvirt_version)
    )
}

fn login(settings: &Settings) -> Result<String, String> {
    let credentials = settings.credentials().map_err(|error| error.to_string())?;
    let tls = TlsClient::new(&settings.bus).map_err(|error| error.to_string())?;
    let runtime = runtime().map_err(|failed| failed.text)?;
    runtime.block_on(async {
        match secret(settings, credentials).await? {
            Some(secret) => log_in(settings, tls, secret).await,
            None if settings.password == Password::Joined => {
                Err(AccountError::NotJoined(settings.jid.clone()).to_string())
            }
            None => Ok("not tried: the agent registers the account at its first start".to_owned()),
        }
    })
}

/// The password, or the secret that an agent has stored. A check makes no store: its owner would be the wrong user.
async fn secret(settings: &Settings, credentials: Credentials) -> Result<Option<Secret>, String> {
    if let Credentials::Password(secret) = credentials {
        return Ok(Some(secret));
    }
    if !settings.state_dir.join(FILE).exists() {
        return Ok(None);
    }
    let store = Store::open(&settings.state_dir).map_err(|error| error.to_string())?;
    let stored = store.secret(&settings.jid).await;
    let stored = stored.map_err(|error| error.to_string())?;
    let confirmed = stored.filter(|stored| stored.confirmed);
    Ok(confirmed.map(|stored| stored.secret))
}

/// Under a resource of its own: an agent that runs must not be thrown out.
async fn log_in(settings: &Settings, tls: TlsClient, secret: Secret) -> Result<String, String> {
    let account = Account {
        jid: settings.jid.clone(),
        resource: Some(format!("check-{}", std::process::id())),
        secret,
    };
    let options = Options {
        give_up_on_first_failure: true,
        ..Options::new(account, settings.bus.clone(), tls)
    };
    let (session, mut events) = connect(options);
    let first = tokio::time::timeout(DEADLINE, events.next()).await;
    session.stop();
    match first {
        Ok(Some(Event::Reset { .. })) => Ok("logged in".to_owned()),
        Ok(Some(Event::Ended(end))) => Err(end.to_string()),
        Ok(Some(Event::Suspended { reason, .. })) => Err(reason),
        _ => Err("the server does not answer".to_owned()),
    }
}
