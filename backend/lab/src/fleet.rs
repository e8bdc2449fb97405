//! Machines worth looking at, for libvirt's test driver.

use std::fmt::Write as _;

use anyhow::{Result, ensure};

use crate::Libvirtd;

/// What the machines of a host do. A name that comes twice gives two machines.
const ROLES: [&str; 12] = [
    "web",
    "web",
    "db",
    "app",
    "build-arm",
    "cache",
    "mail",
    "app",
    "monitor",
    "backup",
    "git",
    "proxy",
];

/// How the test driver shows a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineState {
    /// Started.
    Running,
    /// Started, then suspended.
    Paused,
    /// Defined only.
    Off,
}

/// A machine of a filled fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Unique in all hosts of fleets of one size.
    pub name: String,
    /// Unique in all hosts.
    pub uuid: String,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// The state it is brought into.
    pub state: MachineState,
    /// Whether it starts with its host.
    pub autostart: bool,
}

/// The machines of one host.
#[derive(Debug, Clone)]
pub struct Fleet {
    machines: Vec<Machine>,
}

impl Fleet {
    /// Twelve machines of host number `host` (from 1), the same ones each time.
    pub fn of_host(host: u32) -> Fleet {
        Fleet::sized(host, ROLES.len())
    }

    /// `count` machines of host number `host` (from 1), the same ones each time.
    pub fn sized(host: u32, count: usize) -> Fleet {
        let blocks = count.div_ceil(ROLES.len());
        let first = (host.max(1) as usize - 1) * blocks;
        let machines = (0..count).map(|index| machine(host, first, index));
        Fleet {
            machines: machines.collect(),
        }
    }

    /// What [`Fleet::fill`] puts there.
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// Defines the machines on a daemon with the test driver, brings each into its state, and removes the stock
    /// domain `test`.
    ///
    /// # Errors
    ///
    /// When libvirt refuses one of them.
    pub async fn fill(&self, libvirt: &Libvirtd) -> Result<()> {
        let folder = crate::Scratch::new()?;
        let mut script = String::from("destroy test\nundefine test\n");
        for machine in &self.machines {
            let file = folder.write(format!("{}.xml", machine.name), &machine.to_xml())?;
            machine.write_script(&file.display().to_string(), &mut script);
        }
        let said = libvirt.virsh_script(&format!("{script}version\n")).await?;
        let names = libvirt.virsh(&["list", "--all", "--name"]).await?;
        let there = names.lines().filter(|line| !line.is_empty()).count();
        ensure!(
            there == self.machines.len(),
            "libvirt has {there} machines in place of {}; virsh said: {said}",
            self.machines.len()
        );
        Ok(())
    }
}

impl Machine {
    /// Its definition for the test driver, with devices as a real one has them.
    pub fn to_xml(&self) -> String {
        let mac = &self.uuid[self.uuid.len() - 6..];
        crate::template::render(
            include_str!("../assets/test-domain.xml"),
            &[
                ("NAME", &self.name),
                ("UUID", &self.uuid),
                ("MEMORY", &self.memory_mib.to_string()),
                ("VCPUS", &self.vcpus.to_string()),
                (
                    "MAC",
                    &format!("52:54:00:{}:{}:{}", &mac[..2], &mac[2..4], &mac[4..]),
                ),
            ],
        )
    }

    fn write_script(&self, file: &str, script: &mut String) {
        // The test driver's own pool: a disk in it can be copied.
        let disk = format!(
            "default-pool {}.qcow2 10G --allocation 0 --format qcow2",
            self.name
        );
        let _ = writeln!(script, "vol-create-as {disk}");
        let _ = writeln!(script, "define {file}");
        if self.autostart {
            let _ = writeln!(script, "autostart {}", self.name);
        }
        if self.state != MachineState::Off {
            let _ = writeln!(script, "start {}", self.name);
        }
        if self.state == MachineState::Paused {
            let _ = writeln!(script, "suspend {}", self.name);
        }
    }
}

fn machine(host: u32, first_block: usize, index: usize) -> Machine {
    let slot = index % ROLES.len();
    let block = first_block + index / ROLES.len();
    let role = ROLES[slot];
    let per_block = ROLES.iter().filter(|other| **other == role).count();
    let before = ROLES[..slot].iter().filter(|other| **other == role).count();
    let dice = mix(u64::from(host) << 32 | index as u64);
    let size = (dice % 4) as u32;
    Machine {
        name: format!("{role}{:02}", block * per_block + before + 1),
        uuid: uuid(dice),
        vcpus: 1 << size,
        memory_mib: 1024 << (u64::from(size) + (dice >> 4) % 3),
        state: state(host as usize + 5 * index),
        autostart: (dice >> 16).is_multiple_of(4),
    }
}

/// Of eight neighbours, five run, one is paused and two are off; each host begins elsewhere.
fn state(position: usize) -> MachineState {
    match position % 8 {
        0 => MachineState::Paused,
        1 | 2 => MachineState::Off,
        _ => MachineState::Running,
    }
}

fn uuid(dice: u64) -> String {
    let (high, low) = (mix(dice), mix(!dice));
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff,
    )
}

/// Spreads neighbouring numbers over all 64 bits (the finaliser of `SplitMix64`).
fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn all_distinct(count: usize) {
        let fleets: Vec<Machine> = (1..=3)
            .flat_map(|host| Fleet::sized(host, count).machines)
            .collect();
        let names: HashSet<&str> = fleets.iter().map(|machine| machine.name.as_str()).collect();
        let uuids: HashSet<&str> = fleets.iter().map(|machine| machine.uuid.as_str()).collect();
        assert_eq!((names.len(), uuids.len()), (3 * count, 3 * count));
    }

    #[test]
    fn names_and_uuids_differ_across_hosts() {
        all_distinct(12);
        all_distinct(100);
    }

    #[test]
    fn every_demo_host_has_running_paused_and_stopped_machines() {
        for host in 1..=3 {
            let fleet = Fleet::of_host(host);
            for state in [
                MachineState::Running,
                MachineState::Paused,
                MachineState::Off,
            ] {
                assert!(
                    fleet
                        .machines()
                        .iter()
                        .any(|machine| machine.state == state),
                    "{host}: {state:?}"
                );
            }
        }
    }
}
