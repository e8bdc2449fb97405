//! The two programs with settings of their own, and what they tell.

use std::{
    cell::RefCell,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use archipel_lab::{Patience, Process, Scratch, XmppServer, until};
use serde_json::Value;

use crate::terminal;

/// Passwords are random nowhere in a test: nobody else reaches the server.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// How long a program may take.
const LIMIT: Duration = Duration::from_mins(4);

/// The way to a server, trusting an authority.
pub(crate) fn bus(server: &XmppServer, ca: &Path) -> String {
    format!(
        "[bus]\nhosts = [\"{}\"]\nca_file = {ca:?}\n",
        server.starttls_addr()
    )
}

/// The program `archipel-agent` of this build.
pub(crate) fn agent_program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_archipel")).with_file_name("archipel-agent")
}

#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) id: String,
    pub(crate) severity: String,
    pub(crate) seen: String,
}

/// What a program told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) findings: Vec<Said>,
    pub(crate) code: i32,
    pub(crate) err: String,
}

impl Told {
    /// Exactly this fault, hints aside, and the exit code.
    pub(crate) fn names(&self, id: &str, code: i32) {
        self.names_also(id);
        self.names_nothing_but(&[id]);
        assert_eq!(self.code, code, "{id}: {self:#?}");
    }

    /// This fault among others.
    pub(crate) fn names_also(&self, id: &str) {
        let found = self.findings.iter().find(|finding| finding.id == id);
        let found = found.unwrap_or_else(|| panic!("{id} is not named in {self:#?}"));
        let line = format!("{:<24} {:<8} {}\n", found.id, found.severity, found.seen);
        // A passing test's own output is hidden: the table is for who runs the test by hand.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    }

    /// No warning and no problem beyond these.
    pub(crate) fn names_nothing_but(&self, ids: &[&str]) {
        let grave = |one: &&Said| matches!(one.severity.as_str(), "warning" | "problem");
        for finding in self.findings.iter().filter(grave) {
            assert!(
                ids.contains(&finding.id.as_str()),
                "{finding:?} was not seeded"
            );
        }
    }
}

/// Runs a program to its end.
async fn run(mut command: tokio::process::Command) -> (String, String, i32) {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(LIMIT, output).await;
    let output = output.expect("it ends").expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(!err.contains("panicked"), "{err}");
    (out, err, output.status.code().unwrap_or(-1))
}

/// An operator with a home of their own.
pub(crate) struct Operator {
    home: Scratch,
    password: PathBuf,
}

impl Operator {
    pub(crate) fn new() -> Self {
        let home = Scratch::new().unwrap();
        let password = home.write("password", PASSWORD).unwrap();
        Self { home, password }
    }

    /// The settings: `more` at the top, `bus` at the end.
    pub(crate) fn profile(&self, more: &str, bus: &str) {
        let text = format!(
            "jid = \"admin@dc.example\"\npassword_file = {:?}\n{more}{bus}",
            self.password
        );
        let name = ".config/archipel/profiles/test.toml";
        self.home.write(name, &text).unwrap();
    }

    pub(crate) fn password(&self, password: &str) {
        self.home.write("password", password).unwrap();
    }

    /// Damages the list of trusted hypervisors.
    pub(crate) fn distrust_everything(&self) {
        let name = ".local/share/archipel/test/trusted.toml";
        self.home.write(name, "hypervisors = [").unwrap();
    }

    pub(crate) fn expose_password(&self, exposed: bool) {
        let mode = if exposed { 0o644 } else { 0o600 };
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&self.password, mode).unwrap();
    }

    pub(crate) async fn doctor(&self, arguments: &[&str]) -> Told {
        self.doctor_with(arguments, &[]).await
    }

    pub(crate) async fn doctor_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Told {
        let mut command = self.command(&["doctor", "-o", "json"]);
        command.args(arguments).envs(variables.iter().copied());
        let (out, err, code) = run(command).await;
        let rows: Vec<Value> = serde_json::from_str(&out).unwrap_or_default();
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let findings = rows.iter().map(|row| Said {
            id: text(row, "id"),
            severity: text(row, "severity"),
            seen: text(row, "seen"),
        });
        Told {
            findings: findings.collect(),
            code,
            err,
        }
    }

    /// What `doctor` prints in a terminal of this size that knows no synchronized updates.
    pub(crate) fn doctor_in_terminal(&self, columns: u16, rows: u16) -> String {
        let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_archipel"));
        command.env_clear();
        command.env("HOME", self.home.path());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.args(["doctor", "--only", "terminal"]);
        terminal::printed(command, columns, rows)
    }

    fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_archipel"));
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .args(arguments);
        command
    }

    /// Waits until the operator sees a hypervisor.
    pub(crate) async fn until_online(&self) {
        let seen = until(
            "the hypervisor online",
            Patience::seconds(180),
            async || {
                let (out, ..) = run(self.command(&["hypervisor", "list", "-o", "json"])).await;
                let rows: Vec<Value> = serde_json::from_str(&out).unwrap_or_default();
                rows.iter()
                    .any(|row| row["state"] == "online")
                    .then_some(())
            },
        );
        seen.await.unwrap();
    }
}

/// A host's agent with a folder of its own.
pub(crate) struct Agent {
    folder: Scratch,
    bus: RefCell<String>,
}

impl Agent {
    pub(crate) fn new() -> Self {
        let folder = Scratch::new().unwrap();
        folder.write("password", PASSWORD).unwrap();
        let bus = "[bus]\nhosts = [\"127.0.0.1:9\"]\n".to_owned();
        Self {
            folder,
            bus: RefCell::new(bus),
        }
    }

    /// How it gets to the bus.
    pub(crate) fn bus(&self, bus: &str) {
        bus.clone_into(&mut self.bus.borrow_mut());
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    pub(crate) fn expose_password(&self) {
        let path = self.folder.path().join("password");
        let mode = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(path, mode).unwrap();
    }

    /// Settings in which `more` stands in place of the lines of the same keys; a comment that is a key takes its line out.
    fn settings(&self, more: &str) -> PathBuf {
        let usual = format!(
            "jid = \"hv01@dc.example\"\nadmins = [\"admin@dc.example\"]\nvm_sessions = \"none\"\n\
             password_file = {:?}\nstate_dir = {:?}\nlibvirt_uri = \"test:///default\"\n",
            self.folder.path().join("password"),
            self.folder.path().join("state"),
        );
        let key = |line: &str| {
            let line = line.trim_start_matches("# ");
            line.split(' ').next().unwrap_or_default().to_owned()
        };
        let keys: Vec<String> = more.lines().map(key).collect();
        let kept = usual.lines().filter(|line| !keys.contains(&key(line)));
        let kept: Vec<&str> = kept.chain(more.lines()).collect();
        let text = format!("{}\n{}", kept.join("\n"), self.bus.borrow());
        self.folder.write("agent.toml", &text).unwrap()
    }

    /// What `check` tells, of one check unless `only` is empty.
    pub(crate) async fn check(&self, more: &str, only: &str) -> Told {
        let mut command = tokio::process::Command::new(agent_program());
        command
            .arg("check")
            .arg("--config")
            .arg(self.settings(more));
        if !only.is_empty() {
            command.args(["--only", only]);
        }
        told(run(command).await)
    }

    pub(crate) async fn check_with_descriptors(&self, limit: u32) -> Told {
        let script = format!("ulimit -n {limit}; exec \"$@\"");
        let command = self.behind(&script, "descriptors", "vm_sessions = \"auto\"\n");
        told(run(command).await)
    }

    /// Checks the disk of a store that lies on a file system of so many MiB; in a name space of its own, where anybody may mount.
    pub(crate) async fn check_with_disk(&self, mib: u32) -> Told {
        let disk = self.folder("disk");
        let script = format!("mount -t tmpfs -o size={mib}m disk {disk:?} && exec \"$@\"");
        let state = format!("state_dir = {disk:?}\n");
        let mut command = tokio::process::Command::new("unshare");
        command.args(["--mount", "--map-root-user"]);
        let inner = self.behind(&script, "disk", &state);
        command.arg(inner.as_std().get_program());
        command.args(inner.as_std().get_args());
        told(run(command).await)
    }

    /// Checks libvirt as another user, to whom everything of the agent belongs. Only root may.
    pub(crate) async fn check_libvirt_as(&self, user: u32, uri: &str) -> Told {
        let mut command = self.behind(
            "exec \"$@\"",
            "libvirt",
            &format!("libvirt_uri = {uri:?}\n"),
        );
        for path in ["", "agent.toml", "password"] {
            let path = self.folder.path().join(path);
            std::os::unix::fs::chown(path, Some(user), None).unwrap();
        }
        command.uid(user);
        told(run(command).await)
    }

    /// One check, behind a script of the shell that ends in `exec "$@"`.
    fn behind(&self, script: &str, only: &str, more: &str) -> tokio::process::Command {
        let mut command = tokio::process::Command::new("sh");
        command
            .args(["-c", script, "sh"])
            .arg(agent_program())
            .args(["check", "--only", only, "--config"])
            .arg(self.settings(more));
        command
    }

    /// Runs it for real until dropped.
    pub(crate) fn run(&self, more: &str) -> Process {
        let mut command = std::process::Command::new(agent_program());
        command.arg("run").arg("--config").arg(self.settings(more));
        let log = self.folder.path().join("log");
        Process::spawn("the agent", command, &log).unwrap()
    }
}

/// Reads the report for people: a sign, then the id, then two blanks.
fn told((out, err, code): (String, String, i32)) -> Told {
    let severity = |sign: &str| match sign {
        "!!" | " ✖" => "problem",
        " !" | " ▲" => "warning",
        " -" | " ·" => "hint",
        _ => "ok",
    };
    let signs = ["!!", " !", " -", "ok", " ✖", " ▲", " ·", " ✔"];
    let line = |line: &str| {
        let sign = signs
            .iter()
            .find(|sign| line.starts_with(&format!("{sign} ")))?;
        let rest = &line[sign.len() + 1..];
        let (id, seen) = rest.split_once("  ")?;
        Some(Said {
            id: id.trim().to_owned(),
            severity: severity(sign).to_owned(),
            seen: seen.trim().to_owned(),
        })
    };
    Told {
        findings: out.lines().filter_map(line).collect(),
        code,
        err: format!("{out}{err}"),
    }
}
