//! Real faults, seeded one by one or a few together, and that `archipel doctor` and `archipel-agent check` name exactly those.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// TOML quotes a path as Rust's `Debug` does.
#![allow(clippy::unnecessary_debug_formatting)]

#[path = "doctor/dns.rs"]
mod dns;
#[path = "doctor/gate.rs"]
mod gate;
#[path = "doctor/odd.rs"]
mod odd;
#[path = "doctor/patient.rs"]
mod patient;
#[path = "doctor/rules.rs"]
mod rules;
#[path = "doctor/terminal.rs"]
mod terminal;

use archipel_lab::{Driver, Libvirtd, Pki, Scratch, ServerKind, ServerOptions, XmppServer};
use dns::Names;
use gate::Gate;
use patient::{Agent, Operator, PASSWORD, Told, bus};
use rustix::process::{Signal, geteuid};

/// What a sound bus may say: hints, and that this ejabberd can be ended by one stanza.
fn is_sound(told: &Told) {
    let known = ["server.deep-nesting"];
    for finding in &told.findings {
        let hint = matches!(finding.severity.as_str(), "hint" | "ok");
        assert!(
            hint || known.contains(&finding.id.as_str()),
            "a sound fleet has {finding:?}"
        );
    }
    assert_eq!(told.code, 0, "{}", told.err);
}

/// A server with an operator and a hypervisor in one group.
async fn server(kind: ServerKind) -> Option<XmppServer> {
    if let Some(reason) = archipel_lab::missing(kind.programs()) {
        archipel_lab::skip("doctor", &reason);
        return None;
    }
    let options = ServerOptions::new("dc.example")
        .account("admin", PASSWORD)
        .account("hv01", PASSWORD)
        .group("rack-a", ["admin@dc.example", "hv01@dc.example"]);
    Some(XmppServer::start(kind, options).await.unwrap())
}

/// Replaces parts of the server's configuration and starts it again.
async fn reconfigure(server: &mut XmppServer, edits: &[(&str, &str)]) {
    let name = match server.kind() {
        ServerKind::Prosody => "prosody.cfg.lua",
        ServerKind::Ejabberd => "ejabberd.yml",
    };
    let path = server.folder().join(name);
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "`{from}` is not in:\n{text}");
        text = text.replace(from, to);
    }
    std::fs::write(&path, text).unwrap();
    server.restart().await.unwrap();
}

/// Gives the server another certificate, from an authority that is returned.
async fn certify(server: &mut XmppServer, names: &[&str], days: std::ops::Range<i64>) -> Pki {
    let folder = server.folder().join(format!("odd{}", days.end));
    let odd = Pki::odd(names, days, &folder).unwrap();
    let certs = server.folder().join("certs");
    for (from, to) in [
        (odd.certificate_path(), "server.crt"),
        (odd.key_path(), "server.key"),
        (odd.bundle_path(), "server.pem"),
    ] {
        std::fs::copy(from, certs.join(to)).unwrap();
    }
    server.restart().await.unwrap();
    odd
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_operators_machine_are_named() {
    let operator = Operator::new();
    let unreachable = "[bus]\nhosts = [\"127.0.0.1:9\"]\n";

    operator.profile("read_onyl = true\n", unreachable);
    operator.doctor(&[]).await.names("settings.invalid", 3);

    operator.profile("", unreachable);
    operator.expose_password(true);
    operator.doctor(&[]).await.names("settings.exposed", 3);
    operator.expose_password(false);
    operator.doctor(&[]).await.names("reach.failed", 3);

    let terminal = async |variables: &[(&str, &str)], id: &str| {
        let told = operator
            .doctor_with(&["--only", "terminal"], variables)
            .await;
        told.names(id, 0);
    };
    terminal(&[("TERM", "dumb")], "terminal.dumb").await;
    terminal(&[("LANG", "C")], "terminal.no-utf-8").await;
    terminal(&[("TERM", "linux")], "terminal.console").await;
    terminal(&[("TERM", "vt220")], "terminal.few-colours").await;

    let printed = operator.doctor_in_terminal(79, 23);
    assert!(printed.contains("terminal.tears"), "{printed}");
    assert!(printed.contains("terminal.small"), "{printed}");

    let told = operator.doctor(&["--only", "nonsense"]).await;
    assert_eq!(told.code, 2, "{}", told.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_names_are_named() {
    let operator = Operator::new();
    let by_names = async |names: Names| {
        let address = names.address();
        operator.profile("", &format!("[bus]\nresolver = \"{address}\"\n"));
        let told = operator.doctor(&[]).await;
        drop(names);
        told
    };
    // Nothing listens on the discard port.
    let told = by_names(Names::srv("localhost", 9)).await;
    told.names("reach.srv-wrong", 3);
    by_names(Names::srv("", 0)).await.names("dns.denied", 3);
    let told = by_names(Names::none()).await;
    told.names_also("dns.srv-missing");
    // The domain itself, which is tried then, has no address.
    told.names_nothing_but(&["dns.srv-missing", "reach.failed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_host_are_named() {
    let agent = Agent::new();
    let told = agent.check(
        "libvirt_uri = \"qemu+unix:///system?socket=/nonexistent/x\"\n",
        "libvirt",
    );
    told.await.names("libvirt.unreachable", 1);
    let told = agent.check("state_dir = \"/proc/archipel\"\n", "store");
    told.await.names("store.unwritable", 1);

    let damaged = agent.folder("damaged");
    write_private(
        &damaged.join("agent.sqlite3"),
        "SQLite format 3\0 but no more",
    );
    let state = format!("state_dir = {damaged:?}\n");
    let told = agent.check(&state, "store");
    told.await.names("store.damaged", 1);

    for (mib, id, code) in [(8, "disk.full", 1), (64, "disk.low", 0)] {
        agent.check_with_disk(mib).await.names(id, code);
    }

    let joined = "joined = true\n# password_file\n";
    let told = agent.check(joined, "settings");
    told.await.names("settings.not-joined", 1);

    let told = agent.check("admins = []\n", "admins");
    told.await.names("admins.none", 0);
    let told = agent.check("jidd = \"x@y\"\n", "settings");
    told.await.names("settings.invalid", 2);
    agent
        .check_with_descriptors(100)
        .await
        .names("descriptors.few", 0);
    agent.expose_password();
    let told = agent.check("", "settings");
    told.await.names("settings.exposed", 3);
}

/// Private, as the agent makes it.
fn write_private(path: &std::path::Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_prosody_are_named() {
    let Some(mut server) = server(ServerKind::Prosody).await else {
        return;
    };
    let operator = Operator::new();
    let groups = "trusted_groups = [\"rack-a\"]\n";
    operator.profile(groups, &bus(&server, server.ca_pem_path()));
    let told = operator.doctor(&[]).await;
    // Nobody runs the agent of hv01 here.
    told.names("feed.offline", 0);

    operator.profile(
        "trusted_groups = [\"rack-z\"]\n",
        &bus(&server, server.ca_pem_path()),
    );
    let told = operator.doctor(&["--only", "groups"]).await;
    told.names("groups.empty", 0);
    operator.profile("", &bus(&server, server.ca_pem_path()));

    let gate = Gate::open(server.starttls_addr(), 12).await;
    let narrow = bus(&server, server.ca_pem_path())
        .replace(&server.starttls_addr().to_string(), &gate.address());
    operator.profile("", &narrow);
    let told = operator.doctor(&["--only", "connections"]).await;
    told.names("connections.limited", 0);
    drop(gate);

    let stranger = Scratch::new().unwrap();
    let other = Pki::create("dc.example", stranger.path()).unwrap();
    operator.profile("", &bus(&server, other.ca_path()));
    let told = operator.doctor(&[]).await;
    told.names("certificate.untrusted", 3);

    operator.profile("", &bus(&server, server.ca_pem_path()));
    operator.password("not the password");
    let told = operator.doctor(&[]).await;
    told.names("login.password", 3);
    assert!(!told.err.contains("not the password"));
    operator.password(PASSWORD);

    // The account is no administrator of the service, and the stream is that of a poor server.
    reconfigure(
        &mut server,
        &[
            ("\"ping\"; ", ""),
            ("\"smacks\"; ", ""),
            ("\"private\"; ", ""),
            ("admins = { \"admin@dc.example\" }", "admins = { }"),
            (
                "c2s_stanza_size_limit = 10485760",
                "c2s_stanza_size_limit = 10000",
            ),
        ],
    )
    .await;
    let told = operator.doctor(&[]).await;
    for id in [
        "ping.missing",
        "management.missing",
        "private.missing",
        "node.refused",
        "stanza.too-small",
    ] {
        told.names_also(id);
    }
    told.names_nothing_but(&[
        "ping.missing",
        "management.missing",
        "node.refused",
        "stanza.too-small",
    ]);
    assert_eq!(told.code, 1, "{}", told.err);

    be_slow_and_open(&mut server, &operator).await;
    show_other_certificates(&mut server, &operator).await;
}

/// A slow server that lets everybody in, and only in the clear.
async fn be_slow_and_open(server: &mut XmppServer, operator: &Operator) {
    let refused = r#"disable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS" }"#;
    reconfigure(
        server,
        &[
            (
                "limits = { }",
                "limits = { c2s = { rate = \"8kb/s\"; burst = \"2s\" } }",
            ),
            (
                "\"disco\"; ",
                "\"disco\"; \"limits\"; \"register_ibr\"; \"smacks\"; \"ping\"; \"private\"; ",
            ),
            (
                "c2s_stanza_size_limit = 10000",
                "c2s_stanza_size_limit = 65536",
            ),
            ("allow_registration = false", "allow_registration = true"),
            ("disable_sasl_mechanisms = {  }", refused),
            ("admins = { }", "admins = { \"admin@dc.example\" }"),
            (
                "Component \"conference.dc.example\" \"muc\"",
                "Component \"other.dc.example\" \"pubsub\"",
            ),
        ],
    )
    .await;
    let plain = bus(server, server.ca_pem_path()) + "allow_plain = true\n";
    operator.profile("", &plain);
    let told = operator.doctor(&[]).await;
    for id in [
        "rate.throttled",
        "registration.open",
        "sasl.plain-only",
        "services.no-rooms",
    ] {
        told.names_also(id);
    }
    told.names_nothing_but(&["rate.throttled", "registration.open", "sasl.plain-only"]);
}

async fn show_other_certificates(server: &mut XmppServer, operator: &Operator) {
    for (names, days, id, code) in [
        (vec!["dc.example"], -400..10, "certificate.due", 0),
        (vec!["dc.example"], -400..-10, "certificate.expired", 3),
        (vec!["xmpp.dc.example"], -1..300, "certificate.name", 3),
        (vec!["dc.example"], 10..300, "certificate.early", 3),
    ] {
        let odd = certify(server, &names, days).await;
        operator.profile("", &(bus(server, odd.ca_path()) + "allow_plain = true\n"));
        let told = operator.doctor(&["--only", "certificate"]).await;
        told.names(id, i32::from(code == 3));
        if code == 3 {
            let told = operator.doctor(&[]).await;
            assert_eq!(told.code, 3, "{}", told.err);
            told.names_also(id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_ejabberd_are_named() {
    let Some(mut server) = server(ServerKind::Ejabberd).await else {
        return;
    };
    let operator = Operator::new();
    operator.profile("", &bus(&server, server.ca_pem_path()));
    let told = operator.doctor(&[]).await;
    is_sound(&told);
    told.names_also("server.deep-nesting");

    let agent = Agent::new();
    agent.bus(&bus(&server, server.ca_pem_path()));
    let told = agent.check("vm_sessions = \"all\"\n", "registration");
    told.await.names("registration.refused", 1);

    reconfigure(
        &mut server,
        &[
            ("shaper: none", "shaper: c2s_shaper"),
            ("  mod_ping: {}\n", ""),
            (
                "pubsub_createnode: { allow: admin }",
                "pubsub_createnode: { deny: all }",
            ),
            (
                "  mod_stream_mgmt:\n    resend_on_timeout: if_offline\n    resume_timeout: 60\n    max_ack_queue: 20000\n",
                "",
            ),
        ],
    )
    .await;
    let told = operator.doctor(&[]).await;
    let seeded = [
        "rate.throttled",
        "ping.missing",
        "node.refused",
        "management.missing",
    ];
    for id in seeded {
        told.names_also(id);
    }
    told.names_nothing_but(&[&seeded[..], &["server.deep-nesting"]].concat());

    let small = [
        ("shaper: c2s_shaper", "shaper: none"),
        ("max_stanza_size: 10485760", "max_stanza_size: 10000"),
    ];
    reconfigure(&mut server, &small).await;
    let told = operator.doctor(&["--only", "stanza"]).await;
    told.names("stanza.too-small", 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_fleet_is_told_to_be_sound() {
    let Some(server) = server(ServerKind::Prosody).await else {
        return;
    };
    if let Some(reason) = archipel_lab::missing(&["libvirtd", "virsh"]) {
        archipel_lab::skip("a_sound_fleet_is_told_to_be_sound", &reason);
        return;
    }
    let libvirt = Libvirtd::start(Driver::Test).await.unwrap();
    let agent = Agent::new();
    agent.bus(&bus(&server, server.ca_pem_path()));
    let uri = libvirt
        .uri()
        .replace("test+unix:///default", "nosuch+unix:///system");
    let told = agent
        .check(&format!("libvirt_uri = {uri:?}\n"), "libvirt")
        .await;
    told.names("libvirt.no-driver", 1);
    let uri = format!("libvirt_uri = {:?}\n", libvirt.uri());
    let told = agent.check(&uri, "").await;
    is_sound(&told);
    let mut running = agent.run(&uri);
    let operator = Operator::new();
    let groups = "trusted_groups = [\"rack-a\"]\n";
    operator.profile(groups, &bus(&server, server.ca_pem_path()));
    operator.until_online().await;
    let told = operator.doctor(&[]).await;
    is_sound(&told);

    // It hangs: the server goes on showing it as it was.
    running.signal(Signal::STOP);
    let told = operator.doctor(&["--only", "feed"]).await;
    told.names("feed.silent", 0);
    drop(running);

    // Only root may be somebody else.
    if geteuid().is_root() {
        let told = agent.check_libvirt_as(12_345, &libvirt.uri()).await;
        told.names("libvirt.denied", 1);
    }
}

/// The page is written from the programs' own lists: `UPDATE=1 cargo test --test doctor the_guide` writes it anew.
#[test]
fn the_guide_lists_what_the_programs_know() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide/doctor.md");
    let head = include_str!("doctor/guide-head.md");
    let middle = include_str!("doctor/guide-agent.md");
    let listed = |program: &std::path::Path, verb: &str| {
        let output = std::process::Command::new(program)
            .args([verb, "--list"])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let operator = listed(env!("CARGO_BIN_EXE_archipel").as_ref(), "doctor");
    let agent = listed(&patient::agent_program(), "check");
    let text = format!("{head}\n{operator}\n{middle}\n{agent}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(page, &text).unwrap();
    }
    let written = std::fs::read_to_string(page).unwrap_or_default();
    assert!(
        written == text,
        "docs/guide/doctor.md is not what the programs list; write it anew with UPDATE=1"
    );
}
