//! A killed owner leaves nothing behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use archipel_lab::{
    Acceleration, Driver, Guest, GuestImage, Libvirtd, Patience, Prosody, Scratch, ServerOptions,
    missing, skip, until,
};
use common::processes_naming;

/// Run by the other test in a process of its own: starts things, names their folders and waits to be killed.
#[tokio::test]
#[ignore = "a part of the other test"]
async fn owner() {
    let server = Prosody::start(ServerOptions::new("dc.example"))
        .await
        .unwrap();
    let libvirt = Libvirtd::start(Driver::Test).await.unwrap();
    let scratch = Scratch::new().unwrap();
    let hypervisor = start_guest().await;
    let mut out = std::io::stdout();
    let images = [Some(&libvirt), hypervisor.as_ref()]
        .into_iter()
        .flatten()
        .map(Libvirtd::images);
    for folder in images.chain([server.folder().to_owned(), scratch.path().to_owned()]) {
        writeln!(out, "folder {}", folder.display()).unwrap();
    }
    writeln!(out, "done").unwrap();
    std::future::pending::<()>().await;
}

/// A daemon with a running guest, where guests can run.
async fn start_guest() -> Option<Libvirtd> {
    if missing(&GuestImage::PROGRAMS).is_some() {
        return None;
    }
    let libvirt = Libvirtd::start(Driver::Qemu).await.unwrap();
    let image = GuestImage::get().await.unwrap();
    let guest = Guest::define(&libvirt, &image, Acceleration::Tcg, 1)
        .await
        .unwrap();
    libvirt.virsh(&["start", guest.name()]).await.unwrap();
    assert!(!processes_naming(&libvirt.images()).is_empty());
    Some(libvirt)
}

#[tokio::test]
async fn dropping_a_daemon_ends_its_guests() {
    if let Some(reason) = missing(&GuestImage::PROGRAMS) {
        return skip("dropping_a_daemon_ends_its_guests", &reason);
    }
    let libvirt = start_guest().await.unwrap();
    let images = libvirt.images();
    drop(libvirt);
    until("the guest to be gone", Patience::USUAL, async || {
        is_gone(&images).then_some(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_killed_owner_leaves_no_process_and_no_folder() {
    if let Some(reason) = missing(&["prosody", "libvirtd", "virsh"]) {
        return skip("a_killed_owner_leaves_no_process_and_no_folder", &reason);
    }
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "owner", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let folders = named_folders(owner.stdout.take().unwrap());
    assert!(folders.len() >= 3, "{folders:?}");
    assert!(folders.iter().all(|folder| folder.exists()));
    owner.kill().unwrap();
    owner.wait().unwrap();
    until("everything to be gone", Patience::USUAL, async || {
        folders.iter().all(|folder| is_gone(folder)).then_some(())
    })
    .await
    .unwrap();
}

fn named_folders(said: impl std::io::Read) -> Vec<PathBuf> {
    let lines = BufReader::new(said).lines().map(Result::unwrap);
    lines
        .take_while(|line| line != "done")
        .filter_map(|line| {
            line.split_once("folder ")
                .map(|(_, path)| PathBuf::from(path))
        })
        .collect()
}

fn is_gone(folder: &Path) -> bool {
    !folder.exists() && processes_naming(folder).is_empty()
}
