//! One hypervisor with tiny machines that are shut off, and an operator who sees them all.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use archipel_bus::Session;
use archipel_lab::{Patience, ServerKind, until};
use archipel_protocol::{BareJid, FullJid, Presence, PresenceKind, VmId};

use super::seen::Seen;
use crate::{
    client::Client,
    common::{Content, Plan, World},
};

/// A machine without disk, network and display, 16 MiB.
const TINY: &str = "<domain type='qemu'>\n<name>{NAME}</name>\n<uuid>{UUID}</uuid>\n<memory unit='MiB'>16</memory>\n<vcpu>1</vcpu>\n\
<os><type arch='x86_64' machine='pc'>hvm</type></os>\n<devices><controller type='usb' model='none'/><memballoon model='none'/></devices>\n</domain>\n";

/// Everything that is measured here.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) session: Session,
    pub(super) seen: Seen,
    /// The hypervisor's full address.
    pub(super) address: FullJid,
    pub(super) hypervisor: BareJid,
    pub(super) machines: Vec<BareJid>,
    pub(super) names: Vec<String>,
}

impl Stage {
    /// A fleet of one host with `count` machines, all of them contacts and off.
    pub(super) async fn of(count: usize) -> Self {
        let world = World::start(Plan {
            kind: ServerKind::Ejabberd,
            hosts: vec![Content::Qemu],
        })
        .await;
        let names: Vec<String> = (1..=count)
            .map(|number| format!("tiny{number:03}"))
            .collect();
        let ids: Vec<VmId> = (1..=count).map(id).collect();
        define(&world, &names, &ids).await;
        let mut client = Client::log_in(&world.server, "bench").await;
        let address = client.address_of("hv01").await;
        let (session, events) = client.into_parts();
        let stage = Self {
            seen: Seen::follow(&session, events),
            session,
            hypervisor: address.to_bare(),
            address,
            machines: ids.iter().map(account).collect(),
            names,
            world,
        };
        stage.befriend().await;
        stage
    }

    /// Subscribes to every machine until all have been seen.
    async fn befriend(&self) {
        let begin = Instant::now()
            .checked_sub(Duration::from_hours(1))
            .expect("a machine that was not started just now");
        let all = until(
            "all machines to be contacts",
            Patience::seconds(120),
            async || {
                for machine in self.strangers() {
                    // A server that looked before the machine's own presence came said that nobody is there.
                    for kind in [PresenceKind::Subscribe, PresenceKind::Probe] {
                        let knock = Presence::new(kind).to(machine.clone());
                        self.session.send(knock).await.expect("a session");
                    }
                }
                let correct = self.seen.correct(&self.hypervisor, &self.machines, begin);
                tokio::time::timeout(Duration::from_secs(3), correct)
                    .await
                    .ok()
            },
        );
        all.await.expect("all machines are contacts");
    }

    /// The machines that were not seen yet.
    fn strangers(&self) -> impl Iterator<Item = &BareJid> {
        let unseen = |machine: &&BareJid| !self.seen.sees(machine);
        self.machines.iter().filter(unseen)
    }

    /// Kills the agent and starts it again; the moment of its start.
    pub(super) async fn restart_agent(&mut self) -> Instant {
        let host = &mut self.world.hosts[0];
        host.agent.kill().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let start = Instant::now();
        host.restart_agent();
        start
    }

    /// When everything is as it is, by presences received after `since`.
    pub(super) async fn correct(&self, since: Instant) -> Instant {
        self.seen
            .correct(&self.hypervisor, &self.machines, since)
            .await
    }

    pub(super) fn agent(&self) -> u32 {
        self.world.hosts[0].agent.pid()
    }

    /// A machine's own address.
    pub(super) fn machine(&self, at: usize) -> FullJid {
        self.machines[at]
            .with_resource_str("hv01")
            .expect("an address")
    }
}

async fn define(world: &World, names: &[String], ids: &[VmId]) {
    let mut script = String::new();
    for (name, id) in names.iter().zip(ids) {
        let text = TINY
            .replace("{NAME}", name)
            .replace("{UUID}", &id.to_string());
        let file = world
            .scratch
            .write(format!("{name}.xml"), &text)
            .expect("a file");
        let _ = writeln!(script, "define {}", file.display());
    }
    let libvirt = &world.hosts[0].libvirt;
    let said = libvirt.virsh_script(&format!("{script}version\n")).await;
    said.expect("virsh defines machines");
}

fn id(number: usize) -> VmId {
    format!("6c616200-0000-4000-9000-{number:012x}")
        .parse()
        .expect("a uuid")
}

fn account(id: &VmId) -> BareJid {
    format!("{id}@dc.example").parse().expect("an address")
}
