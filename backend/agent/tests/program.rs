//! The program itself, over libvirt's test driver, on a real server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use archipel_bus::Event;
use archipel_lab::{Patience, Process, Scratch, ServerKind, until};
use archipel_protocol::{Presence, PresenceKind, Stanza, hypervisor_control};
use common::{Client, PASSWORD, Site, eventually, jid};
use rustix::process::Signal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_archipel-agent");

/// The settings of an agent, in a folder of its own.
struct Setup {
    folder: Scratch,
    text: String,
}

impl Setup {
    fn new(site: &Site) -> Self {
        let folder = Scratch::new().unwrap();
        let password = folder.write("password", PASSWORD).unwrap();
        let text = format!(
            "jid = 'hv01@dc.example'\npassword_file = '{}'\nadmins = ['admin@dc.example']\n\
             libvirt_uri = 'test:///default'\nstate_dir = '{}'\nadopt = 'manage'\nvm_sessions = 'none'\n\
             [bus]\nhosts = ['127.0.0.1:{}']\nca_file = '{}'\n",
            password.display(),
            folder.path().join("state").display(),
            site.server.starttls_addr().port(),
            site.server.ca_pem_path().display(),
        );
        Self { folder, text }
    }

    fn write(&self) -> PathBuf {
        self.folder.write("agent.toml", &self.text).unwrap()
    }

    fn with(&self, from: &str, to: &str) -> String {
        assert!(self.text.contains(from), "{}", self.text);
        self.text.replace(from, to)
    }

    /// The program with these settings, until it ends.
    fn ends(&self, command: &str, text: &str) -> Output {
        let path = self.folder.write("other.toml", text).unwrap();
        program(command, &path).output().unwrap()
    }

    fn run(&self) -> Process {
        let output = self.folder.path().join("output");
        Process::spawn("the agent", program("run", &self.write()), &output).unwrap()
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("output")).unwrap_or_default()
    }
}

fn program(command: &str, settings: &Path) -> Command {
    let mut program = Command::new(PROGRAM);
    program.arg(command).arg("--config").arg(settings);
    program
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The hypervisor's next presence; the server's name is the host's here.
async fn presence(client: &mut Client, kind: PresenceKind) -> Presence {
    client
        .wait("the hypervisor's presence", |event| match event {
            Event::Stanza(Stanza::Presence(presence)) => {
                let own = presence.from.as_ref()?.to_bare() == jid("hv01");
                (own && presence.kind == kind).then_some(presence)
            }
            _ => None,
        })
        .await
}

async fn subscribe(client: &Client) {
    let subscribe = Presence::new(PresenceKind::Subscribe).to(jid("hv01"));
    client.send(subscribe).await;
}

#[tokio::test]
async fn it_runs_reloads_and_says_goodbye() {
    let Some(site) = Site::start(ServerKind::Prosody, "the program runs").await else {
        return;
    };
    let setup = Setup::new(&site);
    let mut agent = setup.run();
    let mut admin = site.client("admin").await;
    subscribe(&admin).await;
    let online = presence(&mut admin, PresenceKind::Available).await;
    let full = online.from.unwrap();
    let roster = archipel_protocol::Command::new(archipel_protocol::Request::HypervisorControl(
        hypervisor_control::Action::RosterVm,
    ));
    let ask = async |client: &Client| {
        let kind = archipel_protocol::IqKind::Get;
        client.iq(kind, full.clone(), roster.to_element()).await
    };
    let answer = ask(&admin).await.unwrap();
    let items = hypervisor_control::parse_roster(answer.payload().unwrap()).unwrap();
    assert_eq!(items[0].name, "test");

    let eve = site.client("eve").await;
    assert!(ask(&eve).await.is_err());
    let rules = setup.with("'admin@dc.example'", "'admin@dc.example', 'eve@dc.example'");
    setup.folder.write("agent.toml", &rules).unwrap();
    agent.signal(Signal::HUP);
    eventually("the new admin to count", async || ask(&eve).await.is_ok()).await;
    setup.folder.write("agent.toml", "nonsense = ").unwrap();
    agent.signal(Signal::HUP);
    eventually("the broken file to be told", async || {
        setup.said().contains("the old ones stay in force")
    })
    .await;
    assert!(ask(&eve).await.is_ok());

    agent.signal(Signal::TERM);
    presence(&mut admin, PresenceKind::Unavailable).await;
    let status = until("the end", Patience::USUAL, async || agent.exit_status()).await;
    assert!(status.unwrap().success(), "{}", setup.said());
    assert!(!setup.said().contains(PASSWORD));
}

#[tokio::test]
async fn each_failure_ends_in_one_clear_message() {
    let Some(site) = Site::start(ServerKind::Prosody, "clear messages").await else {
        return;
    };
    let setup = Setup::new(&site);
    let wrong = setup.folder.write("wrong", "not it").unwrap();
    let password = setup.folder.path().join("password");
    let wrong = setup.with(
        &password.display().to_string(),
        &wrong.display().to_string(),
    );
    let output = setup.ends("run", &wrong);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("refused the password of hv01@dc.example"),
        "{said}"
    );
    assert!(!said.contains("not it"), "{said}");

    let strange = setup.with("ca_file", "# ca_file");
    let output = setup.ends("run", &strange);
    let said = stderr(&output);
    // Not 2 or 3: the unit starts it again, and a certificate may be renewed.
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("ca_file"), "{said}");

    let unknown = setup.with("adopt =", "adapt =");
    let output = setup.ends("run", &unknown);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains(":6: unknown key `adapt`, did you mean `adopt`?"),
        "{said}"
    );

    let password = setup.folder.path().join("password").display().to_string();
    let register = setup.with(&format!("password_file = '{password}'"), "register = true");
    let output = setup.ends("run", &register.replace("hv01@", "hv77@"));
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("does not offer registration"), "{said}");
}

#[tokio::test]
async fn a_check_says_what_works_and_what_does_not() {
    let Some(site) = Site::start(ServerKind::Prosody, "a check").await else {
        return;
    };
    let setup = Setup::new(&site);
    let stdout = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let output = setup.ends("check", &setup.text);
    let said = stdout(&output);
    assert!(output.status.success(), "{said}{}", stderr(&output));
    assert!(said.contains("hv01@dc.example: logged in"), "{said}");
    assert!(said.contains("test:///default: "), "{said}");
    assert!(!setup.folder.path().join("state").exists());

    let broken = setup.with(
        "test:///default",
        "qemu+unix:///system?socket=/nonexistent/x",
    );
    let output = setup.ends("check", &broken);
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("libvirt.unreachable"), "{said}");
    assert!(said.contains("logged in"), "{said}");

    let port = format!("127.0.0.1:{}", site.server.starttls_addr().port());
    let nowhere = setup.with(&port, "no-such-host.invalid:5222");
    let output = setup.ends("check", &nowhere);
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("reach.failed") && said.contains("no-such-host.invalid"),
        "{said}"
    );
}
