//! `archipel-agent join` where things go wrong in between: an attempt that was cut short, a server that changes no passwords.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use archipel_agent::Store;
use archipel_config::{Certificate, JoinCode, Secret, ServerTrust, TlsMode};
use archipel_lab::{Scratch, ServerKind};
use common::{PASSWORD, Site, jid};
use jiff::Timestamp;
use rusqlite::Connection;

const PROGRAM: &str = env!("CARGO_BIN_EXE_archipel-agent");

/// A host that joins as `hv01`.
struct Host {
    folder: Scratch,
    code: JoinCode,
}

impl Host {
    fn new(site: &Site) -> Self {
        let pem = fs::read(site.server.ca_pem_path()).unwrap();
        let address = site.server.starttls_addr().to_string();
        Self {
            folder: Scratch::new().unwrap(),
            code: JoinCode {
                hypervisor: jid("hv01"),
                inviter: jid("admin"),
                secret: Secret::new(PASSWORD.to_owned()),
                expires: Timestamp::from_second(9_000_000_000).unwrap(),
                servers: vec![address.parse().unwrap()],
                tls: TlsMode::Starttls,
                trust: ServerTrust::Authorities(Certificate::all_of_pem(&pem).unwrap()),
                allow_plain: false,
                prepared: false,
            },
        }
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("agent.toml")
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn join(&self) -> Output {
        let mut command = Command::new(PROGRAM);
        command
            .args(["join", "--libvirt", "test:///default", "--config"])
            .arg(self.settings())
            .arg("--state")
            .arg(self.state())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let text = self.code.to_text().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.expose().as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    }

    fn store(&self) -> Connection {
        drop(Store::open(&self.state()).unwrap());
        Connection::open(self.state().join("agent.sqlite3")).unwrap()
    }

    /// As an attempt leaves it that ended between storing a password and knowing that the server has it.
    fn cut_short(&self, secret: &str) {
        let sql = "INSERT OR REPLACE INTO accounts (jid, secret, confirmed) VALUES ('hv01@dc.example', ?1, FALSE)";
        self.store().execute(sql, [secret]).unwrap();
    }

    fn secret(&self) -> Option<String> {
        let sql = "SELECT secret FROM accounts WHERE jid = 'hv01@dc.example'";
        self.store().query_row(sql, [], |row| row.get(0)).ok()
    }
}

fn says(output: &Output, code: i32, parts: &[&str]) {
    let said = [&output.stdout, &output.stderr]
        .map(|text| String::from_utf8_lossy(text))
        .concat();
    assert_eq!(output.status.code(), Some(code), "{said}");
    for part in parts {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_that_was_cut_short_is_taken_up_again() {
    for kind in ServerKind::ALL {
        let Some(site) = Site::start(kind, "a join that was cut short").await else {
            continue;
        };
        let mut host = Host::new(&site);
        // Before the server heard of it: the password of the code is still good.
        host.cut_short("never sent");
        says(&host.join(), 0, &["joined the bus as hv01@dc.example"]);
        let own = host.secret().unwrap();
        assert!(own != "never sent" && own != PASSWORD);

        // After it: the one in the store is, and the code may have run out meanwhile.
        fs::remove_file(host.settings()).unwrap();
        host.cut_short(&own);
        host.code.expires = Timestamp::from_second(1).unwrap();
        says(&host.join(), 0, &["joined the bus as hv01@dc.example"]);
        assert_eq!(host.secret(), Some(own.clone()));
        let mut check = Command::new(PROGRAM);
        let output = check
            .args(["check", "--config"])
            .arg(host.settings())
            .output()
            .unwrap();
        says(&output, 0, &["hv01@dc.example: logged in"]);

        // Neither of the two.
        fs::remove_file(host.settings()).unwrap();
        host.cut_short("wrong");
        says(&host.join(), 3, &["does not accept this join code"]);
        assert!(!host.settings().exists());

        // Whole, and then used again: what works is left as it is.
        host.cut_short(&own);
        says(&host.join(), 0, &[]);
        fs::remove_file(host.settings()).unwrap();
        host.code.expires = Timestamp::from_second(9_000_000_000).unwrap();
        says(&host.join(), 3, &["it was used"]);
        assert_eq!(host.secret(), Some(own));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_changes_no_passwords_is_told_from_one_that_need_not() {
    let Some(mut site) = Site::start(ServerKind::Prosody, "no change of passwords").await else {
        return;
    };
    let file = site.server.folder().join("prosody.cfg.lua");
    let text = fs::read_to_string(&file).unwrap();
    let module = "\"user_account_management\";";
    assert!(text.contains(module));
    fs::write(&file, text.replace(module, "")).unwrap();
    site.server.restart().await.unwrap();

    let mut host = Host::new(&site);
    says(
        &host.join(),
        3,
        &[
            "did not let hv01@dc.example change its password",
            "user_account_management",
            "mod_register",
        ],
    );
    assert!(!host.settings().exists() && host.secret().is_none());
    host.code.prepared = true;
    says(
        &host.join(),
        0,
        &["keeps the one it was prepared with", "joined the bus"],
    );
    assert_eq!(host.secret().as_deref(), Some(PASSWORD));
}

#[tokio::test]
async fn a_host_that_says_it_joined_and_has_no_secret_is_told_what_to_do() {
    let folder = Scratch::new().unwrap();
    let state = folder.path().join("state");
    let text = format!(
        "jid = 'hv01@dc.example'\njoined = true\nlibvirt_uri = 'test:///default'\nstate_dir = '{}'\n[bus]\nhosts = ['127.0.0.1:1']\n",
        state.display()
    );
    let settings = folder.write("agent.toml", &text).unwrap();
    for verb in ["check", "run"] {
        let output = Command::new(PROGRAM)
            .args([verb, "--config"])
            .arg(&settings)
            .output()
            .unwrap();
        says(
            &output,
            1,
            &[
                "has not joined as `hv01@dc.example`",
                "archipel-agent join --replace",
            ],
        );
    }
}
