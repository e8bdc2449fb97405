//! What the host's own administrator does beside the agent, and what a running agent makes of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use archipel_agent::{Grant, PolicyChange, Rules, STORE_FILE, Store};
use archipel_lab::{Scratch, ServerKind};
use archipel_protocol::{
    IqKind,
    events::{Page, Query, Severity},
    failure::FailureKind,
    feed::{Detail, Row},
    vm_control::Action,
};
use common::{Site, driver, eventually, jid, vm};

const ONE: &str = "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01";

/// A host with a store and without a bus.
struct Host(Scratch);

impl Host {
    fn new() -> Self {
        let host = Self(Scratch::new().unwrap());
        let state = host.state();
        drop(Store::open(&state).unwrap());
        let settings = format!(
            "jid = 'hv01@dc.example'\njoined = true\nadmins = ['root@dc.example']\nstate_dir = '{}'\n",
            state.display()
        );
        host.0.write("agent.toml", &settings).unwrap();
        host
    }

    fn state(&self) -> PathBuf {
        self.0.path().join("state")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_archipel-agent"));
        let settings = self.0.path().join("agent.toml");
        program.args(arguments).arg("--config").arg(settings);
        program.env_remove("SUDO_USER").output().unwrap()
    }

    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {text}{:?}",
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }

    fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn tags_roles_and_admins_are_set_without_the_bus_and_audited() {
    let host = Host::new();
    host.says(&["admins", "add", "olga@dc.example"]);
    let again = host.says(&["admins", "add", "olga@dc.example"]);
    assert!(again.contains("so already"), "{again}");
    let admins = host.says(&["admins", "list"]);
    assert_eq!(
        admins,
        "root@dc.example  agent.toml\nolga@dc.example  granted\n"
    );
    let refused = host.refuses(&["admins", "remove", "root@dc.example"]);
    assert!(refused.contains("agent.toml"), "{refused}");
    host.says(&["admins", "remove", "olga@dc.example"]);

    host.says(&["roles", "create", "night", "create", "shutdown"]);
    let roles = host.says(&["roles", "list"]);
    assert!(roles.contains("night  create shutdown\n"), "{roles}");
    let refused = host.refuses(&["roles", "create", "night", "no-such-thing"]);
    assert!(refused.contains("no-such-thing"), "{refused}");
    host.says(&["roles", "delete", "night"]);
    assert!(!host.says(&["roles", "list"]).contains("night"));
    host.refuses(&["roles", "delete", "night"]);

    host.says(&["tags", "set", "host", "rack/a"]);
    host.says(&["tags", "set", ONE, "web", "prod"]);
    host.refuses(&["tags", "set", "no-such-machine", "web"]);
    let tags = host.says(&["tags", "list"]);
    assert_eq!(tags, format!("host  rack/a\n{ONE}  web prod\n"));

    let list = host.says(&["audit", "list"]);
    assert_eq!(list.lines().count(), 8, "{list}");
    assert!(list.lines().all(|line| line.contains(" local:")), "{list}");
    let sound = host.says(&["audit", "verify"]);
    assert!(sound.contains("8 entries"), "{sound}");
    let connection = rusqlite::Connection::open(host.state().join(STORE_FILE)).unwrap();
    connection
        .execute("UPDATE audit SET text = 'nothing' WHERE number = 5", [])
        .unwrap();
    let broken = host.refuses(&["audit", "verify"]);
    assert!(broken.contains("entry 5 was changed"), "{broken}");
}

#[test]
fn the_original_is_imported_once() {
    let host = Host::new();
    let root = host.0.path().display();
    let conf = format!(
        "[DEFAULT]\nxmpp_server = dc.example\n[GLOBAL]\narchipel_root_admins = root@%(xmpp_server)s olga@%(xmpp_server)s\n\
         [HYPERVISOR]\nhypervisor_xmpp_jid = hv01@%(xmpp_server)s\nhypervisor_xmpp_password = secret one\n\
         hypervisor_database_path = {root}/hypervisor.sqlite3\n\
         hypervisor_permissions_database_path = {root}/permissions.sqlite3\n\
         [VIRTUALMACHINE]\nvm_base_path = {root}/drives\nvm_permissions_database_path = /permissions.sqlite3\n\
         disable_screenshot = True\nenable_block_device_access = yes\n"
    );
    let conf = host.0.write("archipel.conf", &conf).unwrap();
    let open = |name: &str| rusqlite::Connection::open(host.0.path().join(name)).unwrap();
    let sql = format!(
        "create table virtualmachines (jid text, password text, creation_date date, comment text, name text);
         insert into virtualmachines values ('{ONE}@dc.example', 'secret two', '', '', 'web01');"
    );
    open("hypervisor.sqlite3").execute_batch(&sql).unwrap();
    let sql = "create table users_have_permissions (\"user\" varchar, permission varchar);
        insert into users_have_permissions values ('bob@dc.example', 'alloc');";
    open("permissions.sqlite3").execute_batch(sql).unwrap();
    let from = conf.to_str().unwrap();
    let dry = host.says(&["import", "--dry-run", "--from", from]);
    for line in [
        "web01",
        "account  hv01@dc.example",
        "gave `alloc` to bob@dc.example",
        "yourself: olga@dc.example",
        "/drives/{vm}\"",
        "not taken over  disable_screenshot: ",
    ] {
        assert!(dry.contains(line), "{line}: {dry}");
    }
    assert!(!dry.contains("secret"), "{dry}");
    assert!(!dry.contains("enable_block_device_access"), "{dry}");
    assert_eq!(host.says(&["audit", "list"]), "");
    let done = host.says(&["import", "--from", from]);
    assert!(
        done.contains("imported 1 machines, 2 accounts and 1 grants"),
        "{done}"
    );
    let again = host.says(&["import", "--from", from]);
    assert!(again.contains("nothing to import"), "{again}");
    let refused = host.refuses(&["import", "--from", "/no/such/archipel.conf"]);
    assert!(refused.contains("/no/such/archipel.conf"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_agent_takes_over_what_was_written_beside_it_when_it_is_reloaded() {
    let Some(site) = Site::start(ServerKind::Prosody, "a store changed beside its agent").await
    else {
        return;
    };
    let driver = driver(2);
    let agent = site.agent(&driver).await;
    let olga = site.client("olga").await;
    let refused = olga.vm(vm(1), Action::Create).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
    let beside = site.store();
    let grant = Grant {
        jid: jid("olga"),
        permission: "role/operator".into(),
        scope: Some("tag = web".into()),
        expires: None,
    };
    beside
        .change_policy(vec![PolicyChange::Give(grant)])
        .await
        .unwrap();
    beside
        .set_tags([(Some(vm(1)), vec!["web".into()])])
        .await
        .unwrap();
    let rules = Rules {
        admins: vec![jid("admin")],
        ..site.parts(&driver).rules
    };
    agent.reload(rules).await;
    eventually("the grant to count", async || {
        olga.vm(vm(1), Action::Create).await.is_ok()
    })
    .await;
    let refused = olga.vm(vm(2), Action::Create).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_does_not_keep_an_agent_from_its_machines() {
    let Some(site) = Site::start(ServerKind::Prosody, "an agent with a damaged store").await else {
        return;
    };
    let driver = driver(2);
    drop(site.store());
    let file = site.state.path().join("agent").join(STORE_FILE);
    std::fs::write(
        &file,
        "no database, but long enough to be taken for a damaged one",
    )
    .unwrap();
    let _agent = site.agent(&driver).await;
    let admin = site.client("admin").await;
    let machines = admin.watch("w", Detail::State).await;
    let machines = machines.iter().filter(|row| matches!(row, Row::Vm(_)));
    assert_eq!(machines.count(), 2);
    let query = Query {
        after: Some(0),
        severity: Severity::Error,
        ..Query::default()
    };
    eventually("the loss to be told", async || {
        let answer = admin.ask(IqKind::Get, query.to_element()).await.unwrap();
        let events = Page::parse(&answer).unwrap().events;
        events
            .iter()
            .any(|event| event.what == "store-lost" && event.text.contains("set aside"))
    })
    .await;
}
