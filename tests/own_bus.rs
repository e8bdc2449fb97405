//! `archipel bus init` on an installed but unconfigured server: for real, on a copy of this machine's files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use archipel_lab::{Scratch, ServerKind, missing, skip};

fn archipel(arguments: &[&str], home: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_archipel"))
        .args(arguments)
        .env("HOME", home)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The part of the script's report under one heading.
fn part<'a>(report: &'a str, heading: &str) -> &'a str {
    let after = report.split_once(&format!("== {heading}\n"));
    let after = after.unwrap_or_else(|| panic!("no {heading}: {report}")).1;
    after.split("\n== ").next().unwrap_or_default()
}

#[test]
fn files_to_copy_are_written_once() {
    for kind in ServerKind::ALL {
        let scratch = Scratch::new().unwrap();
        let folder = scratch.path().join("out");
        let shown = folder.display().to_string();
        let arguments = [
            "bus",
            "init",
            "--server",
            kind.word(),
            "--domain",
            "dc.example",
            "--into",
            &shown,
        ];
        let first = archipel(&arguments, scratch.path());
        assert!(first.status.success(), "{kind}: {}", text(&first.stderr));
        let steps = fs::read_to_string(folder.join("STEPS.txt")).unwrap();
        assert!(steps.contains("install -D -o root"), "{steps}");
        let key = fs::metadata(folder.join("authority/ca.key")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
        let second = archipel(&arguments, scratch.path());
        let said = text(&second.stdout);
        assert!(said.contains("nothing was changed"), "{kind}: {said}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let scratch = Scratch::new().unwrap();
    let refused = |arguments: &[&str], why: &str| {
        let all = [&["bus", "init", "--into", "/nonexistent/x"], arguments].concat();
        let output = archipel(&all, scratch.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&output.stderr).contains(why),
            "{}",
            text(&output.stderr)
        );
    };
    refused(&[], "--server");
    refused(&["--server", "prosody"], "--domain");
    refused(
        &["--server", "prosody", "--domain", "10.0.0.1"],
        "not a domain",
    );
    let everywhere = [
        "--server",
        "prosody",
        "--domain",
        "dc.example",
        "--agents",
        "0.0.0.0/0",
    ];
    refused(&everywhere, "strangers");
    let elsewhere = [
        "--server",
        "prosody",
        "--domain",
        "dc.example",
        "--admin",
        "a@b.example",
    ];
    refused(&elsewhere, "no account at dc.example");
}

#[test]
fn an_installed_server_becomes_a_bus() {
    for kind in ServerKind::ALL {
        let test = format!("an installed {kind}");
        let programs = [kind.programs(), &["unshare", "ip", "ss", "su"]].concat();
        if let Some(reason) = missing(&programs) {
            skip(&test, &reason);
            continue;
        }
        let Some(report) = report(kind) else {
            skip(&test, "this user may not make namespaces");
            continue;
        };
        check(kind, &report);
    }
}

/// What the script said; `None` where it may not run.
fn report(kind: ServerKind) -> Option<String> {
    let scratch = Scratch::new().unwrap();
    // The server's own user has to pass.
    fs::set_permissions(scratch.path(), fs::Permissions::from_mode(0o711)).unwrap();
    let apart = [
        "--mount",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "--propagation",
        "private",
    ];
    let possible = Command::new("unshare")
        .args(apart)
        .arg("true")
        .output()
        .ok()?;
    if !possible.status.success() {
        return None;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/own_bus.sh");
    let output = Command::new("unshare")
        .args(apart)
        .args(["bash", script, kind.word(), env!("CARGO_BIN_EXE_archipel")])
        .arg(scratch.path())
        .output()
        .unwrap();
    Some(text(&output.stdout) + &text(&output.stderr))
}

fn check(kind: ServerKind, report: &str) {
    let has = |heading: &str, words: &[&str]| {
        let part = part(report, heading);
        for word in words {
            assert!(
                part.contains(word),
                "{kind}, {heading}: no `{word}`\n{report}"
            );
        }
    };
    match kind {
        // ejabberd's one file is somebody else's until we may replace it.
        ServerKind::Ejabberd => {
            has(
                "bare",
                &["somebody else wrote", "nothing was written", "code 2"],
            );
            has(
                "replacing",
                &[
                    "kept /etc/ejabberd/ejabberd.yml.before-archipel-",
                    "sudo /etc/init.d/ejabberd restart",
                    "code 0",
                ],
            );
        }
        ServerKind::Prosody => has(
            "bare",
            &[
                "new      /etc/prosody/conf.d/archipel.cfg.lua",
                "sudo /etc/init.d/prosody restart",
                "code 0",
            ],
        ),
    }
    has(
        "furnish",
        &[
            "made the account admin@dc.example",
            "/archipel/tags",
            "is ready",
            "code 0",
        ],
    );
    has("again", &["nothing was changed", "code 0"]);
    has(
        "add",
        &[
            "is now in every operator's",
            "was already in every operator's",
        ],
    );
    // Without systemd the package's script does it.
    has(
        "renewed",
        &["update   /etc/", "dc.example.crt", "is ready", "code 0"],
    );
    has("changed", &["somebody else wrote or changed", "code 2"]);
    assert_eq!(
        part(report, "secrets").trim(),
        "",
        "{kind}: the password stands in a file"
    );
}
