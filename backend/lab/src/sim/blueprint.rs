//! What a simulated fleet consists of: sites, hypervisors, machines. A pure function of its size and a seed.

use archipel_hypervisor::{Domain, Node};
use archipel_protocol::{VmId, VmState};

use super::{FleetSize, seed::Random};

/// Hypervisors of a site.
const PER_SITE: usize = 40;

/// Towns with data centres.
const TOWNS: [&str; 16] = [
    "berlin", "paris", "dublin", "oslo", "madrid", "milan", "vienna", "warsaw", "lisbon", "zurich",
    "prague", "athens", "london", "ghent", "turin", "malmo",
];

/// A kind of machine.
struct Role {
    name: &'static str,
    /// Virtual processors of the smallest.
    vcpus: u32,
    /// GiB of the smallest.
    memory_gib: u64,
    tags: &'static [&'static str],
}

const fn role(
    name: &'static str,
    vcpus: u32,
    memory_gib: u64,
    tags: &'static [&'static str],
) -> Role {
    Role {
        name,
        vcpus,
        memory_gib,
        tags,
    }
}

/// What machines do; what comes twice is twice as frequent.
const ROLES: [Role; 16] = [
    role("web", 2, 2, &["tier/front", "prod"]),
    role("web", 2, 4, &["tier/front", "prod"]),
    role("app", 4, 8, &["tier/middle", "prod"]),
    role("app", 4, 8, &["tier/middle", "stage"]),
    role("db", 8, 16, &["tier/back", "prod", "backup/daily"]),
    role("cache", 2, 8, &["tier/middle", "prod"]),
    role("proxy", 1, 1, &["tier/front", "prod"]),
    role("mail", 2, 4, &["office", "backup/daily"]),
    role("build", 8, 8, &["ci"]),
    role("git", 4, 8, &["ci", "backup/daily"]),
    role("ldap", 1, 2, &["office", "prod"]),
    role("dns", 1, 1, &["infra", "prod"]),
    role("mon", 2, 4, &["infra"]),
    role("vdi", 2, 4, &["office"]),
    role("vdi", 2, 4, &["office"]),
    role("test", 1, 2, &["ci", "stage"]),
];

/// A fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blueprint {
    /// The hypervisors.
    pub hosts: Vec<HostPlan>,
}

/// A hypervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPlan {
    /// Its account's name.
    pub name: String,
    /// Where it stands: the operator's roster group.
    pub site: String,
    /// What it is.
    pub node: Node,
    /// Its machines.
    pub machines: Vec<MachinePlan>,
}

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachinePlan {
    /// As its hypervisor knows it.
    pub domain: Domain,
    /// What an administrator would call it by.
    pub tags: Vec<String>,
}

impl Blueprint {
    /// The fleet of this size and seed.
    pub fn new(size: FleetSize, seed: u64) -> Blueprint {
        let mut random = Random::stream(seed, "blueprint");
        let mut names = Names::default();
        let digits = size.hosts.to_string().len().max(2);
        let host = |index: usize| HostPlan {
            name: format!("hv{:0digits$}", index + 1),
            site: site(index / PER_SITE),
            node: Node::default(),
            machines: (0..size.machines)
                .map(|_| machine(&mut names, &mut random))
                .collect(),
        };
        let mut hosts: Vec<HostPlan> = (0..size.hosts).map(host).collect();
        for host in &mut hosts {
            host.node = node(host, &mut random);
        }
        Blueprint { hosts }
    }

    /// How many machines it has.
    pub fn machines(&self) -> usize {
        self.hosts.iter().map(|host| host.machines.len()).sum()
    }

    /// The sites with the names of their hypervisors.
    pub fn sites(&self) -> Vec<(String, Vec<String>)> {
        let mut sites: Vec<(String, Vec<String>)> = Vec::new();
        for host in &self.hosts {
            match sites.last_mut() {
                Some((site, names)) if *site == host.site => names.push(host.name.clone()),
                _ => sites.push((host.site.clone(), vec![host.name.clone()])),
            }
        }
        sites
    }
}

/// The machines of a role are numbered.
#[derive(Default)]
struct Names([u32; ROLES.len()]);

impl Names {
    fn next(&mut self, role: &Role) -> String {
        let first = ROLES
            .iter()
            .position(|known| known.name == role.name)
            .unwrap_or_default();
        self.0[first] += 1;
        format!("{}{:03}", role.name, self.0[first])
    }
}

fn site(index: usize) -> String {
    let town = TOWNS[index % TOWNS.len()];
    format!("{town}-{}", index / TOWNS.len() + 1)
}

fn machine(names: &mut Names, random: &mut Random) -> MachinePlan {
    let role = random.pick(&ROLES);
    let scale = *random.pick(&[1, 1, 1, 2]);
    let memory_kib = (role.memory_gib * u64::from(scale)) << 20;
    let domain = Domain {
        id: VmId::from_bytes(random.uuid()),
        name: names.next(role),
        state: state(random),
        run_id: None,
        vcpus: role.vcpus * scale,
        memory_kib,
        max_memory_kib: memory_kib,
        persistent: true,
        autostart: random.below(3) > 0,
        saved: false,
    };
    MachinePlan {
        domain,
        tags: role.tags.iter().map(|tag| (*tag).to_owned()).collect(),
    }
}

/// Of a hundred, seventy-six run.
fn state(random: &mut Random) -> VmState {
    match random.below(100) {
        0..76 => VmState::Running,
        76..95 => VmState::Off,
        95..98 => VmState::Paused,
        98 => VmState::Suspended,
        _ => VmState::Crashed,
    }
}

/// A host with memory for its machines.
fn node(host: &HostPlan, random: &mut Random) -> Node {
    let needed: u64 = host
        .machines
        .iter()
        .map(|machine| machine.domain.memory_kib)
        .sum();
    let cores = *random.pick(&[8, 16, 32]);
    Node {
        hostname: host.name.clone(),
        driver: "QEMU".to_owned(),
        driver_version: 8_002_000,
        libvirt_version: 9_000_000,
        model: "x86_64".to_owned(),
        memory_kib: (needed + needed / 8).next_power_of_two().max(64 << 20),
        cpus: 2 * cores * 2,
        mhz: *random.pick(&[2_100, 2_600, 3_000]),
        numa_nodes: 1,
        sockets: 2,
        cores,
        threads: 2,
        hardware_virtualisation: true,
        ..archipel_hypervisor::simulated::Setup::default().node
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SIZE: FleetSize = FleetSize {
        hosts: 50,
        machines: 20,
    };

    #[test]
    fn a_seed_gives_one_fleet() {
        assert_eq!(Blueprint::new(SIZE, 7), Blueprint::new(SIZE, 7));
        assert_ne!(Blueprint::new(SIZE, 7), Blueprint::new(SIZE, 8));
    }

    #[test]
    fn names_and_ids_are_never_shared() {
        let fleet = Blueprint::new(SIZE, 1);
        let machines = || fleet.hosts.iter().flat_map(|host| &host.machines);
        let names: HashSet<&str> = machines()
            .map(|machine| machine.domain.name.as_str())
            .collect();
        let ids: HashSet<VmId> = machines().map(|machine| machine.domain.id).collect();
        assert_eq!((names.len(), ids.len()), (1_000, 1_000));
        assert_eq!(fleet.sites().len(), 2);
    }
}
