//! `join`: from a join code to a host that is on the bus.
//!
//! The password in the code is good until here: the account gets another one, which the store holds before the server hears of it. A
//! join that was interrupted is taken up again by the same command with the same code, whichever of the two passwords is in force.

mod account;
mod code;
mod files;
mod owner;

use std::path::{Path, PathBuf};

use archipel_config::{BusSettings, JoinCode, ServerTrust, write_private};
use archipel_protocol::BareJid;
use jiff::Timestamp;

use super::{EXIT_SETTINGS, Failed, Join, runtime, say};
use crate::{
    settings::{DEFAULT_FILE, Settings, default_state},
    store::Store,
};
use files::Written;
use owner::Owner;

/// Where the code's authorities stand in the state folder until the settings are written.
const AUTHORITIES: &str = "joining-ca.pem";

/// Reads a code, takes the account over and writes the settings.
pub(super) fn join(wanted: &Join) -> Result<(), Failed> {
    let place = Place::of(wanted)?;
    files::refuse_existing(&place.config, wanted.replace)?;
    let owner = Owner::choose(wanted.user.as_deref())?;
    let code = code::obtain(wanted.file.as_deref())?;
    owner.prepare_store(&place.state)?;
    let store = Store::open(&place.state).map_err(|error| Failed::of(&error))?;
    runtime()?.block_on(take_over(&code, &store, &place.state))?;
    let written = files::write(&code, &place, wanted.libvirt.as_deref())?;
    owner.give(&written.paths())?;
    tell(&code, &place.config, &written, wanted.user.as_deref());
    if owner.is_root() {
        say(format_args!(
            "there is no user `archipel` here: what was written is root's. For the shipped unit make that user, then: \
             chown -R archipel: {} {}",
            place.config.display(),
            place.state.display()
        ));
    }
    Ok(())
}

/// Where things go.
pub(super) struct Place {
    config: PathBuf,
    state: PathBuf,
    /// Whether the state folder is another than the usual, so that the settings must name it.
    state_is_chosen: bool,
}

impl Place {
    fn of(wanted: &Join) -> Result<Self, Failed> {
        let whole = |path: &Path| {
            std::path::absolute(path).map_err(|error| {
                Failed::new(format!("`{}` is no usable path: {error}", path.display()))
            })
        };
        let state = wanted.state.as_deref().map(whole).transpose()?;
        Ok(Self {
            config: whole(&wanted.at.config)?,
            state_is_chosen: state.is_some(),
            state: state.unwrap_or_else(default_state),
        })
    }
}

async fn take_over(code: &JoinCode, store: &Store, state: &Path) -> Result<(), Failed> {
    let jid = &code.hypervisor;
    let kept = store
        .secret(jid)
        .await
        .map_err(|error| Failed::of(&error))?;
    let interrupted = kept.filter(|kept| !kept.confirmed);
    if code.is_over(Timestamp::now()) && interrupted.is_none() {
        let text = format!(
            "this join code ran out at {}. Ask {} for a new one: archipel hypervisor invite {}",
            code.expires,
            code.inviter,
            name(jid)
        );
        return Err(Failed::new(text).with_code(EXIT_SETTINGS));
    }
    let authorities = state.join(AUTHORITIES);
    let bus = settings(code, authorities.clone());
    let unwritten = |error| {
        let path = authorities.display();
        Failed::new(format!("could not write `{path}`: {error}"))
    };
    let pem = files::pem(code);
    if let Some(pem) = &pem {
        write_private(&authorities, pem.as_bytes()).map_err(unwritten)?;
    }
    let interrupted = interrupted.map(|kept| kept.secret);
    let taken = account::take_over(code, &bus, store, interrupted).await;
    if pem.is_some() {
        // It is public, and in nobody's way.
        let _ = std::fs::remove_file(&authorities);
    }
    taken
}

/// The way to the bus, as the code says.
fn settings(code: &JoinCode, authorities: PathBuf) -> BusSettings {
    let mut settings = BusSettings {
        hosts: code.servers.clone(),
        tls: code.tls,
        allow_plain: code.allow_plain,
        ..BusSettings::default()
    };
    match &code.trust {
        ServerTrust::System => {}
        ServerTrust::Authorities(_) => settings.ca_file = Some(authorities),
        ServerTrust::Pinned(pin) => settings.pinned = Some(*pin),
    }
    settings
}

/// The part of an address before the `@`.
fn name(jid: &BareJid) -> &str {
    jid.as_str().split('@').next().unwrap_or_default()
}

fn tell(code: &JoinCode, config: &Path, written: &Written, user: Option<&str>) {
    say(format_args!("joined the bus as {}", code.hypervisor));
    say(format_args!("wrote {}", config.display()));
    if let Some(backup) = &written.backup {
        say(format_args!("kept the old one as {}", backup.display()));
    }
    say(format_args!("admin: {}", code.inviter));
    let run = if config == Path::new(DEFAULT_FILE) {
        "systemctl enable --now archipel-agent    # or: archipel-agent run".to_owned()
    } else {
        format!("archipel-agent run --config {}", config.display())
    };
    let run = match user {
        Some(user) if user != owner::USUAL => format!("as {user}: {run}"),
        _ => run,
    };
    say(format_args!("next: {run}"));
}

/// What was written can be read: the settings of a code that somebody made by hand are not taken on trust.
fn readable(path: &Path, text: &str) -> Result<Settings, Failed> {
    Ok(Settings::parse(path, text)?)
}
