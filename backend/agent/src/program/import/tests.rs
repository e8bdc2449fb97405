#![allow(clippy::unwrap_used)]
use std::path::Path;

use rusqlite::Connection;

use super::*;

const ONE: &str = "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01";
const TWO: &str = "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e02";

/// The original's files, as its installer and its agent write them.
struct Original(tempfile::TempDir);

impl Original {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = Self(folder);
        let root = own.0.path().display();
        let conf = format!(
            "[DEFAULT]\nxmpp_server = dc.example\narchipel_folder_lib: {root}/\n\
             [GLOBAL]\nxmpp_pubsub_server = pubsub.%(xmpp_server)s\n\
             ARCHIPEL_ROOT_ADMINS = admin@%(xmpp_server)s\n  second@%(xmpp_server)s nonsense\nlibvirt_uri = xen:///\n\
             [HYPERVISOR]\nhypervisor_xmpp_jid = hv01@%(xmpp_server)s\nhypervisor_xmpp_password = 100%% secret\n\
             hypervisor_database_path = %(archipel_folder_lib)s/hypervisor.sqlite3\n\
             hypervisor_permissions_database_path = %(archipel_folder_lib)s/permissions.sqlite3\n\
             [VIRTUALMACHINE]\nvm_base_path = %(archipel_folder_lib)s/drives\n; vm_perm_path = /nowhere\n\
             vm_permissions_database_path = /permissions.sqlite3\n\
             [LOGGING]\nlogging_date_format = %Y-%m-%d\n"
        );
        std::fs::write(own.conf(), conf).unwrap();
        own.machines(&[(ONE, "dc.example", "one"), (TWO, "dc.example", "two")]);
        let grants = [
            ("olga@dc.example", "alloc"),
            ("olga@dc.example", "all"),
            ("x", "alloc"),
        ];
        Self::grants(&own.0.path().join("permissions.sqlite3"), &grants);
        let drives = own.0.path().join("drives").join(ONE);
        std::fs::create_dir_all(&drives).unwrap();
        let grants = [
            ("bob@dc.example", "create"),
            ("bob@dc.example", "create"),
            ("bob@dc.example", "teleport"),
        ];
        Self::grants(&drives.join("permissions.sqlite3"), &grants);
        own
    }

    fn conf(&self) -> PathBuf {
        self.0.path().join("archipel.conf")
    }

    fn database(&self) -> PathBuf {
        self.0.path().join("hypervisor.sqlite3")
    }

    fn machines(&self, machines: &[(&str, &str, &str)]) {
        let _ = std::fs::remove_file(self.database());
        let connection = Connection::open(self.database()).unwrap();
        let sql = "create table virtualmachines (jid text, password text, creation_date date, comment text, name text)";
        connection.execute_batch(sql).unwrap();
        for (node, domain, name) in machines {
            let sql = "insert into virtualmachines values (?1, 'pass of ' || ?2, '2012-01-01 10:00:00.000000', '', ?2)";
            connection
                .execute(sql, [&format!("{node}@{domain}"), *name])
                .unwrap();
        }
    }

    fn grants(file: &Path, grants: &[(&str, &str)]) {
        let connection = Connection::open(file).unwrap();
        let sql = "CREATE TABLE users (name VARCHAR NOT NULL, PRIMARY KEY (name));
            CREATE TABLE permissions (name VARCHAR NOT NULL, description VARCHAR, \"defaultValue\" INTEGER, PRIMARY KEY (name));
            CREATE TABLE users_have_permissions (\"user\" VARCHAR, permission VARCHAR);";
        connection.execute_batch(sql).unwrap();
        for (who, what) in grants {
            let sql = "INSERT INTO users_have_permissions VALUES (?1, ?2)";
            connection.execute(sql, [who, what]).unwrap();
        }
    }

    fn plan(&self, host_wide: bool) -> Result<Plan, String> {
        let account = "hv01@dc.example".parse().unwrap();
        Plan::of(&conf::Conf::read(&self.conf())?, &account, host_wide)
    }
}

fn granted(plan: &Plan) -> Vec<String> {
    let grants = plan.grants.iter().cloned().map(PolicyChange::Give);
    grants.map(|change| change.to_string()).collect()
}

#[test]
fn machines_accounts_and_rights_come_over() {
    let original = Original::new();
    let plan = original.plan(false).unwrap();
    let names: Vec<&str> = plan
        .machines
        .iter()
        .map(|machine| machine.name.as_str())
        .collect();
    assert_eq!(names, ["one", "two"]);
    let secret = |node: &str| {
        let jid: archipel_protocol::BareJid = format!("{node}@dc.example").parse().unwrap();
        plan.secrets[&jid].expose().to_owned()
    };
    assert_eq!(
        (secret(ONE), secret("hv01")),
        ("pass of one".into(), "100% secret".into())
    );
    let admins: Vec<String> = plan.admins.iter().map(ToString::to_string).collect();
    assert_eq!(admins, ["admin@dc.example", "second@dc.example"]);
    assert_eq!(
        granted(&plan),
        [
            format!("gave `create` to bob@dc.example for `id = {ONE}`"),
            "gave `alloc` to olga@dc.example".to_owned(),
        ]
    );
    assert_eq!(plan.libvirt.as_deref(), Some("xen:///"));
    let drives = original.0.path().join("drives/{vm}");
    assert_eq!(plan.folder.as_deref(), drives.to_str());
    assert!(plan.settings.is_empty(), "{:?}", plan.settings);
    let remarks = plan.remarks.iter().cloned().collect::<Vec<_>>().join("\n");
    for left_out in ["nonsense", "`all` of olga@dc.example", "teleport", "of `x`"] {
        assert!(remarks.contains(left_out), "{left_out}: {remarks}");
    }
    assert!(
        granted(&original.plan(true).unwrap())
            .contains(&"gave `all` to olga@dc.example".to_owned())
    );
}

#[test]
fn accounts_that_are_no_machines_are_left_out() {
    let original = Original::new();
    let upper = ONE.to_uppercase();
    original.machines(&[
        ("../../x", "dc.example", "path"),
        (&upper.replace('-', ""), "dc.example", "other spelling"),
        (ONE, "elsewhere.example", "one"),
        (ONE, "dc.example", "twice"),
        ("admin", "dc.example", "person"),
    ]);
    let plan = original.plan(false).unwrap();
    assert_eq!(plan.machines.len(), 1);
    assert_eq!(plan.secrets.len(), 1, "the hypervisor's alone");
    assert!(
        plan.remarks
            .iter()
            .any(|remark| remark.contains("another server"))
    );
}

#[test]
fn hostile_files_are_refused_and_left_alone() {
    let original = Original::new();
    let database = original.database();
    let refused = |what: &str| {
        let error = original.plan(false).err();
        assert!(
            error.is_some_and(|error| error.contains("hypervisor.sqlite3")),
            "{what}"
        );
    };
    std::fs::write(
        &database,
        "no database, but long enough to look like one that is damaged",
    )
    .unwrap();
    refused("a text");
    std::fs::remove_file(&database).unwrap();
    refused("nothing");
    std::os::unix::fs::symlink("/etc/passwd", &database).unwrap();
    refused("a link");
    std::fs::remove_file(&database).unwrap();
    std::fs::create_dir(&database).unwrap();
    refused("a folder");
    std::fs::remove_dir(&database).unwrap();
    let connection = Connection::open(&database).unwrap();
    let view = "CREATE VIEW virtualmachines AS SELECT load_extension('x') AS jid, '' AS password, '' AS name";
    connection.execute_batch(view).unwrap();
    refused("a view");
    connection
        .execute_batch("DROP VIEW virtualmachines")
        .unwrap();
    drop(connection);
    refused("no table");
    original.machines(&[(ONE, "dc.example", "one")]);
    std::fs::write(database.with_extension("sqlite3-journal"), "").unwrap();
    refused("one in use");
}

#[test]
fn settings_that_insert_themselves_end() {
    let conf = conf::Conf::parse("[A]\na = %(b)s%(b)s\nb = %(a)s%(a)s\nc = %(none)s\nd = 5%\n");
    for option in ["a", "c", "d"] {
        assert!(conf.get("A", option).is_err(), "{option}");
    }
    assert_eq!(conf.get("A", "e").unwrap(), None);
}
