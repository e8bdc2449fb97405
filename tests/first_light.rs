//! The main job, end to end: a live fleet, a machine started from screen and shell, and libvirt as the ground truth.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_lab::{Acceleration, Guest, GuestImage, Patience, ServerKind, until};
use common::{Content, Plan, Screen, World, lacks};

const LIBVIRT: &[&str] = &["libvirtd", "virsh"];

async fn world(kind: ServerKind) -> World {
    World::start(Plan {
        kind,
        hosts: vec![Content::Machines(12), Content::Machines(12)],
    })
    .await
}

/// What libvirt itself says.
async fn truth(world: &World, host: usize, machine: &str) -> String {
    world.hosts[host]
        .libvirt
        .virsh(&["domstate", machine])
        .await
        .unwrap()
        .trim()
        .to_owned()
}

async fn wait_for_truth(world: &World, host: usize, machine: &str, state: &str) {
    let what = format!("libvirt to say that {machine} is {state}");
    until(&what, Patience::USUAL, async || {
        (truth(world, host, machine).await == state).then_some(())
    })
    .await
    .unwrap();
}

/// A machine of the first host in the given state, by libvirt's word.
async fn some_machine(world: &World, state: &str) -> String {
    let names = world.hosts[0]
        .libvirt
        .virsh(&["list", "--all", "--name"])
        .await
        .unwrap();
    for name in names.lines().filter(|name| !name.is_empty()) {
        if truth(world, 0, name).await == state {
            return name.to_owned();
        }
    }
    panic!("no machine is {state} in: {names}")
}

async fn shell_does_the_main_job(kind: ServerKind) {
    let world = world(kind).await;
    let rows = world.archipel(&["vm", "list", "-o", "json"]).await.json();
    assert_eq!(rows.len(), 24);
    for key in ["id", "name", "state", "hypervisor"] {
        assert!(
            rows.iter().all(|row| row[key].is_string()),
            "{key} in {:?}",
            rows[0]
        );
    }
    let off = some_machine(&world, "shut off").await;
    let started = world.archipel(&["vm", "start", &off]).await;
    assert_eq!(started.code, 0, "{}{}", started.out, started.err);
    assert_eq!(truth(&world, 0, &off).await, "running");
    let again = world.archipel(&["vm", "start", &off]).await;
    assert_eq!(
        again.code, 1,
        "starting a running machine is refused: {}{}",
        again.out, again.err
    );
    assert!(
        format!("{}{}", again.out, again.err).contains("running"),
        "{}{}",
        again.out,
        again.err
    );
    let unconfirmed = world.archipel(&["vm", "destroy", &off]).await;
    assert_eq!(
        unconfirmed.code, 2,
        "{}{}",
        unconfirmed.out, unconfirmed.err
    );
    assert_eq!(
        truth(&world, 0, &off).await,
        "running",
        "nothing is sent without a confirmation"
    );
    let picture = world
        .archipel(&["vm", "screenshot", &off, "-o", "json"])
        .await;
    let picture = &picture.json()[0];
    let png = picture["base64"].as_str().unwrap();
    assert!(png.starts_with("iVBORw0KGgo"), "{picture}");
    assert!(picture["width"].as_u64() > Some(0), "{picture}");
    let pending = world.archipel(&["vm", "pending", &off]).await;
    assert_eq!(pending.code, 0, "{}{}", pending.out, pending.err);
    let destroyed = world.archipel(&["vm", "destroy", &off, "--yes=1"]).await;
    assert_eq!(destroyed.code, 0, "{}{}", destroyed.out, destroyed.err);
    assert_eq!(truth(&world, 0, &off).await, "shut off");
    let xml = world.archipel(&["vm", "xml", &off]).await;
    assert!(
        xml.out.contains(&format!("<name>{off}</name>")),
        "{}{}",
        xml.out,
        xml.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_does_the_main_job_on_prosody() {
    if !lacks(
        "the_shell_does_the_main_job_on_prosody",
        ServerKind::Prosody,
        LIBVIRT,
    ) {
        shell_does_the_main_job(ServerKind::Prosody).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_does_the_main_job_on_ejabberd() {
    if !lacks(
        "the_shell_does_the_main_job_on_ejabberd",
        ServerKind::Ejabberd,
        LIBVIRT,
    ) {
        shell_does_the_main_job(ServerKind::Ejabberd).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_behind_the_back_reaches_the_screen() {
    if lacks(
        "a_change_behind_the_back_reaches_the_screen",
        ServerKind::Prosody,
        LIBVIRT,
    ) {
        return;
    }
    let world = world(ServerKind::Prosody).await;
    let running = some_machine(&world, "running").await;
    let mut screen = Screen::open(world.screen_command(&[]), 200, 60);
    screen.wait_for("hosts 2/2");
    screen.press(":vms\r");
    screen.wait("the machine, running", |text| {
        shows(text, &running, "running")
    });
    world.hosts[0]
        .libvirt
        .virsh(&["suspend", &running])
        .await
        .unwrap();
    screen.wait("the machine, paused", |text| {
        shows(text, &running, "paused")
    });
    world.hosts[0]
        .libvirt
        .virsh(&["destroy", &running])
        .await
        .unwrap();
    screen.wait("the machine, off", |text| shows(text, &running, "off"));
    screen.press("q");
    screen.wait_for("Fleet");
    screen.press("q");
    assert!(screen.ended());
}

/// Whether a line of the screen names the machine and its state.
fn shows(text: &str, machine: &str, state: &str) -> bool {
    text.lines()
        .any(|line| line.contains(machine) && line.contains(state))
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_start_a_machine_and_libvirt_says_so() {
    if lacks(
        "keys_start_a_machine_and_libvirt_says_so",
        ServerKind::Prosody,
        LIBVIRT,
    ) {
        return;
    }
    let world = world(ServerKind::Prosody).await;
    let off = some_machine(&world, "shut off").await;
    for (columns, rows) in [(80, 24), (200, 60)] {
        let mut screen = Screen::open(world.screen_command(&[]), columns, rows);
        screen.wait_for("2/2");
        screen.press(":vms\r");
        screen.press("/");
        screen.press(&format!("{off}\r"));
        screen.wait("the machine, off", |text| shows(text, &off, "off"));
        // What is shown at first is remembered from the run before; it can be acted on once its hypervisor has answered.
        screen.press_until("ps", |text| shows(text, &off, "running"));
        wait_for_truth(&world, 0, &off, "running").await;
        screen.press("pk");
        screen.wait_for("1");
        screen.press("1\r");
        screen.wait("the machine, off again", |text| shows(text, &off, "off"));
        wait_for_truth(&world, 0, &off, "shut off").await;
        drop(screen);
    }
}

async fn a_real_guest_lives(kind: ServerKind) {
    let world = World::start(Plan {
        kind,
        hosts: vec![Content::Qemu],
    })
    .await;
    let image = GuestImage::get().await.expect("a guest's kernel");
    let guest = Guest::define(&world.hosts[0].libvirt, &image, Acceleration::Tcg, 1)
        .await
        .expect("a guest");
    world.wait_for_state(guest.name(), "off").await;
    world.archipel(&["vm", "start", guest.name()]).await;
    world.wait_for_state(guest.name(), "running").await;
    guest.wait_for_boot(1).await.unwrap();
    for (verb, state) in [("pause", "paused"), ("resume", "running")] {
        let done = world.archipel(&["vm", verb, guest.name(), "--yes"]).await;
        assert_eq!(done.code, 0, "{}{}", done.out, done.err);
        world.wait_for_state(guest.name(), state).await;
    }
    let asked = world
        .archipel(&["vm", "shutdown", guest.name(), "--yes"])
        .await;
    assert_eq!(asked.code, 0, "{}{}", asked.out, asked.err);
    world.wait_for_state(guest.name(), "off").await;
    assert_eq!(truth(&world, 0, guest.name()).await, "shut off");
}

const QEMU: &[&str] = &["libvirtd", "virsh", "qemu-system-x86_64", "qemu-img"];

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_lives_on_prosody() {
    if !lacks("a_real_guest_lives_on_prosody", ServerKind::Prosody, QEMU) {
        a_real_guest_lives(ServerKind::Prosody).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_lives_on_ejabberd() {
    if !lacks("a_real_guest_lives_on_ejabberd", ServerKind::Ejabberd, QEMU) {
        a_real_guest_lives(ServerKind::Ejabberd).await;
    }
}
