//! A profile as written, and how it becomes complete.

use std::{fmt, path::PathBuf, str::FromStr};

use archipel_protocol::BareJid;
use serde::Deserialize;

use super::{Glyphs, LogLevel, Profile, ProfileError, ProfileName, shelf::Found};
use crate::{
    BusSettings, Origin, PasswordSource,
    layers::{Environment, Flags, Hosts, Merge, Source, Switch},
};

/// The keys of a profile.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Table {
    jid: Option<Account>,
    password_file: Option<PathBuf>,
    password_command: Option<Vec<String>>,
    password_env: Option<String>,
    password_keyring: bool,
    bus: Option<BusSettings>,
    trusted_groups: Option<Vec<String>>,
    read_only: Option<bool>,
    theme: Option<String>,
    accent: Option<String>,
    glyphs: Option<Glyphs>,
    keymap: Option<String>,
    log: Option<LogLevel>,
}

/// An account's address: with a name, without a resource.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Account(BareJid);

impl FromStr for Account {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = BareJid::new(text).ok().filter(|jid| jid.node().is_some());
        let shown = archipel_protocol::text::clean_line(text, 60);
        parsed
            .map(Self)
            .ok_or_else(|| format!("`{shown}` is no account such as admin@dc.example"))
    }
}

impl TryFrom<String> for Account {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Any text.
struct Text(String);

impl FromStr for Text {
    type Err = fmt::Error;

    fn from_str(text: &str) -> Result<Self, fmt::Error> {
        Ok(Self(text.to_owned()))
    }
}

pub(super) fn merge(
    name: ProfileName,
    found: Found,
    flags: &Flags,
    environment: &Environment,
) -> Result<Profile, ProfileError> {
    let Found {
        mut table,
        source,
        file,
    } = found;
    let mut merge = Merge {
        environment,
        source: source.as_ref(),
        origins: [("profile", chosen_by(flags, environment, &file))].into(),
    };
    let password = password(&name, &mut table, &mut merge)?;
    let jid = merge.pick("jid", table.jid)?;
    let Some(Account(jid)) = jid else {
        return Err(ProfileError::NoAccount { name, file });
    };
    let mut text = |key, value: Option<String>| {
        let picked = merge.pick(key, value.map(Text))?;
        Ok::<_, ProfileError>(picked.map(|Text(text)| text))
    };
    let theme = text("theme", table.theme)?;
    let accent = text("accent", table.accent)?;
    let keymap = text("keymap", table.keymap)?;
    Ok(Profile {
        name,
        jid,
        password,
        bus: bus(table.bus, &mut merge)?,
        trusted_groups: merge
            .keep("trusted_groups", table.trusted_groups)
            .unwrap_or_default(),
        read_only: read_only(table.read_only, flags, &mut merge)?,
        theme: theme.unwrap_or_else(|| "dark".to_owned()),
        accent,
        keymap: keymap.unwrap_or_else(|| "default".to_owned()),
        glyphs: merge.pick("glyphs", table.glyphs)?.unwrap_or_default(),
        log: merge.pick("log", table.log)?.unwrap_or_default(),
        origins: merge.origins,
    })
}

fn chosen_by(flags: &Flags, environment: &Environment, file: &std::path::Path) -> Origin {
    if flags.profile.is_some() {
        return Origin::Flag("--profile");
    }
    match environment.of_key("profile") {
        Some((variable, _)) => Origin::Environment(variable),
        None if file.exists() => Origin::File {
            path: file.to_owned(),
            line: 1,
        },
        None => Origin::Preset,
    }
}

fn read_only(
    file: Option<bool>,
    flags: &Flags,
    merge: &mut Merge<'_>,
) -> Result<bool, ProfileError> {
    let picked = merge.pick("read_only", file.map(Switch))?;
    if flags.read_only {
        let flag = Origin::Flag("--read-only");
        merge.origins.insert("read_only", flag);
    }
    Ok(flags.read_only || picked.is_some_and(|Switch(on)| on))
}

fn bus(file: Option<BusSettings>, merge: &mut Merge<'_>) -> Result<BusSettings, ProfileError> {
    let mut bus = file.unwrap_or_default();
    let ca_file = bus.ca_file.take();
    let ca_file = ca_file.map(|path| resolved(merge.source, path));
    bus.ca_file = merge.pick("bus.ca_file", ca_file)?;
    let hosts = (!bus.hosts.is_empty()).then(|| Hosts(std::mem::take(&mut bus.hosts)));
    bus.hosts = merge
        .pick("bus.hosts", hosts)?
        .map_or_else(Vec::new, |Hosts(hosts)| hosts);
    for key in ["bus.resolver", "bus.tls", "bus.pinned", "bus.allow_plain"] {
        merge.note(key);
    }
    Ok(bus)
}

fn resolved(source: Option<&Source>, path: PathBuf) -> PathBuf {
    match source {
        Some(source) => source.resolve(&path),
        None => path,
    }
}

fn password(
    name: &ProfileName,
    table: &mut Table,
    merge: &mut Merge<'_>,
) -> Result<PasswordSource, ProfileError> {
    let file = table.password_file.take();
    let file = file.map(|path| PasswordSource::File(resolved(merge.source, path)));
    let command = table.password_command.take().map(PasswordSource::Command);
    let variable = table.password_env.take().map(PasswordSource::Environment);
    let keyring = table.password_keyring.then_some(PasswordSource::Keyring);
    let mut given: Vec<(&'static str, PasswordSource)> = [
        ("password_file", file),
        ("password_command", command),
        ("password_env", variable),
        ("password_keyring", keyring),
    ]
    .into_iter()
    .filter_map(|(key, source)| Some((key, source?)))
    .collect();
    if given.len() > 1 {
        return Err(ProfileError::Passwords {
            name: name.clone(),
            keys: given.into_iter().map(|(key, _)| key).collect(),
        });
    }
    if let Some((variable, _)) = merge.environment.of_key("password") {
        let origin = Origin::Environment(variable);
        merge.origins.insert("password", origin);
        return Ok(PasswordSource::Environment(variable.to_owned()));
    }
    let Some((key, source)) = given.pop() else {
        return Ok(PasswordSource::Prompt);
    };
    merge.keep(key, Some(()));
    if let Some(origin) = merge.origins.remove(key) {
        merge.origins.insert("password", origin);
    }
    Ok(source)
}
