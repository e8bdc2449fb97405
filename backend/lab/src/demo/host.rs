//! One hypervisor of the demo: a libvirt daemon with machines, and an agent on it.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::bus::{Bus, jid};
use super::programs::Programs;
use super::texts::{Note, say};
use super::{ADMIN, Choices};
use crate::template::{quoted, quoted_path};
use crate::{Acceleration, Driver, Fleet, Guest, GuestImage, Libvirtd, Process, Scratch};

/// The real guests of the hypervisor that has such.
const GUESTS: [u8; 2] = [1, 2];

/// A hypervisor.
pub(super) struct Host {
    name: &'static str,
    agent: Process,
    libvirt: Libvirtd,
    machines: usize,
    scratch: Scratch,
}

impl Host {
    /// Starts the daemon, fills it and puts an agent on it. `index` counts from 0 and chooses the machines.
    pub(super) async fn start(
        name: &'static str,
        index: usize,
        bus: &Bus,
        programs: &Programs,
    ) -> Result<Host> {
        let libvirt = Libvirtd::start(Choices::driver_of(name)).await?;
        let machines = match Choices::driver_of(name) {
            Driver::Test => fill(&libvirt, index).await?,
            Driver::Qemu => start_guests(&libvirt).await?,
        };
        let scratch = Scratch::new()?;
        let agent = start_agent(name, bus, &libvirt, &scratch, &programs.agent)?;
        Ok(Host {
            name,
            agent,
            libvirt,
            machines,
            scratch,
        })
    }

    /// How many machines it has.
    pub(super) fn machines(&self) -> usize {
        self.machines
    }

    /// Where `virsh` reaches its machines.
    pub(super) fn libvirt_uri(&self) -> String {
        self.libvirt.uri()
    }

    /// What its agent said, if it has ended.
    pub(super) fn obituary(&mut self) -> Option<String> {
        let status = self.agent.exit_status()?;
        let said = std::fs::read_to_string(self.scratch.path().join("output")).unwrap_or_default();
        let last: Vec<&str> = said.lines().rev().take(5).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        Some(format!(
            "the agent of {} ended ({status}): {}",
            self.name,
            last.join("\n")
        ))
    }

    /// Stops the agent, then the daemon.
    pub(super) async fn stop(&mut self) {
        self.agent.stop().await;
        self.libvirt.stop().await;
    }
}

async fn fill(libvirt: &Libvirtd, index: usize) -> Result<usize> {
    let fleet = Fleet::of_host(u32::try_from(index)? + 1);
    fleet.fill(libvirt).await?;
    Ok(fleet.machines().len())
}

async fn start_guests(libvirt: &Libvirtd) -> Result<usize> {
    let image = GuestImage::get().await?;
    say(&Note::Probing);
    let how = Acceleration::probe(&image).await;
    say(&Note::Guests(how));
    for number in GUESTS {
        let guest = Guest::define(libvirt, &image, how, number).await?;
        libvirt.virsh(&["start", guest.name()]).await?;
    }
    Ok(GUESTS.len())
}

fn start_agent(
    name: &str,
    bus: &Bus,
    libvirt: &Libvirtd,
    scratch: &Scratch,
    program: &Path,
) -> Result<Process> {
    let state = scratch.path().join("state");
    let text = crate::template::render(
        include_str!("../../assets/agent.toml"),
        &[
            ("JID", &quoted(&jid(name))),
            ("PASSWORD_FILE", &quoted_path(bus.password_file(name)?)),
            ("ADMIN", &quoted(&jid(ADMIN))),
            ("LIBVIRT_URI", &quoted(&libvirt.uri())),
            ("STATE_DIR", &quoted_path(&state)),
            ("BUS", &quoted(&bus.address().to_string())),
            ("CA_FILE", &quoted_path(bus.ca_file())),
        ],
    );
    let mut command = Command::new(program);
    command
        .args(["run", "--config"])
        .arg(scratch.write("agent.toml", &text)?)
        .current_dir(scratch.path());
    Process::spawn(
        &format!("the agent of {name}"),
        command,
        &scratch.path().join("output"),
    )
}
