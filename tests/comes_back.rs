//! Whatever is killed comes back by itself; meanwhile the screen shows the last state with its age.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_lab::ServerKind;
use common::{Content, Plan, Screen, World, lacks};

/// Lines of the machine table that name `machine`.
fn rows(text: &str, machine: &str) -> usize {
    text.lines()
        .filter(|line| line.split_whitespace().any(|word| word == machine))
        .count()
}

/// Whether some row shows how old it is, such as `running 0m`.
fn aged(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_age = |word: &str| {
        word.strip_suffix('m')
            .is_some_and(|number| number.parse::<u32>().is_ok())
    };
    words
        .windows(2)
        .any(|pair| matches!(pair[0], "running" | "paused" | "off") && is_age(pair[1]))
}

async fn open(kind: ServerKind) -> (World, Screen, String) {
    let world = World::start(Plan {
        kind,
        hosts: vec![Content::Machines(4), Content::Machines(4)],
    })
    .await;
    let mut screen = Screen::open(world.screen_command(&[]), 200, 60);
    screen.wait_for("hosts 2/2");
    screen.press(":vms\r");
    let all = world
        .archipel(&["vm", "list", "hypervisor = hv01*", "-o", "json"])
        .await
        .json();
    let machine = all[0]["name"].as_str().expect("a name").to_owned();
    screen.wait_for(&machine);
    (world, screen, machine)
}

async fn everything_comes_back(kind: ServerKind) {
    let (mut world, mut screen, machine) = open(kind).await;
    world.server.kill().await;
    screen.wait("the age of what is shown", aged);
    screen.wait_for(&machine);
    world.server.restart().await.unwrap();
    screen.wait_for("hosts 2/2");
    world.hosts[0].agent.kill().await;
    screen.wait_for("hosts 1/2");
    screen.wait("the age of what is shown", aged);
    world.server.kill().await;
    world.hosts[0].restart_agent();
    world.server.restart().await.unwrap();
    screen.wait_for("hosts 2/2");
    screen.wait("no age any more", |text| !aged(text));
    assert_eq!(
        rows(&screen.text(), &machine),
        1,
        "no duplicate entry:\n{}",
        screen.text()
    );
    world.hosts[0]
        .libvirt
        .virsh(&["destroy", &machine])
        .await
        .ok();
    screen.wait("news after all that", |text| {
        text.lines()
            .any(|line| line.contains(&machine) && line.contains("off"))
    });
    assert!(screen.is_running());
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_comes_back_on_prosody() {
    if !lacks(
        "everything_comes_back_on_prosody",
        ServerKind::Prosody,
        &["libvirtd", "virsh"],
    ) {
        everything_comes_back(ServerKind::Prosody).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_comes_back_on_ejabberd() {
    if !lacks(
        "everything_comes_back_on_ejabberd",
        ServerKind::Ejabberd,
        &["libvirtd", "virsh"],
    ) {
        everything_comes_back(ServerKind::Ejabberd).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_libvirt_is_said_and_events_live_afterwards() {
    let needed = &["libvirtd", "virsh", "qemu-system-x86_64", "qemu-img"];
    if lacks(
        "a_lost_libvirt_is_said_and_events_live_afterwards",
        ServerKind::Prosody,
        needed,
    ) {
        return;
    }
    let mut world = World::start(Plan {
        kind: ServerKind::Prosody,
        hosts: vec![Content::Qemu],
    })
    .await;
    let definition = world.scratch.write("tiny.xml", TINY).unwrap();
    world.hosts[0]
        .libvirt
        .virsh(&["define", definition.to_str().unwrap()])
        .await
        .unwrap();
    world.wait_for_state("tiny", "off").await;
    let mut screen = Screen::open(world.screen_command(&[]), 200, 60);
    screen.wait_for("hosts 1/1");
    world.hosts[0].libvirt.kill().await;
    screen.wait("the reason", |text| text.to_lowercase().contains("libvirt"));
    world.hosts[0].libvirt.restart().await.unwrap();
    world.wait_for_state("tiny", "off").await;
    screen.press(":vms\r");
    world.hosts[0]
        .libvirt
        .virsh(&["start", "tiny", "--paused"])
        .await
        .unwrap();
    screen.wait("an event after libvirt came back", |text| {
        text.lines()
            .any(|line| line.contains("tiny") && line.contains("paused"))
    });
    assert!(screen.is_running());
}

/// A guest that needs nothing: it never gets past its firmware.
const TINY: &str = "<domain type='qemu'><name>tiny</name><memory unit='MiB'>16</memory><vcpu>1</vcpu>\
    <os><type arch='x86_64' machine='pc'>hvm</type></os><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>\
    <controller type='usb' model='none'/><memballoon model='none'/></devices></domain>";
