//! Leaving is safe: without the agent and all that it kept, libvirt runs every machine as before, and nothing of ours is left in it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_lab::{Acceleration, Guest, GuestImage, ServerKind};
use common::{Content, Plan, World, lacks};

async fn virsh(world: &World, words: &[&str]) -> String {
    let said = world.hosts[0].libvirt.virsh(words).await;
    said.unwrap_or_else(|why| panic!("virsh {words:?}: {why:#}"))
}

/// All of a machine that libvirt keeps.
async fn kept(world: &World, machine: &str) -> String {
    virsh(
        world,
        &["dumpxml", "--inactive", "--security-info", machine],
    )
    .await
}

async fn does(world: &World, words: &[&str]) {
    let done = world.archipel(words).await;
    assert_eq!(done.code, 0, "{words:?}: {}{}", done.out, done.err);
}

/// Uses a machine that is off in every way that leaves a trace with the agent, and takes the agent away while it runs.
async fn agent_comes_and_goes(world: &mut World, machine: &str) {
    does(world, &["vm", "start", machine]).await;
    world.wait_for_state(machine, "running").await;
    does(world, &["tag", "add", "web", machine, "--yes"]).await;
    does(world, &["vm", "protect", machine, "--yes"]).await;
    does(world, &["vm", "unprotect", machine, "--yes"]).await;
    world.hosts[0].agent.stop().await;
    let state = world.scratch.path().join("hv01-state");
    std::fs::remove_dir_all(state).unwrap();
}

async fn nothing_is_left(world: &World, machine: &str, before: &str) {
    assert_eq!(virsh(world, &["domstate", machine]).await.trim(), "running");
    assert_eq!(kept(world, machine).await, before);
    virsh(world, &["suspend", machine]).await;
    virsh(world, &["resume", machine]).await;
    virsh(world, &["destroy", machine]).await;
    virsh(world, &["start", machine]).await;
    assert_eq!(virsh(world, &["domstate", machine]).await.trim(), "running");
    virsh(world, &["destroy", machine]).await;
    virsh(world, &["undefine", machine]).await;
}

async fn leaving_is_safe(world: &mut World, machine: &str) {
    world.wait_for_state(machine, "off").await;
    let before = kept(world, machine).await;
    agent_comes_and_goes(world, machine).await;
    nothing_is_left(world, machine, &before).await;
}

fn plan(kind: ServerKind, content: Content) -> Plan {
    let hosts = vec![content];
    Plan { kind, hosts }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_the_test_driver_is_safe() {
    let kind = ServerKind::Prosody;
    if lacks(
        "leaving_the_test_driver_is_safe",
        kind,
        &["libvirtd", "virsh"],
    ) {
        return;
    }
    let mut world = World::start(plan(kind, Content::Machines(8))).await;
    let off = virsh(&world, &["list", "--state-shutoff", "--name"]).await;
    leaving_is_safe(&mut world, off.lines().next().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_qemu_is_safe() {
    let kind = ServerKind::Ejabberd;
    if lacks("leaving_qemu_is_safe", kind, &GuestImage::PROGRAMS) {
        return;
    }
    let mut world = World::start(plan(kind, Content::Qemu)).await;
    let image = GuestImage::get().await.unwrap();
    let libvirt = &world.hosts[0].libvirt;
    let guest = Guest::define(libvirt, &image, Acceleration::Tcg, 1)
        .await
        .unwrap();
    leaving_is_safe(&mut world, guest.name()).await;
}
