//! ejabberd's configuration, accounts and command line.

mod dump;

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::sync::PoisonError;

use anyhow::{Context as _, Result, bail};
use archipel_servers::EjabberdApi;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::options::{RAISED_STANZA, STOCK_STANZA};
use super::{Crowd, Encryption, Profile, Site, scram};
use crate::program;
use crate::wait::{Patience, until};

const CONFIGURATION: &str = include_str!("../../assets/ejabberd.yml");
const CONTROL: &str = include_str!("../../assets/ejabberdctl.cfg");

/// Name look-ups of the Erlang machine: the lab needs localhost only.
const INETRC: &str = "{lookup,[\"file\",\"native\"]}.\n{host,{127,0,0,1}, [\"localhost\"]}.\n";

/// Every mechanism but PLAIN that ejabberd could offer.
const NOT_PLAIN: &str = r#""x-oauth2", "digest-md5", "scram-sha-1", "scram-sha-1-plus", "scram-sha-256", "scram-sha-256-plus", "scram-sha-512", "scram-sha-512-plus""#;

/// Writes configuration and a control script of its own.
pub(super) fn prepare(site: &Site) -> Result<()> {
    let mut values = site.values();
    values.extend(choices(site));
    if site.options.profile != Profile::Fleet {
        site.write_rendered("ejabberd.yml", CONFIGURATION, &values)?;
    }
    site.write_rendered("ejabberdctl.cfg", CONTROL, &values)?;
    site.scratch.write("inetrc", INETRC)?;
    copy_control_script(site)
}

/// The installed script insists on the system's ejabberd user; a copy without that name runs as whoever starts it.
fn copy_control_script(site: &Site) -> Result<()> {
    let installed = program("ejabberdctl").context("ejabberd is not installed")?;
    let text = std::fs::read_to_string(&installed)
        .with_context(|| format!("could not read `{}`", installed.display()))?;
    let free: String = text
        .lines()
        .map(|line| {
            if line.starts_with("INSTALLUSER=") {
                "INSTALLUSER="
            } else {
                line
            }
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let copy = site.scratch.write("ejabberdctl", &free)?;
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o700))?;
    Ok(())
}

/// Runs in the foreground.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the other server's command can fail"
)]
pub(super) fn command(site: &Site) -> Result<Command> {
    let mut command = control(site);
    command.arg("foreground");
    Ok(command)
}

/// The server's control script. `HOME` holds the Erlang cookie.
pub(super) fn control(site: &Site) -> Command {
    let folder = site.folder();
    let mut command = Command::new(folder.join("ejabberdctl"));
    command
        .arg("--config-dir")
        .arg(folder)
        .arg("--config")
        .arg(folder.join("ejabberd.yml"))
        .arg("--ctl-config")
        .arg(folder.join("ejabberdctl.cfg"))
        .arg("--logs")
        .arg(folder)
        .arg("--spool")
        .arg(folder.join("db"))
        .env("HOME", folder)
        .current_dir(folder);
    command
}

/// Accounts and groups live in a database that only the running server writes.
pub(super) async fn furnish(site: &Site) -> Result<()> {
    if site.options.profile == Profile::Fleet {
        let domain = site.options.domain.parse()?;
        let api = EjabberdApi::new(&site.folder().join("api.sock"), &domain);
        tokio::task::spawn_blocking(move || api.create_groups()).await??;
    }
    for (group, members) in &site.options.groups {
        create_group(site, group, members).await?;
    }
    for (name, password) in &site.options.accounts {
        register(site, name, password).await?;
    }
    for crowd in &site.options.crowds {
        load_crowd(site, crowd).await?;
    }
    Ok(())
}

/// One transaction of the database in place of a request per account: thousands take a second.
async fn load_crowd(site: &Site, crowd: &Crowd) -> Result<()> {
    let text = dump::of_crowd(crowd, &site.options.domain, &scram::keys(&crowd.password)?);
    let file = site.scratch.write("crowd.dump", &text)?;
    call(site, "load", &json!({"file": file.display().to_string()})).await?;
    std::fs::remove_file(&file)?;
    if let Some((_, name)) = crowd.members().last() {
        note_account(site, name);
    }
    Ok(())
}

/// Creates the account or changes its password.
pub(super) async fn register(site: &Site, name: &str, password: &str) -> Result<()> {
    let host = &site.options.domain;
    let account = json!({"user": name, "host": host, "password": password});
    if call(site, "register", &account).await.is_err() {
        let account = json!({"user": name, "host": host, "newpass": password});
        call(site, "change_password", &account).await?;
    }
    note_account(site, name);
    Ok(())
}

fn note_account(site: &Site, name: &str) {
    let latest = &site.latest_account;
    name.clone_into(&mut latest.lock().unwrap_or_else(PoisonError::into_inner));
}

/// The database writes in order but seconds late: waits until the account made last is in its table's file, and so is
/// all the lab stored before it. What a killed server shall remember must be there.
pub(super) async fn settle(site: &Site) -> Result<()> {
    let name = site
        .latest_account
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let table = site.folder().join("db/passwd.DAT");
    until(
        &format!("the account `{name}` on ejabberd's disk"),
        Patience::USUAL,
        async || {
            let bytes = std::fs::read(&table).unwrap_or_default();
            contains(&bytes, name.as_bytes()).then_some(())
        },
    )
    .await
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
}

async fn create_group(site: &Site, group: &str, members: &[String]) -> Result<()> {
    let host = &site.options.domain;
    if site.options.profile != Profile::Fleet {
        let shape = json!({
            "group": group, "host": host, "label": group, "description": "", "display": group,
        });
        call(site, "srg_create", &shape).await?;
    }
    for jid in members {
        let (user, user_host) = jid
            .split_once('@')
            .with_context(|| format!("`{jid}` is no bare JID"))?;
        let member = json!({"user": user, "host": user_host, "group": group, "grouphost": host});
        call(site, "srg_user_add", &member).await?;
    }
    Ok(())
}

/// One administration command over the socket in the server's folder.
pub(super) async fn call(site: &Site, command: &str, arguments: &Value) -> Result<String> {
    let body = arguments.to_string();
    let request = format!(
        "POST /api/{command} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    let answer = exchange(site, &request)
        .await
        .with_context(|| format!("ejabberd did not take `{command}`"))?;
    let said = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    let status = answer.split_ascii_whitespace().nth(1).unwrap_or("nothing");
    if status != "200" {
        bail!("ejabberd answered {status} to `{command}`: {said}");
    }
    Ok(said.to_owned())
}

async fn exchange(site: &Site, request: &str) -> Result<String> {
    let mut stream = UnixStream::connect(site.folder().join("api.sock")).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

fn choices(site: &Site) -> [(&'static str, String); 5] {
    let options = &site.options;
    let stream = if options.profile == Profile::Open {
        format!("max_stanza_size: {RAISED_STANZA}\n    shaper: none")
    } else {
        format!("max_stanza_size: {STOCK_STANZA}\n    shaper: c2s_shaper")
    };
    let tls = match options.encryption {
        Encryption::Required => "starttls_required: true",
        Encryption::ClearText => "starttls: false",
    };
    let registration = if options.registration {
        "mod_register: { access: register, password_strength: 0 }"
    } else {
        // Accounts that are there may still change their password.
        "mod_register: { access: none, password_strength: 0 }"
    };
    let commands = if options.account_commands {
        "mod_configure: {}"
    } else {
        ""
    };
    let refused = if options.plain_only {
        NOT_PLAIN
    } else {
        r#""x-oauth2""#
    };
    [
        ("STREAM", stream),
        ("TLS", tls.to_owned()),
        ("REGISTRATION", registration.to_owned()),
        ("ACCOUNT_COMMANDS", commands.to_owned()),
        ("REFUSED_MECHANISMS", refused.to_owned()),
    ]
}
