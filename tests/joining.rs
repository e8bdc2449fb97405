//! Hosts join the bus with a code, on both servers, and nobody else does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// What inviting and joining took.
#![allow(clippy::print_stderr)]

mod common;
#[path = "joining/place.rs"]
mod place;
#[path = "joining/prompt.rs"]
mod prompt;
#[path = "joining/refused.rs"]
mod refused;

use std::{fs, time::Instant};

use archipel_config::JoinCode;
use archipel_lab::{Profile, ServerKind, ServerOptions};
use common::{Content, Screen, World, lacks, libvirt};
use place::{Place, bus, hides, invite, lets_in, mode, says};

const LIBVIRT: &[&str] = &["libvirtd", "virsh"];

/// On the profile that the project ships.
async fn two_hosts_join(kind: ServerKind) {
    let options = ServerOptions::new("dc.example").profile(Profile::Fleet);
    let mut world = World::bare(kind, options).await;
    let screen = Screen::open(world.screen_command(&[]), 140, 40);
    screen.wait_for("hosts 0/0");
    let mut codes = Vec::new();
    for (number, name) in ["hv01", "hv02"].into_iter().enumerate() {
        let began = Instant::now();
        let code = invite(&world, name).await;
        let invited = began.elapsed();
        is_waited_for(&world, name).await;
        let place = Place::new(&world, name);
        let daemon = libvirt(number, Content::Machines(4)).await;
        // As a mail program wraps it.
        let (head, tail) = code.split_at(70);
        let wrapped = format!("  {head}\n  {tail}\n");
        let began = Instant::now();
        let outcome = place.join(&wrapped, &["--libvirt", &daemon.uri()]).await;
        let joined = began.elapsed();
        eprintln!("{kind}: {name} invited in {invited:?}, joined in {joined:?}");
        says(
            &outcome,
            0,
            &[
                &format!("joined the bus as {name}@dc.example"),
                "archipel-agent run",
            ],
        );
        let secret = JoinCode::parse(&code).unwrap().secret;
        let written = fs::read_to_string(&place.config).unwrap();
        assert!(
            !written.contains(secret.expose()) && written.contains("joined = true"),
            "{written}"
        );
        assert!(
            written.contains("admins = [\"admin@dc.example\"]"),
            "{written}"
        );
        let store = place.state.join("agent.sqlite3");
        assert_eq!(
            (mode(&place.config), mode(&store), mode(&place.state)),
            (0o600, 0o600, 0o700)
        );
        world.start_agent(name.to_owned(), daemon, place.config);
        hides(world.hosts[number].agent.pid(), &[secret.expose()]);
        codes.push((code, secret));
    }
    let began = Instant::now();
    world.synced().await;
    let seen = began.elapsed();
    eprintln!("{kind}: both hosts in the list after {seen:?}");
    // The screen was open all the time, and nobody touched it.
    screen.wait_for("hosts 2/2");
    let rows = world
        .archipel(&["hypervisor", "list", "-o", "json"])
        .await
        .json();
    // libvirt's test driver brings one machine along.
    let machines =
        |name: &str| rows.iter().find(|row| row["name"] == name).unwrap()["machines"].as_u64();
    assert!(
        machines("hv01") >= Some(4) && machines("hv02") >= Some(4),
        "{rows:?}"
    );
    let open = world
        .archipel(&["hypervisor", "invitations", "-o", "json"])
        .await;
    assert!(open.json().is_empty(), "{}", open.out);

    let (code, secret) = &codes[0];
    assert!(!lets_in(&world, "hv01@dc.example", secret.expose()).await);
    let again = Place::new(&world, "thief").join(code, &[]).await;
    says(
        &again,
        3,
        &[
            "does not accept this join code",
            "it was used",
            "archipel hypervisor invite hv01",
        ],
    );
    let revoked = world
        .archipel(&["hypervisor", "invite", "--revoke", "hv01"])
        .await;
    says(&revoked, 1, &["has no open invitation"]);
    let twice = world.archipel(&["hypervisor", "invite", "hv01"]).await;
    says(
        &twice,
        1,
        &[
            "`hv01@dc.example` exists already and was left alone",
            "prosodyctl deluser hv01@dc.example; ejabberdctl unregister hv01 dc.example",
        ],
    );
    // None of these did the host any harm.
    world.synced().await;
    let removed = world.archipel(&["hypervisor", "remove", "hv02"]).await;
    says(&removed, 0, &["hv02@dc.example removed"]);
}

/// A host that is invited is not called offline.
async fn is_waited_for(world: &World, name: &str) {
    let listed = world.archipel(&["hypervisor", "list", name]).await;
    says(&listed, 0, &["invited, has not joined yet"]);
    let told = world.archipel(&["doctor", "--only", "feed"]).await;
    says(&told, 0, &["feed.invited", name, "its code is good until"]);
    assert!(!told.out.contains("feed.offline"), "{}", told.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_join_on_prosody() {
    if !lacks("two_hosts_join_on_prosody", ServerKind::Prosody, LIBVIRT) {
        two_hosts_join(ServerKind::Prosody).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_join_on_ejabberd() {
    if !lacks("two_hosts_join_on_ejabberd", ServerKind::Ejabberd, LIBVIRT) {
        two_hosts_join(ServerKind::Ejabberd).await;
    }
}

/// What the operator takes back, and what time takes back, is worth nothing at the server.
async fn invitations_end(kind: ServerKind) {
    let world = bus(kind).await;
    let revoked = invite(&world, "hv01").await;
    let again = world.archipel(&["hypervisor", "invite", "hv01"]).await;
    says(&again, 1, &["invited until", "--revoke"]);
    let outcome = world
        .archipel(&["hypervisor", "invite", "--revoke", "hv01"])
        .await;
    says(&outcome, 0, &["hv01@dc.example is not invited any more"]);
    let place = Place::new(&world, "hv01");
    says(&place.join(&revoked, &[]).await, 3, &["revoked"]);
    assert!(!place.config.exists());

    let late = invite(&world, "hv02").await;
    let list = world
        .scratch
        .path()
        .join("data/archipel/test/invitations.toml");
    assert_eq!(mode(&list), 0o600);
    let text = fs::read_to_string(&list).unwrap();
    let secret = JoinCode::parse(&late).unwrap().secret;
    assert!(!text.contains(secret.expose()), "{text}");
    let line = text
        .lines()
        .find(|line| line.starts_with("expires"))
        .unwrap();
    fs::write(
        &list,
        text.replace(line, "expires = \"2020-01-01T00:00:00Z\""),
    )
    .unwrap();
    let open = world
        .archipel(&["hypervisor", "invitations", "-o", "json"])
        .await;
    assert!(
        open.json().is_empty() && open.err.contains("did not join in time"),
        "{}",
        open.err
    );
    assert!(!lets_in(&world, "hv02@dc.example", secret.expose()).await);
    let listed = world.archipel(&["hypervisor", "list", "-o", "json"]).await;
    assert!(listed.json().is_empty(), "{}", listed.out);
    // The name is free again.
    invite(&world, "hv01").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_end_on_prosody() {
    if !lacks("invitations_end_on_prosody", ServerKind::Prosody, &[]) {
        invitations_end(ServerKind::Prosody).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_end_on_ejabberd() {
    if !lacks("invitations_end_on_ejabberd", ServerKind::Ejabberd, &[]) {
        invitations_end(ServerKind::Ejabberd).await;
    }
}

/// A server whose admins cannot make accounts over the bus.
async fn by_hand(kind: ServerKind) {
    let options = ServerOptions::new("dc.example").without_account_commands();
    let world = World::bare(kind, options).await;
    let outcome = world.archipel(&["hypervisor", "invite", "hv01"]).await;
    says(
        &outcome,
        1,
        &[
            "offers no command for accounts",
            "admin_adhoc",
            "mod_configure",
            "--prepared",
        ],
    );

    world.server.add_user("hv01", "made by hand").await.unwrap();
    let prepared = ["hypervisor", "invite", "hv01", "--prepared"];
    let given = |text: &str| fs::File::open(world.scratch.write("given", text).unwrap()).unwrap();
    let outcome = world.archipel_reading(given("mistyped\n"), &prepared).await;
    says(&outcome, 1, &["cannot log in"]);
    let outcome = world
        .archipel_reading(given("made by hand\n"), &prepared)
        .await;
    says(&outcome, 0, &[]);
    let place = Place::new(&world, "hv01");
    says(
        &place.join(&outcome.out, &[]).await,
        0,
        &["joined the bus as hv01@dc.example"],
    );
    assert!(!lets_in(&world, "hv01@dc.example", "made by hand").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_made_by_hand_join_on_prosody() {
    if !lacks(
        "accounts_made_by_hand_join_on_prosody",
        ServerKind::Prosody,
        &[],
    ) {
        by_hand(ServerKind::Prosody).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_made_by_hand_join_on_ejabberd() {
    if !lacks(
        "accounts_made_by_hand_join_on_ejabberd",
        ServerKind::Ejabberd,
        &[],
    ) {
        by_hand(ServerKind::Ejabberd).await;
    }
}
