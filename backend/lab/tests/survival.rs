//! A killed owner leaves nothing behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use archipel_lab::{
    Driver, Libvirtd, Patience, Prosody, Scratch, ServerOptions, missing, skip, until,
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
    let images = libvirt.images();
    let mut out = std::io::stdout();
    for folder in [server.folder(), scratch.path(), images.as_path()] {
        writeln!(out, "folder {}", folder.display()).unwrap();
    }
    writeln!(out, "done").unwrap();
    std::future::pending::<()>().await;
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
    assert_eq!(folders.len(), 3);
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
