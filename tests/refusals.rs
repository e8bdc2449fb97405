//! What cannot work ends in one clear message that says what to do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// TOML quotes a path as Rust's `Debug` does.
#![allow(clippy::unnecessary_debug_formatting)]

mod common;

use std::process::Stdio;

use archipel_lab::{Pki, ServerKind};
use common::{Content, Outcome, Plan, World, agent_program, lacks};

const LIBVIRT: &[&str] = &["libvirtd", "virsh"];

async fn empty_world() -> World {
    World::start(Plan {
        kind: ServerKind::Prosody,
        hosts: vec![],
    })
    .await
}

/// Runs `archipel-agent check` on a configuration.
async fn check(config: &std::path::Path) -> Outcome {
    agent("check", config).await
}

/// Runs the agent's program, which must end by itself.
async fn agent(verb: &str, config: &std::path::Path) -> Outcome {
    let mut command = tokio::process::Command::new(agent_program());
    let run = command
        .arg(verb)
        .arg("--config")
        .arg(config)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(std::time::Duration::from_mins(1), run)
        .await
        .expect("the agent ends")
        .unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn says(outcome: &Outcome, parts: &[&str]) {
    let all = format!("{}{}", outcome.out, outcome.err).to_lowercase();
    for part in parts {
        assert!(
            all.contains(&part.to_lowercase()),
            "`{part}` is missing in:\n{all}"
        );
    }
    assert!(!all.contains("panicked"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_told_what_to_do() {
    if lacks(
        "the_operator_is_told_what_to_do",
        ServerKind::Prosody,
        LIBVIRT,
    ) {
        return;
    }
    let world = empty_world().await;
    let bus = format!(
        "[bus]\nhosts = [\"{}\"]\nca_file = {:?}\n",
        world.server.starttls_addr(),
        world.server.ca_pem_path()
    );
    let wrong = world.scratch.write("wrong", "not the password").unwrap();
    let right = world.scratch.path().join("password");

    world.write_profile_text(
        "test",
        &format!("jid = \"admin@dc.example\"\npassword_file = {wrong:?}\n{bus}"),
    );
    let outcome = world.archipel(&["whoami"]).await;
    assert_eq!(outcome.code, 3);
    says(&outcome, &["admin@dc.example", "password"]);
    assert!(
        !outcome.err.contains("not the password"),
        "a secret never leaves: {}",
        outcome.err
    );

    world.write_profile_text("test", &format!("jid = \"admin@dc.example\"\npassword_file = {right:?}\n[bus]\nhosts = [\"no-such-host.invalid:5222\"]\n"));
    let outcome = world.archipel(&["whoami"]).await;
    assert_eq!(outcome.code, 3);
    says(&outcome, &["no-such-host.invalid"]);

    let stranger = world.scratch.path().join("stranger");
    std::fs::create_dir_all(&stranger).unwrap();
    let other = Pki::create("dc.example", &stranger).unwrap();
    let untrusting = bus.replace(
        &world.server.ca_pem_path().display().to_string(),
        &other.ca_path().display().to_string(),
    );
    world.write_profile_text(
        "test",
        &format!("jid = \"admin@dc.example\"\npassword_file = {right:?}\n{untrusting}"),
    );
    let outcome = world.archipel(&["whoami"]).await;
    assert_eq!(outcome.code, 3);
    says(&outcome, &["certificate", "ca_file"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_is_told_what_to_do() {
    if lacks("the_agent_is_told_what_to_do", ServerKind::Prosody, LIBVIRT) {
        return;
    }
    let world = empty_world().await;
    world
        .server
        .add_user("hv01", "correct horse battery staple")
        .await
        .unwrap();

    let refused = world.write_agent(
        "hv01",
        "qemu+unix:///system?socket=/nowhere/libvirt-sock",
        "",
    );
    let outcome = check(&refused).await;
    assert_ne!(outcome.code, 0);
    says(&outcome, &["/nowhere/libvirt-sock"]);

    let config = world.write_agent("hv01", "test:///default", "");
    let outcome = check(&config).await;
    assert_eq!(outcome.code, 0, "{}{}", outcome.out, outcome.err);

    let text = std::fs::read_to_string(&config)
        .unwrap()
        .replace("/password\"", "/wrong\"");
    world.scratch.write("wrong", "not the password").unwrap();
    let wrong = world.scratch.write("wrong.toml", &text).unwrap();
    let outcome = check(&wrong).await;
    assert_ne!(outcome.code, 0);
    says(&outcome, &["hv01@dc.example", "password"]);

    let text = std::fs::read_to_string(&config)
        .unwrap()
        .replace("adopt = ", "adobt = ");
    let misspelt = world.scratch.write("misspelt.toml", &text).unwrap();
    let outcome = check(&misspelt).await;
    assert_ne!(outcome.code, 0);
    says(&outcome, &["adobt", "adopt", "misspelt.toml"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_registration_is_named() {
    if lacks(
        "a_server_without_registration_is_named",
        ServerKind::Prosody,
        LIBVIRT,
    ) {
        return;
    }
    let options = archipel_lab::ServerOptions::new("dc.example");
    let server = archipel_lab::Prosody::start(options).await.unwrap();
    let scratch = archipel_lab::Scratch::new().unwrap();
    let text = format!(
        "jid = \"hv01@dc.example\"\nregister = true\nadmins = [\"admin@dc.example\"]\nlibvirt_uri = \"test:///default\"\nstate_dir = {:?}\n[bus]\nhosts = [\"{}\"]\nca_file = {:?}\n",
        scratch.path().join("state"),
        server.starttls_addr(),
        server.ca_pem_path()
    );
    let config = scratch.write("agent.toml", &text).unwrap();
    let outcome = agent("run", &config).await;
    assert_ne!(outcome.code, 0);
    says(&outcome, &["registration", "hv01@dc.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machines_name_cannot_disturb_screen_or_shell() {
    if lacks(
        "a_machines_name_cannot_disturb_screen_or_shell",
        ServerKind::Prosody,
        LIBVIRT,
    ) {
        return;
    }
    let world = World::start(Plan {
        kind: ServerKind::Prosody,
        hosts: vec![Content::Machines(2)],
    })
    .await;
    let long = "x".repeat(10_000);
    for (file, name) in [
        ("rtl", "evil\u{202e}txt.exe"),
        ("long", long.as_str()),
        ("csi", "evil\u{9b}2Jcsi"),
    ] {
        let xml = format!(
            "<domain type='test'><name>{name}</name><memory>1024</memory><os><type>hvm</type></os></domain>"
        );
        let path = world.scratch.write(format!("{file}.xml"), &xml).unwrap();
        world.hosts[0]
            .libvirt
            .virsh(&["define", path.to_str().unwrap()])
            .await
            .unwrap();
    }
    let listed = archipel_lab::until("all machines", archipel_lab::Patience::USUAL, async || {
        let outcome = world.archipel(&["vm", "list"]).await;
        (outcome.out.lines().count() >= 5).then_some(outcome)
    });
    let outcome = listed.await.unwrap();
    assert!(
        outcome
            .out
            .chars()
            .all(|c| c == '\n' || c == '\t' || !c.is_control()),
        "{:?}",
        outcome.out
    );
    assert!(!outcome.out.contains('\u{202e}'));
    assert!(
        outcome.out.lines().all(|line| line.chars().count() < 400),
        "a long name is cut"
    );
    let mut screen = common::Screen::open(world.screen_command(&[]), 80, 24);
    screen.wait_for("1/1");
    screen.press(":vms\r");
    screen.wait_for("evil");
    assert!(!screen.text().contains('\u{202e}'));
    screen.wait("the frame to stand", |text| {
        text.contains("xxx") && text.contains("evil")
    });
}
