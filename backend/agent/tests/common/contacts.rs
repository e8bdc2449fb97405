//! Machines with sessions of their own, and people who have them among their contacts.

use std::sync::Arc;

use archipel_agent::{Agent, Parts, VmSessions};
use archipel_bus::Event;
use archipel_hypervisor::SimulatedDriver;
use archipel_lab::{ServerKind, ServerOptions};
use archipel_protocol::{
    BareJid, FullJid, Presence, PresenceKind, Stanza, VmId,
    feed::{Detail, Row},
};

use super::{Client, DOMAIN, Site, driver, online};

pub fn machine(id: VmId) -> FullJid {
    format!("{id}@{DOMAIN}/hv01").parse().unwrap()
}

/// The next presence of `from` that `pick` picks.
pub async fn seen<T>(
    client: &mut Client,
    what: &str,
    from: &BareJid,
    pick: impl Fn(&Presence) -> Option<T>,
) -> T {
    client
        .wait(what, |event| match event {
            Event::Stanza(Stanza::Presence(presence)) => {
                let own = presence.from.as_ref()?.to_bare() == *from;
                own.then(|| pick(&presence)).flatten()
            }
            _ => None,
        })
        .await
}

pub async fn subscribe(client: &mut Client, to: &BareJid) {
    client
        .send(Presence::new(PresenceKind::Subscribe).to(to.clone()))
        .await;
    seen(client, "a presence", to, |presence| {
        (presence.kind == PresenceKind::Available).then_some(())
    })
    .await;
}

pub async fn site(kind: ServerKind, test: &str) -> Option<Site> {
    Site::with(kind, test, ServerOptions::registration).await
}

pub async fn begin(site: &Site) -> (Agent, Client) {
    begin_on(site, &driver(2)).await
}

pub async fn begin_on(site: &Site, driver: &Arc<SimulatedDriver>) -> (Agent, Client) {
    let parts = Parts {
        vm_sessions: VmSessions::All,
        ..site.parts(driver)
    };
    let agent = online(Agent::start(parts)).await;
    let mut admin = site.client("admin").await;
    let rows = admin.watch("begin", Detail::State).await;
    let mut alone: Vec<VmId> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Vm(row) if !row.flags.session => Some(row.id),
            _ => None,
        })
        .collect();
    while !alone.is_empty() {
        let there = admin
            .delta("sessions", |row| match row {
                Row::Vm(row) if row.flags.session && alone.contains(&row.id) => Some(row.id),
                _ => None,
            })
            .await;
        alone.retain(|id| *id != there);
        let rows = admin.watch("begin", Detail::State).await;
        alone.retain(|id| {
            rows.iter()
                .any(|row| matches!(row, Row::Vm(row) if row.id == *id && !row.flags.session))
        });
    }
    (agent, admin)
}
