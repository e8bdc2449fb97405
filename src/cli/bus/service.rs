//! Who starts and stops the server of this host.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use archipel_servers::{Profile, ServerKind};

use crate::cli::failure::Failure;

/// How long a server may take to start.
const START: Duration = Duration::from_mins(1);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// What looks after services here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// systemd.
    Systemd,
    /// The package's script below `/etc/init.d`.
    Script,
    /// Nothing that we know of, as in most containers.
    Nothing,
}

impl Service {
    /// That of this host.
    pub(super) fn here(kind: ServerKind) -> Self {
        if Path::new("/run/systemd/system").exists() {
            Self::Systemd
        } else if Path::new(&script(kind)).exists() {
            Self::Script
        } else {
            Self::Nothing
        }
    }

    /// What a person types to restart the server, or to start one that does not run.
    pub(super) fn advice(self, kind: ServerKind, running: bool) -> String {
        let word = kind.word();
        let act = if running { "restart" } else { "start" };
        match (self, kind) {
            // The limit of open files is a setting of systemd's.
            (Self::Systemd, ServerKind::Prosody) => {
                format!("sudo systemctl daemon-reload && sudo systemctl restart {word}")
            }
            (Self::Systemd, ServerKind::Ejabberd) => format!("sudo systemctl restart {word}"),
            (Self::Script, _) => format!("sudo {} restart", script(kind)),
            (Self::Nothing, _) => format!("sudo {word}ctl {act}      # or {act} its container"),
        }
    }

    /// Restarts the server and waits until it takes connections. Whether anybody here can.
    pub(super) fn restart(self, kind: ServerKind, profile: &Profile) -> Result<bool, Failure> {
        let (word, script) = (kind.word(), script(kind));
        let (commands, log) = match self {
            Self::Systemd => {
                let commands = vec![
                    vec!["systemctl", "daemon-reload"],
                    vec!["systemctl", "restart", word],
                ];
                (commands, format!("journalctl -u {word} -n 30"))
            }
            Self::Script => {
                let commands = vec![vec![script.as_str(), "restart"]];
                (commands, format!("tail -n 30 /var/log/{word}/*.log"))
            }
            Self::Nothing => return Ok(false),
        };
        for words in commands {
            run(&words, &log)?;
        }
        wait(kind, profile, &log).map(|()| true)
    }
}

fn script(kind: ServerKind) -> String {
    format!("/etc/init.d/{}", kind.word())
}

fn run(words: &[&str], log: &str) -> Result<(), Failure> {
    let (program, arguments) = words.split_first().unwrap_or((&"", &[]));
    let ended = Command::new(program).args(arguments).status();
    if ended.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let words = words.join(" ");
    Err(Failure::failed(format_args!(
        "`{words}` failed; see why: {log}"
    )))
}

/// A service is started before its server listens.
fn wait(kind: ServerKind, profile: &Profile, log: &str) -> Result<(), Failure> {
    let port = profile.listen.port;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let is_up = || {
        let furnished = kind == ServerKind::Prosody || profile.site.socket.exists();
        furnished && TcpStream::connect_timeout(&address, LOOK).is_ok()
    };
    let until = Instant::now() + START;
    while !is_up() {
        if Instant::now() >= until {
            return Err(Failure::failed(format_args!(
                "{kind} was restarted and takes no connection on port {port}; see why: {log}"
            )));
        }
        thread::sleep(LOOK);
    }
    Ok(())
}
