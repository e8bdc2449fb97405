//! A private fleet: a real XMPP server, libvirt daemons, agents, and an operator's account with a home of its own.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use archipel_lab::{
    Driver, Encryption, Fleet, Libvirtd, Patience, Process, Scratch, ServerKind, ServerOptions,
    XmppServer, until,
};
use portable_pty::CommandBuilder;
use serde_json::Value;

/// The operator's account.
pub const ADMIN: &str = "admin";
/// Passwords are random nowhere in a test: nobody else reaches the server.
pub const PASSWORD: &str = "correct horse battery staple";

/// One hypervisor: a libvirt daemon and its agent.
pub struct Host {
    pub name: String,
    pub libvirt: Libvirtd,
    pub agent: Process,
    config: PathBuf,
    log: PathBuf,
}

impl Host {
    /// Starts the agent again after it was killed.
    pub fn restart_agent(&mut self) {
        self.agent = spawn_agent(&self.name, &self.config, &self.log);
    }

    /// Changes the agent's settings, for its next start.
    pub fn rewrite_config(&self, old: &str, new: &str) {
        let text = std::fs::read_to_string(&self.config).expect("settings");
        assert!(text.contains(old), "no `{old}` in {text}");
        std::fs::write(&self.config, text.replace(old, new)).expect("a file");
    }

    /// What the agent has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// What a world shall be like.
pub struct Plan {
    pub kind: ServerKind,
    pub hosts: Vec<Content>,
}

/// What a host holds.
pub enum Content {
    /// The test driver with so many machines.
    Machines(usize),
    /// Real guests under QEMU, which the test defines.
    Qemu,
}

/// The result of a one-shot command.
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Outcome {
    pub fn json(&self) -> Vec<Value> {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {}", self.out))
    }
}

/// A private fleet.
pub struct World {
    pub server: XmppServer,
    pub hosts: Vec<Host>,
    pub scratch: Scratch,
    encryption: Encryption,
}

impl World {
    /// Starts everything and waits until every host is in sync for the operator.
    pub async fn start(plan: Plan) -> Self {
        Self::start_with(plan, Encryption::Required).await
    }

    /// The same on a server whose STARTTLS port may speak clear text; agents and operator use its direct TLS port anyhow.
    pub async fn start_with(plan: Plan, encryption: Encryption) -> Self {
        let mut options = ServerOptions::new("dc.example")
            .account(ADMIN, PASSWORD)
            .registration()
            .encryption(encryption);
        let names: Vec<String> = (1..=plan.hosts.len())
            .map(|number| format!("hv{number:02}"))
            .collect();
        for name in &names {
            options = options.account(name, PASSWORD);
        }
        let members = names
            .iter()
            .map(String::as_str)
            .chain([ADMIN])
            .map(|name| format!("{name}@dc.example"));
        let options = options.group("rack-a", members);
        let mut world = Self::of_server(plan.kind, options, encryption).await;
        for (number, (name, content)) in names.into_iter().zip(plan.hosts).enumerate() {
            world.add_host(number, name, content).await;
        }
        world.synced().await;
        world
    }

    /// A server of one's own making without hosts, and the operator as its admin.
    pub async fn bare(kind: ServerKind, options: ServerOptions) -> Self {
        let options = options.account(ADMIN, PASSWORD);
        Self::of_server(kind, options, Encryption::Required).await
    }

    async fn of_server(kind: ServerKind, options: ServerOptions, encryption: Encryption) -> Self {
        let world = Self {
            server: XmppServer::start(kind, options).await.expect("a server"),
            hosts: Vec::new(),
            scratch: Scratch::new().expect("a folder"),
            encryption,
        };
        world.write_profile("test", "");
        world
    }

    async fn add_host(&mut self, number: usize, name: String, content: Content) {
        let libvirt = libvirt(number, content).await;
        let config = self.write_agent(&name, &libvirt.uri(), "");
        self.start_agent(name, libvirt, config);
    }

    /// Starts an agent whose settings are written.
    pub fn start_agent(&mut self, name: String, libvirt: Libvirtd, config: PathBuf) {
        let log = self.scratch.path().join(format!("{name}.log"));
        let agent = spawn_agent(&name, &config, &log);
        self.hosts.push(Host {
            name,
            libvirt,
            agent,
            config,
            log,
        });
    }

    /// Writes an agent's configuration; `more` is added at its top.
    pub fn write_agent(&self, name: &str, uri: &str, more: &str) -> PathBuf {
        let password = self.scratch.write("password", PASSWORD).expect("a file");
        let state = self.scratch.path().join(format!("{name}-state"));
        let text = format!(
            "jid = \"{name}@dc.example\"\npassword_file = {password:?}\nadmins = [\"{ADMIN}@dc.example\"]\nlibvirt_uri = {uri:?}\n\
             state_dir = {state:?}\nadopt = \"manage\"\nvm_sessions = \"auto\"\n{more}\n{}",
            self.bus_table()
        );
        self.scratch
            .write(format!("{name}.toml"), &text)
            .expect("a file")
    }

    fn bus_table(&self) -> String {
        let (address, tls) = match self.encryption {
            Encryption::Required => (self.server.starttls_addr(), "starttls"),
            Encryption::ClearText => (self.server.tls_addr(), "direct"),
        };
        let ca = self.server.ca_pem_path();
        format!("[bus]\nhosts = [\"{address}\"]\ntls = \"{tls}\"\nca_file = {ca:?}\n")
    }

    /// Writes an operator's profile; `more` is added at its top.
    pub fn write_profile(&self, name: &str, more: &str) {
        let password = self.scratch.write("password", PASSWORD).expect("a file");
        let text = format!(
            "jid = \"{ADMIN}@dc.example\"\npassword_file = {password:?}\ntrusted_groups = [\"rack-a\"]\n{more}\n{}",
            self.bus_table()
        );
        self.write_profile_text(name, &text);
    }

    /// Writes an operator's profile as it is.
    pub fn write_profile_text(&self, name: &str, text: &str) {
        let folder = self.scratch.path().join("config/archipel/profiles");
        std::fs::create_dir_all(&folder).expect("a folder");
        self.scratch
            .write(format!("config/archipel/profiles/{name}.toml"), text)
            .expect("a file");
    }

    /// The variables that give the operator's program a home of its own.
    fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let root = self.scratch.path();
        vec![
            ("HOME", root.to_owned()),
            ("XDG_CONFIG_HOME", root.join("config")),
            ("XDG_DATA_HOME", root.join("data")),
            ("XDG_STATE_HOME", root.join("state")),
            ("XDG_CACHE_HOME", root.join("cache")),
        ]
    }

    /// Runs `archipel` once and waits for its end.
    pub async fn archipel(&self, arguments: &[&str]) -> Outcome {
        self.archipel_reading(std::process::Stdio::null(), arguments)
            .await
    }

    /// The same with something on its standard input.
    pub async fn archipel_reading(
        &self,
        input: impl Into<std::process::Stdio>,
        arguments: &[&str],
    ) -> Outcome {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_archipel"));
        command
            .env_clear()
            .envs(self.environment())
            .args(["--profile", "test"])
            .args(arguments)
            .kill_on_drop(true);
        let run = tokio::time::timeout(Duration::from_mins(1), command.stdin(input).output());
        let output = run
            .await
            .unwrap_or_else(|_| panic!("`archipel {}` does not end", arguments.join(" ")))
            .expect("archipel starts");
        Outcome {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The command that opens the screen, for a pseudo-terminal.
    pub fn screen_command(&self, arguments: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_archipel"));
        command.env_clear();
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.args(["--profile", "test"]);
        command.args(arguments);
        command
    }

    /// Waits until the operator sees every host online.
    pub async fn synced(&self) {
        let wanted = self.hosts.len();
        let seen = until("all hosts online", Patience::seconds(180), async || {
            let outcome = self.archipel(&["hypervisor", "list", "-o", "json"]).await;
            let rows: Vec<Value> = serde_json::from_str(&outcome.out).unwrap_or_default();
            let online = rows.iter().filter(|row| row["state"] == "online").count();
            (online == wanted).then_some(())
        });
        if let Err(why) = seen.await {
            let last = self.archipel(&["hypervisor", "list"]).await;
            let logs: Vec<String> = self.hosts.iter().map(Host::log).collect();
            panic!("{why}\n{}{}\n{}", last.out, last.err, logs.join("\n---\n"));
        }
    }

    /// The state of a machine as the operator sees it.
    pub async fn state_of(&self, machine: &str) -> String {
        let rows = self.archipel(&["vm", "list", "-o", "json"]).await.json();
        let found = rows.iter().find(|row| row["name"] == machine);
        found
            .and_then(|row| row["state"].as_str())
            .unwrap_or("absent")
            .to_owned()
    }

    /// Waits until the operator sees a machine in a state.
    pub async fn wait_for_state(&self, machine: &str, state: &str) {
        let what = format!("{machine} to be {state}");
        let seen = until(&what, Patience::seconds(180), async || {
            (self.state_of(machine).await == state).then_some(())
        });
        seen.await.unwrap();
    }
}

/// A libvirt daemon of host `number`, with what it holds.
pub async fn libvirt(number: usize, content: Content) -> Libvirtd {
    match content {
        Content::Machines(count) => {
            let libvirt = Libvirtd::start(Driver::Test)
                .await
                .expect("a libvirt daemon");
            let host = u32::try_from(number + 1).expect("few hosts");
            Fleet::sized(host, count)
                .fill(&libvirt)
                .await
                .expect("machines");
            libvirt
        }
        Content::Qemu => Libvirtd::start(Driver::Qemu)
            .await
            .expect("a libvirt daemon"),
    }
}

/// The program `archipel-agent` of this build.
pub fn agent_program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_archipel")).with_file_name("archipel-agent")
}

fn spawn_agent(name: &str, config: &Path, log: &Path) -> Process {
    let mut command = Command::new(agent_program());
    command.arg("run").arg("--config").arg(config);
    // As in `conf/systemd/archipel-agent.service`.
    command.env("MALLOC_ARENA_MAX", "1");
    Process::spawn(&format!("the agent of {name}"), command, log).expect("the agent starts")
}
