//! A home of its own for the operator's program, with one profile.

use std::path::Path;

use archipel_config::{BusSettings, Secret};
use archipel_lab::Scratch;
use archipel_protocol::BareJid;
use portable_pty::CommandBuilder;

/// Folders and a profile `test`.
pub(crate) struct Home {
    scratch: Scratch,
}

/// What a profile says.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) jid: BareJid,
    pub(crate) secret: Secret,
    pub(crate) bus: BusSettings,
    /// Roster groups whose members are hypervisors.
    pub(crate) groups: Vec<String>,
}

impl Login {
    /// The profile's text; the password is `password` in this folder.
    pub(crate) fn profile(&self, folder: &Path) -> String {
        let hosts: Vec<String> = self.bus.hosts.iter().map(ToString::to_string).collect();
        let ca = self.bus.ca_file.as_ref();
        let ca = ca.map_or_else(String::new, |path| {
            format!("ca_file = \"{}\"\n", path.display())
        });
        format!(
            "jid = \"{}\"\npassword_file = \"{}\"\ntrusted_groups = {:?}\n[bus]\nhosts = {hosts:?}\ntls = \"{}\"\n{ca}",
            self.jid,
            folder.join("password").display(),
            self.groups,
            self.bus.tls,
        )
    }
}

impl Home {
    pub(crate) fn new(login: &Login) -> Self {
        let scratch = Scratch::new().expect("a folder");
        let write = |name: &str, text: &str| {
            scratch.write(name, text).expect("a file");
        };
        write("password", login.secret.expose());
        let folder = scratch.path().join("config/archipel/profiles");
        std::fs::create_dir_all(&folder).expect("a folder");
        let text = login.profile(scratch.path());
        write("config/archipel/profiles/test.toml", &text);
        Self { scratch }
    }

    /// The command that opens the screen, for a pseudo-terminal.
    pub(crate) fn screen(&self) -> CommandBuilder {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_archipel"));
        command.env_clear();
        let root = self.scratch.path();
        command.env("HOME", root);
        for (name, folder) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            command.env(name, root.join(folder));
        }
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.args(["--profile", "test"]);
        command
    }
}
