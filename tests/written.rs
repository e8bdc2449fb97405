//! From the shell: what is written about machines, tags, and rights, against real agents.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::PathBuf;

use archipel_lab::ServerKind;
use common::{ADMIN, Content, Outcome, Plan, World, lacks};

const LIBVIRT: &[&str] = &["libvirtd", "virsh"];

async fn world(test: &str, kind: ServerKind, hosts: usize) -> Option<World> {
    if lacks(test, kind, LIBVIRT) {
        return None;
    }
    let hosts = (0..hosts).map(|_| Content::Machines(12)).collect();
    Some(World::start(Plan { kind, hosts }).await)
}

impl World {
    async fn does(&self, words: &[&str]) -> String {
        let outcome = self.archipel(words).await;
        assert_eq!(outcome.code, 0, "{words:?}: {}{}", outcome.out, outcome.err);
        outcome.out
    }

    async fn fails(&self, code: i32, words: &[&str]) -> Outcome {
        let outcome = self.archipel(words).await;
        assert_eq!(
            outcome.code, code,
            "{words:?}: {}{}",
            outcome.out, outcome.err
        );
        outcome
    }

    /// A machine that is off.
    async fn one_off(&self) -> String {
        let rows = self
            .archipel(&[
                "vm",
                "list",
                "state = off and hypervisor = hv01@dc.example",
                "-o",
                "json",
            ])
            .await
            .json();
        rows[0]["name"].as_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        self.scratch.write(name, text).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_is_edited_written_and_taken_back() {
    for kind in ServerKind::ALL {
        let Some(world) = world("definitions", kind, 1).await else {
            continue;
        };
        let name = world.one_off().await;
        let vm = name.as_str();
        let before = world.does(&["vm", "definition", vm]).await;
        assert!(
            before.contains("<domain") && before.contains(vm),
            "{before}"
        );
        let planned = world
            .does(&["vm", "edit", vm, "set title The shop", "--plan"])
            .await;
        assert!(
            planned.contains('+') && planned.contains("The shop"),
            "{planned}"
        );
        assert_eq!(
            world.does(&["vm", "definition", vm]).await,
            before,
            "a plan changes nothing"
        );
        world
            .does(&["vm", "edit", vm, "set title The shop", "set memory 2GiB"])
            .await;
        let after = world.does(&["vm", "definition", vm]).await;
        assert!(after.contains("<title>The shop</title>"), "{after}");
        let again = world.does(&["vm", "edit", vm, "set title The shop"]).await;
        assert!(again.contains("nothing to change"), "{again}");

        let text = after.replace("The shop", "The workshop");
        let file = world.file("new.xml", &text);
        let file = file.to_str().unwrap();
        let planned = world.does(&["vm", "define", file, vm, "--plan"]).await;
        assert!(planned.contains("The workshop"), "{planned}");
        world.does(&["vm", "define", file, vm]).await;
        let defined = world.does(&["vm", "definition", vm]).await;
        assert!(defined.contains("The workshop"), "{defined}");

        let rows = world
            .archipel(&["vm", "history", vm, "-o", "json"])
            .await
            .json();
        assert!(rows.len() >= 2, "{rows:?}");
        let admin = format!("{ADMIN}@dc.example");
        assert!(
            rows.iter().any(|row| row["by"] == admin.as_str()),
            "{rows:?}"
        );
        let number = rows[1]["number"].to_string();
        let since = world
            .does(&["vm", "definition", vm, "--since", &number])
            .await;
        assert!(since.contains("workshop"), "{since}");
        world.does(&["vm", "undo", vm, "--yes"]).await;
        let undone = world.does(&["vm", "definition", vm]).await;
        assert!(
            undone.contains("The shop") && !undone.contains("workshop"),
            "{undone}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_refused_with_the_reason() {
    let Some(world) = world("refused definitions", ServerKind::Prosody, 1).await else {
        return;
    };
    let vm = world.one_off().await;
    let bad = world.fails(2, &["vm", "edit", &vm, "make it faster"]).await;
    assert!(bad.err.contains("an edit begins with"), "{}", bad.err);
    let none = world.fails(2, &["vm", "edit", &vm]).await;
    assert!(none.err.contains("set memory 8GiB"), "{}", none.err);
    world
        .fails(
            2,
            &["vm", "edit", "hypervisor = hv01@dc.example", "set title x"],
        )
        .await;
    let file = world.file("bad.xml", "<domain><name>x</name>");
    world
        .fails(2, &["vm", "define", file.to_str().unwrap(), &vm])
        .await;
    world
        .fails(2, &["vm", "define", "/no/such/file", &vm])
        .await;
    world
        .fails(2, &["vm", "definition", "hypervisor = hv01@dc.example"])
        .await;
    let read_only = world
        .fails(2, &["vm", "edit", &vm, "set title x", "--read-only"])
        .await;
    assert!(read_only.err.contains("read-only"), "{}", read_only.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_come_and_go_on_several_machines() {
    let Some(world) = world("tags", ServerKind::Prosody, 2).await else {
        return;
    };
    let all = "hypervisor = hv01@dc.example";
    world.fails(2, &["tag", "add", "night", all]).await;
    world
        .does(&["tag", "add", "night,site/munich", all, "--yes"])
        .await;
    let rows = world
        .archipel(&["vm", "list", "tag = night", "-o", "json"])
        .await
        .json();
    assert_eq!(rows.len(), 12, "{rows:?}");
    let again = world.does(&["tag", "add", "night", all, "--yes"]).await;
    assert!(again.contains("nothing to change"), "{again}");
    world.does(&["tag", "remove", "night", all, "--yes"]).await;
    let counts = world.archipel(&["tag", "list", "-o", "json"]).await.json();
    assert!(counts.iter().all(|row| row["tag"] != "night"), "{counts:?}");
    assert!(
        counts
            .iter()
            .any(|row| row["tag"] == "site/munich" && row["machines"] == 12)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_given_listed_explained_and_taken() {
    for kind in ServerKind::ALL {
        let Some(world) = world("rights", kind, 2).await else {
            continue;
        };
        let give = [
            "access",
            "give",
            "bob@dc.example",
            "role/operator",
            "--in",
            "tag = web",
        ];
        world.fails(2, &give).await;
        let planned = world.does(&[&give[..], &["--plan"]].concat()).await;
        assert!(
            planned.contains("hv01") && planned.contains("hv02"),
            "{planned}"
        );
        world.does(&[&give[..], &["--yes"]].concat()).await;
        let list = ["access", "list", "--of", "bob@dc.example", "-o", "json"];
        let rows = world.archipel(&list).await.json();
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert_eq!(
            (&rows[0]["what"], &rows[0]["in"]),
            (&"role/operator".into(), &"tag = web".into())
        );
        let vm = world.one_off().await;
        let why = world
            .does(&["access", "why", "create", &vm, "--who", "bob@dc.example"])
            .await;
        assert!(why.contains("not allowed"), "{why}");
        let own = world
            .archipel(&["access", "why", "create", &vm, "-o", "json"])
            .await
            .json();
        assert_eq!(own[0]["allowed"], true, "{own:?}");
        world
            .does(&[
                "access",
                "add-to-role",
                "night",
                "create",
                "shutdown",
                "--on",
                "id = hv01*",
            ])
            .await;
        let roles = world
            .archipel(&["access", "roles", "-o", "json"])
            .await
            .json();
        let night = roles.iter().find(|role| role["role"] == "night").unwrap();
        assert_eq!(
            night["permissions"],
            serde_json::json!(["create", "shutdown"])
        );
        let take = [
            "access",
            "take",
            "bob@dc.example",
            "role/operator",
            "--in",
            "tag = web",
        ];
        world
            .does(&[&take[..], &["--on", "id = hv0*", "--yes=2"]].concat())
            .await;
        assert!(world.archipel(&list).await.json().is_empty());
        let unknown = world
            .fails(
                1,
                &[
                    "access",
                    "give",
                    "bob@dc.example",
                    "fly",
                    "--on",
                    "id = hv01*",
                ],
            )
            .await;
        assert!(unknown.out.contains("fly"), "{}", unknown.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_made_on_one_hypervisor() {
    let Some(world) = world("alloc", ServerKind::Prosody, 2).await else {
        return;
    };
    let text = "<domain type='test'><name>x</name><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>";
    let file = world.file("small.xml", text);
    let made = [
        "hypervisor",
        "alloc",
        "hv02",
        "--name",
        "fresh",
        "--define",
        file.to_str().unwrap(),
    ];
    world.does(&made).await;
    world.wait_for_state("fresh", "off").await;
    let rows = world
        .archipel(&["vm", "list", "fresh", "-o", "json"])
        .await
        .json();
    assert_eq!(rows[0]["hypervisor"], "hv02@dc.example");
    let twice = world.fails(1, &made).await;
    assert!(twice.err.contains("fresh"), "{}", twice.err);
    world.fails(2, &["hypervisor", "alloc", "hv0*"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_copied_described_and_taken_back() {
    let Some(world) = world("copies", ServerKind::Ejabberd, 1).await else {
        return;
    };
    let vm = world.one_off().await;
    world.does(&["vm", "clone", &vm, "full"]).await;
    world.wait_for_state("full", "off").await;
    world
        .fails(2, &["vm", "clone", &vm, "linked", "--linked"])
        .await;
    world
        .does(&["vm", "clone", &vm, "linked", "--linked", "--yes"])
        .await;
    world.wait_for_state("linked", "off").await;
    let resting = world.fails(1, &["vm", "start", &vm]).await;
    assert!(resting.out.contains("linked"), "{}", resting.out);

    let owner = ["vm", "describe", "full", "--owner", "olga@dc.example"];
    world.does(&owner).await;
    let shown = world.does(&["vm", "info", "full"]).await;
    assert!(shown.contains("olga@dc.example"), "{shown}");
    let listed = world.does(&["vm", "list", "owner = olga@*"]).await;
    assert!(
        listed.contains("full") && !listed.contains("linked"),
        "{listed}"
    );
    let nothing = world.fails(2, &["vm", "describe", "full"]).await;
    assert!(nothing.err.contains("--owner"), "{}", nothing.err);
    let both = ["vm", "describe", "full", "linked", "--name", "x", "--yes"];
    let both = world.fails(2, &both).await;
    assert!(both.err.contains("`x`"), "{}", both.err);
    let read_only = [&["--read-only"][..], &owner].concat();
    world.fails(2, &read_only).await;
    let plan = world.does(&[&owner[..], &["--plan"]].concat()).await;
    assert!(plan.contains("olga@dc.example"), "{plan}");

    for size in ["set memory 96MiB", "set memory 128MiB"] {
        world.does(&["vm", "edit", "full", size]).await;
    }
    world
        .does(&["vm", "undo", "full", "--to", "1", "--yes"])
        .await;
    let back = world
        .does(&["vm", "definition", "full", "--since", "1", "-o", "json"])
        .await;
    assert!(!back.contains("131072"), "{back}");
    let history = world
        .archipel(&["vm", "history", "full", "-o", "json"])
        .await;
    assert_eq!(history.json()[0]["verb"], "undo", "{}", history.out);
    let gone = ["vm", "undo", "full", "--to", "99", "--yes"];
    world.fails(1, &gone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_picked_by_what_was_asked_and_what_became_of_it() {
    let Some(world) = world("events by result", ServerKind::Prosody, 1).await else {
        return;
    };
    let name = world.one_off().await;
    let vm = name.as_str();
    let text = world.does(&["vm", "definition", vm]).await;
    let file = world.file("odd.xml", &text.replacen(">hvm<", ">nonsense<", 1));
    world
        .fails(1, &["vm", "define", file.to_str().unwrap(), vm])
        .await;
    world.does(&["vm", "start", vm]).await;
    let picked = async |selector: &str| {
        let outcome = world.archipel(&["events", selector, "-o", "json"]).await;
        outcome.json()
    };
    let failed =
        picked("since today and severity >= warning and verb = define and result = failed").await;
    assert!(
        failed.len() == 1 && failed[0]["result"] == "failed" && failed[0]["verb"] == "define",
        "{failed:?}"
    );
    assert_eq!(failed[0]["severity"], "error");
    for selector in [
        "since today and verb = start and result = done and severity < warning",
        "since today and verb = vm.start",
        "since today and verb = create",
    ] {
        let done = picked(selector).await;
        assert!(done.len() == 1 && done[0]["verb"] == "vm.start", "{done:?}");
    }
    let denied = picked("since today and result = denied").await;
    assert!(denied.is_empty(), "{denied:?}");
    let odd = world.archipel(&["events", "result = refused"]).await;
    assert!(odd.code == 2 && odd.err.contains("denied"), "{}", odd.err);
}
