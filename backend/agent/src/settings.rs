//! agent.toml.

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use archipel_config::{
    BusSettings, LoadError, PasswordError, PasswordSource, Problem, Secret, line_of, refuse_exposed,
};
use archipel_protocol::BareJid;
use serde::Deserialize;

use crate::{
    agent::{Credentials, Rules, VmSessions},
    logging::{self, InvalidLog, LogFormat},
    machines::Adopt,
};

/// Where the settings are by default.
pub const DEFAULT_FILE: &str = "/etc/archipel/agent.toml";
/// Where the store is when neither the settings nor systemd say otherwise.
const DEFAULT_STATE: &str = "/var/lib/archipel";

/// A full bare address, `name@server`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Address(BareJid);

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let jid = BareJid::new(&text).ok();
        let jid = jid.filter(|jid| jid.node().is_some());
        jid.map(Self).ok_or_else(|| {
            let shown = archipel_protocol::text::clean_line(&text, 60);
            format!("`{shown}` is no address such as name@server (without a resource)")
        })
    }
}

/// The file as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    jid: Address,
    password_file: Option<PathBuf>,
    password: Option<Secret>,
    #[serde(default)]
    register: bool,
    #[serde(default)]
    joined: bool,
    #[serde(default)]
    admins: Vec<Address>,
    #[serde(default = "default_uri")]
    libvirt_uri: String,
    state_dir: Option<PathBuf>,
    #[serde(default)]
    adopt: Adopt,
    #[serde(default = "default_folders")]
    machine_folders: Vec<String>,
    #[serde(default)]
    vm_sessions: VmSessions,
    #[serde(default = "default_log")]
    log: String,
    #[serde(default)]
    log_format: LogFormat,
    metrics: Option<SocketAddr>,
    #[serde(default)]
    bus: BusSettings,
    #[serde(default)]
    interop: Interop,
}

/// `[interop]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Interop {
    #[serde(default)]
    original_migration: Vec<Address>,
}

fn default_uri() -> String {
    "qemu:///system".to_owned()
}

/// libvirt's own folder, and of that what is named after the machine.
fn default_folders() -> Vec<String> {
    vec!["/var/lib/libvirt/images/{vm}".to_owned()]
}

fn default_log() -> String {
    "info".to_owned()
}

/// Where the password comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Password {
    /// It stands in the settings.
    Here(Secret),
    /// The first line of a file.
    File(PathBuf),
    /// The agent registers the account itself.
    Registered,
    /// The host has joined: the store holds the secret.
    Joined,
}

/// The settings of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The hypervisor's account.
    pub jid: BareJid,
    /// How to get into it.
    pub password: Password,
    /// What may change while the agent runs.
    pub rules: Rules,
    /// The hypervisor.
    pub libvirt_uri: String,
    /// Where the store is.
    pub state_dir: PathBuf,
    /// Which machines get sessions.
    pub vm_sessions: VmSessions,
    /// How much is logged.
    pub log: String,
    /// How its lines are written.
    pub log_format: LogFormat,
    /// Where Prometheus may read figures, on loopback.
    pub metrics: Option<SocketAddr>,
    /// The way to the bus.
    pub bus: BusSettings,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file.
    #[error(transparent)]
    File(#[from] LoadError),
    /// Nothing says how to log in.
    #[error(
        "{}: no password for `{}`; add a line `password_file = \"…\"`, or `register = true` if the server lets agents register",
        .0.display(), .1
    )]
    NoPassword(PathBuf, BareJid),
    /// More than one thing says how to log in.
    #[error(
        "{}:{}: `{}` contradicts another line; keep one of `password_file`, `password`, `register` and `joined`",
        .0.display(), .1, .2
    )]
    TwoPasswords(PathBuf, usize, &'static str),
    /// `metrics`.
    #[error(
        "{}:{}: `metrics` must be an address of this host alone, such as 127.0.0.1:9411: nobody is asked for a password there",
        .0.display(), .1
    )]
    Metrics(PathBuf, usize),
    /// `interop.original_migration`.
    #[error(
        "{}:{}: `{}` cannot be a host that machines are exchanged with: {}",
        .0.display(), .1, .2, .3
    )]
    Original(PathBuf, usize, BareJid, &'static str),
    /// `log`.
    #[error("{}: {}", .0.display(), .1)]
    Log(PathBuf, InvalidLog),
    /// The password's file.
    #[error("the agent's account has {0}")]
    Password(#[from] PasswordError),
}

impl Settings {
    /// Reads the file at `path`.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path).map_err(|error| LoadError {
            path: path.to_owned(),
            line: None,
            problem: Problem::Unreadable(error),
        })?;
        let settings = Self::parse(path, &text)?;
        if matches!(settings.password, Password::Here(_)) {
            refuse_exposed(path)?;
        }
        Ok(settings)
    }

    /// Reads settings from `text`, which came from `path`.
    pub fn parse(path: &Path, text: &str) -> Result<Self, SettingsError> {
        let file: Written = archipel_config::parse(path, text)?;
        logging::validate(&file.log).map_err(|why| SettingsError::Log(path.to_owned(), why))?;
        Ok(Self {
            password: password(path, text, &file)?,
            rules: Rules {
                originals: originals(path, text, &file)?,
                admins: file.admins.into_iter().map(|admin| admin.0).collect(),
                adopt: file.adopt,
                folders: file.machine_folders,
            },
            jid: file.jid.0,
            libvirt_uri: file.libvirt_uri,
            state_dir: file.state_dir.unwrap_or_else(default_state),
            vm_sessions: file.vm_sessions,
            log: file.log,
            log_format: file.log_format,
            metrics: loopback(path, text, file.metrics)?,
            bus: file.bus,
        })
    }

    /// Gets the password. Reads a file.
    pub fn credentials(&self) -> Result<Credentials, SettingsError> {
        match &self.password {
            Password::Here(secret) => Ok(Credentials::Password(secret.clone())),
            Password::Registered => Ok(Credentials::Registered),
            Password::Joined => Ok(Credentials::Joined),
            Password::File(path) => {
                let source = PasswordSource::File(path.clone());
                let nobody = |_: &BareJid| Err(std::io::Error::other("nobody to ask"));
                Ok(Credentials::Password(source.obtain(&self.jid, nobody)?))
            }
        }
    }
}

fn password(path: &Path, text: &str, file: &Written) -> Result<Password, SettingsError> {
    let two = |key| {
        let line = line_of(text, &[key]).unwrap_or_default();
        Err(SettingsError::TwoPasswords(path.to_owned(), line, key))
    };
    let ways = [
        (
            "password_file",
            file.password_file.clone().map(Password::File),
        ),
        ("password", file.password.clone().map(Password::Here)),
        ("register", file.register.then_some(Password::Registered)),
        ("joined", file.joined.then_some(Password::Joined)),
    ];
    let mut given = ways.into_iter().filter_map(|(key, way)| Some((key, way?)));
    match (given.next(), given.next()) {
        (Some((_, way)), None) => Ok(way),
        (_, Some((key, _))) => two(key),
        (None, None) => Err(SettingsError::NoPassword(
            path.to_owned(),
            file.jid.0.clone(),
        )),
    }
}

/// A machine keeps its account when it moves: both hosts are on one server, and are two.
fn originals(path: &Path, text: &str, file: &Written) -> Result<Vec<BareJid>, SettingsError> {
    let own = &file.jid.0;
    let checked = |Address(host): &Address| {
        let why = if host == own {
            "it is this host itself"
        } else if host.domain() != own.domain() {
            "machines keep their accounts, so it must be on the same server"
        } else {
            return Ok(host.clone());
        };
        let line = line_of(text, &["interop", "original_migration"]).unwrap_or_default();
        Err(SettingsError::Original(
            path.to_owned(),
            line,
            host.clone(),
            why,
        ))
    };
    file.interop
        .original_migration
        .iter()
        .map(checked)
        .collect()
}

/// Nobody else can ask there.
fn loopback(
    path: &Path,
    text: &str,
    address: Option<SocketAddr>,
) -> Result<Option<SocketAddr>, SettingsError> {
    match address {
        Some(open) if !open.ip().is_loopback() => {
            let line = line_of(text, &["metrics"]).unwrap_or_default();
            Err(SettingsError::Metrics(path.to_owned(), line))
        }
        address => Ok(address),
    }
}

/// Where the store is if the settings do not say. systemd names the first of several folders first.
pub(crate) fn default_state() -> PathBuf {
    let given = env::var("STATE_DIRECTORY").unwrap_or_default();
    let first = given.split(':').next().filter(|first| !first.is_empty());
    PathBuf::from(first.unwrap_or(DEFAULT_STATE))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SHIPPED: &str = include_str!("../../../conf/agent.toml");

    fn parse(text: &str) -> Result<Settings, String> {
        Settings::parse("agent.toml".as_ref(), text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_shipped_file_is_valid_and_says_the_defaults() {
        let shipped = parse(SHIPPED).unwrap();
        let least = "jid = 'hv01@dc.example'\nadmins = ['admin@dc.example']\npassword_file = '/etc/archipel/agent.password'";
        assert_eq!(shipped, parse(least).unwrap());
    }

    #[test]
    fn every_line_that_is_commented_out_can_be_used() {
        for line in SHIPPED
            .lines()
            .filter(|line| line.starts_with("# ") && line.contains(" = "))
        {
            let key = line.trim_start_matches("# ").split(' ').next().unwrap();
            if key == "pinned" {
                continue;
            }
            let bare = &line[2..];
            let used = match key {
                "ca_file" => SHIPPED.replace(line, bare),
                _ => SHIPPED
                    .replace(line, bare)
                    .replace("password_file =", "# password_file ="),
            };
            let parsed = parse(&used);
            let fits = parsed.is_ok() || parsed.is_err_and(|error| error.contains("no password"));
            assert!(fits, "{line}");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        let error = parse("jid = 'a@b'\nregister = true\nadmin = ['x@y']").unwrap_err();
        assert!(
            error.starts_with("agent.toml:3: unknown key `admin`, did you mean `admins`?"),
            "{error}"
        );
        let error = parse("jid = 'a@b'\nregister = true\n[bus]\nhost = []").unwrap_err();
        assert!(
            error.starts_with("agent.toml:4: unknown key `host`"),
            "{error}"
        );
    }

    #[test]
    fn an_address_is_a_full_bare_one() {
        for bad in ["dc.example", "a@b/c", "", "@"] {
            let error = parse(&format!("register = true\njid = '{bad}'")).unwrap_err();
            assert!(error.starts_with("agent.toml:2:"), "{error}");
            assert!(error.contains("name@server"), "{error}");
        }
    }

    #[test]
    fn exactly_one_way_to_log_in() {
        let none = parse("jid = 'a@b'").unwrap_err();
        assert!(
            none.contains("`a@b`") && none.contains("password_file"),
            "{none}"
        );
        let two = parse("jid = 'a@b'\npassword_file = 'x'\nregister = true").unwrap_err();
        assert!(
            two.starts_with("agent.toml:3: `register` contradicts"),
            "{two}"
        );
        let secret = parse("jid = 'a@b'\npassword = 'open sesame'\nregister = 5").unwrap_err();
        assert!(!secret.contains("sesame"), "{secret}");
    }

    #[test]
    fn metrics_are_for_this_host_alone() {
        let with = |address| {
            parse(&format!(
                "jid = 'a@b'\nregister = true\nmetrics = '{address}'"
            ))
        };
        for address in ["127.0.0.1:9411", "[::1]:9411"] {
            assert!(with(address).unwrap().metrics.is_some());
        }
        for address in ["0.0.0.0:9411", "192.0.2.1:9411", "[::]:9411"] {
            let refused = with(address).unwrap_err();
            assert!(refused.starts_with("agent.toml:3:"), "{refused}");
        }
    }

    #[test]
    fn machines_are_exchanged_with_other_hosts_of_the_server() {
        let with = |hosts| {
            parse(&format!(
                "jid = 'hv01@dc.example'\nregister = true\n[interop]\noriginal_migration = {hosts}"
            ))
        };
        let set = with("['hv07@dc.example']").unwrap().rules.originals;
        assert_eq!(set, ["hv07@dc.example".parse::<BareJid>().unwrap()]);
        assert!(with("[]").unwrap().rules.originals.is_empty());
        for (hosts, why) in [
            ("['hv01@dc.example']", "this host itself"),
            ("['hv07@elsewhere.example']", "the same server"),
            ("['hv07']", "name@server"),
            ("true", "sequence"),
        ] {
            let refused = with(hosts).unwrap_err();
            assert!(refused.starts_with("agent.toml:4:"), "{refused}");
            assert!(refused.contains(why), "{refused}");
        }
        let unknown = parse("jid = 'a@b'\nregister = true\n[interop]\nmigration = []").unwrap_err();
        assert!(
            unknown.starts_with("agent.toml:4: unknown key"),
            "{unknown}"
        );
    }

    #[test]
    fn a_log_level_is_checked_before_it_is_used() {
        let error = parse("jid = 'a@b'\nregister = true\nlog = '=loud='").unwrap_err();
        assert!(error.contains("info"), "{error}");
    }

    #[test]
    fn a_log_is_text_unless_json_is_wanted() {
        let with = |more| parse(&format!("jid = 'a@b'\nregister = true\n{more}"));
        assert_eq!(with("").unwrap().log_format, LogFormat::Text);
        let json = with("log_format = 'json'").unwrap();
        assert_eq!(json.log_format, LogFormat::Json);
        let odd = with("log_format = 'xml'").unwrap_err();
        assert!(
            odd.starts_with("agent.toml:3:") && odd.contains("json"),
            "{odd}"
        );
    }

    #[test]
    fn settings_with_a_password_must_be_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        std::fs::write(&path, "jid = 'a@b'\npassword = 'x'").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let refused = Settings::load(&path).unwrap_err().to_string();
        assert!(refused.contains("chmod 600"), "{refused}");
        let absent = Settings::load(&folder.path().join("none")).unwrap_err();
        assert!(absent.to_string().contains("cannot be read"), "{absent}");
    }
}
