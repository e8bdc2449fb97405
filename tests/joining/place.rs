//! A host that is invited, and the place where it joins.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use archipel_config::JoinCode;
use archipel_lab::{ServerKind, ServerOptions};
use tokio::{io::AsyncWriteExt as _, process::Command};

use crate::common::{Outcome, World, agent_program};

/// A server that lets nobody register, and its admin.
pub(crate) async fn bus(kind: ServerKind) -> World {
    World::bare(kind, ServerOptions::new("dc.example")).await
}

pub(crate) fn says(outcome: &Outcome, code: i32, parts: &[&str]) {
    let all = format!("{}{}", outcome.out, outcome.err);
    assert_eq!(outcome.code, code, "{all}");
    for part in parts {
        assert!(all.contains(part), "`{part}` is missing in:\n{all}");
    }
    assert!(!all.contains("panicked"), "{all}");
}

/// Invites a host and returns its code.
pub(crate) async fn invite(world: &World, name: &str) -> String {
    let outcome = world.archipel(&["hypervisor", "invite", name]).await;
    says(
        &outcome,
        0,
        &["archipel-agent join", "Treat it as a password"],
    );
    let code = outcome.out.trim_end().to_owned();
    assert!(code.starts_with("archipel1") && !code.contains(char::is_whitespace));
    assert!(!outcome.err.contains(&code), "{}", outcome.err);
    code
}

/// Where a host joins.
pub(crate) struct Place {
    pub(crate) config: PathBuf,
    pub(crate) state: PathBuf,
}

impl Place {
    pub(crate) fn new(world: &World, name: &str) -> Self {
        let folder = world.scratch.path().join(name);
        Self {
            config: folder.join("etc/agent.toml"),
            state: folder.join("state"),
        }
    }

    /// Runs `archipel-agent join` with a code on its standard input. While it waits for the end of that, the system's list of processes
    /// is looked through for secrets.
    pub(crate) async fn join(&self, code: &str, more: &[&str]) -> Outcome {
        let mut command = Command::new(agent_program());
        command
            .args(["join", "--config"])
            .arg(&self.config)
            .arg("--state")
            .arg(&self.state)
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        // A join that has ended already reads nothing.
        let _ = input.write_all(code.as_bytes()).await;
        if let (Some(pid), Ok(code)) = (child.id(), JoinCode::parse(code)) {
            hides(
                pid,
                &[code.secret.expose(), code.to_text().unwrap().expose()],
            );
        }
        drop(input);
        let output = tokio::time::timeout(Duration::from_mins(2), child.wait_with_output()).await;
        let output = output.expect("the agent ends").unwrap();
        Outcome {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Nothing of a secret is in what everybody, or the same user, can read of a process.
pub(crate) fn hides(pid: u32, secrets: &[&str]) {
    for file in ["cmdline", "environ"] {
        let seen = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let seen = String::from_utf8_lossy(&seen).into_owned();
        assert!(
            secrets.iter().all(|secret| !seen.contains(secret)),
            "{file}"
        );
    }
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The code as somebody changed it.
pub(crate) fn changed(code: &str, change: impl FnOnce(&mut JoinCode)) -> String {
    let mut code = JoinCode::parse(code).unwrap();
    change(&mut code);
    code.to_text().unwrap().expose().to_owned()
}

/// Whether an account takes a password.
pub(crate) async fn lets_in(world: &World, account: &str, password: &str) -> bool {
    let file = world.scratch.write("tried-password", password).unwrap();
    let (address, ca) = (world.server.starttls_addr(), world.server.ca_pem_path());
    world.write_profile_text(
        "test",
        &format!(
            "jid = \"{account}\"\npassword_file = \"{}\"\n[bus]\nhosts = [\"{address}\"]\nca_file = \"{}\"\n",
            file.display(),
            ca.display()
        ),
    );
    let outcome = world.archipel(&["whoami"]).await;
    world.write_profile("test", "");
    assert!(
        matches!(outcome.code, 0 | 3),
        "{}{}",
        outcome.out,
        outcome.err
    );
    outcome.code == 0
}
