//! `archipel hypervisor`: whom the operator trusts, and how they do.

mod alloc;
mod invite;

use archipel_config::Profile;
use archipel_fleet::{Fleet, Hypervisor, Key, Reach, WatchState, Wire};
use archipel_language::{Selector, Verb};
use archipel_operator::{Invitation, Wanted};
use archipel_protocol::{HypervisorId, VmState};

use super::{
    arguments::HypervisorTask,
    console::{print, remark},
    failure::Failure,
    host_name::HostName,
    messages::ReadOnly,
    session::Session,
    sheet::{Cell, Column, Format, Sheet},
};
use crate::wall;

const LIST: &[Column] = &[
    Column::shown("name", "name"),
    Column::shown("state", "state"),
    Column::shown("machines", "vms"),
    Column::shown("running", "running"),
    Column::shown("cpus", "cpus"),
    Column::shown("memory_kib", "memory"),
    Column::shown("driver", "driver"),
    Column::shown("groups", "groups"),
    Column::shown("reason", "note"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
    Column::hidden("agent_version"),
    Column::hidden("current"),
];

pub(crate) use invite::news;

/// Refuses what a read-only profile does not allow.
pub(super) fn permit(task: &HypervisorTask, profile: &Profile) -> Result<(), Failure> {
    match task {
        HypervisorTask::Alloc(_) if profile.read_only => {
            Err(Failure::usage(ReadOnly("hypervisor.alloc")))
        }
        HypervisorTask::Invite(_) | HypervisorTask::Revoke(_) if profile.read_only => {
            Err(Failure::usage(
                "this profile is read-only, and an invitation makes an account. Start without --read-only, or change the profile",
            ))
        }
        _ => Ok(()),
    }
}

/// Does what is asked about hypervisors.
pub(super) async fn run(
    session: &mut Session,
    task: &HypervisorTask,
    format: Format,
) -> Result<(), Failure> {
    match task {
        HypervisorTask::List { selectors } => list(session, selectors, format).await,
        HypervisorTask::Invite(task) => invite::invite(session, task).await,
        HypervisorTask::Revoke(task) => invite::revoke(session, task).await,
        HypervisorTask::Invitations => invite::list(session, format).await,
        HypervisorTask::Alloc(task) => alloc::alloc(session, task, format).await,
        HypervisorTask::Do(verb, host) => change(session, verb, host).await,
    }
}

async fn list(
    session: &mut Session,
    selectors: &[Selector],
    format: Format,
) -> Result<(), Failure> {
    session.sync(Wanted::All).await?;
    invite::tidy(session).await;
    let invited = session.invitations().open()?;
    let fleet = session.fleet();
    let picked = picked(fleet, selectors);
    let mut sheet = Sheet::new(LIST);
    let hosts = picked.iter().filter_map(|id| fleet.hypervisor(id));
    sheet.rows = hosts.map(|host| row(host, &invited)).collect();
    sheet.print(format)?;
    let strangers: Vec<String> = session
        .fleet()
        .contacts()
        .map(|contact| contact.id.to_string())
        .collect();
    if !strangers.is_empty() {
        remark(&format!(
            "on the roster and not trusted: {}; trust one with: archipel hypervisor trust NAME",
            strangers.join(", ")
        ));
    }
    Ok(())
}

/// The hypervisors that any of `selectors` picks, each once, in the order of the selectors; all without one.
pub(super) fn picked(fleet: &Fleet, selectors: &[Selector]) -> Vec<HypervisorId> {
    if selectors.is_empty() {
        return fleet.hypervisors().map(|host| host.id.clone()).collect();
    }
    let mut picked = Vec::new();
    for selector in selectors {
        let keys = selector.select_at(fleet, wall::now()).into_iter();
        for id in keys.filter_map(Key::hypervisor) {
            if !picked.contains(&id) {
                picked.push(id);
            }
        }
    }
    picked
}

fn row(host: &Hypervisor, invited: &[Invitation]) -> Vec<Cell> {
    let row = host.row.as_ref();
    vec![
        Cell::text(&host.name),
        Cell::text(if host.reach.is_online() {
            "online"
        } else {
            "offline"
        }),
        Cell::Count(u64::from(host.machines())),
        Cell::Count(u64::from(host.machines_in(VmState::Running))),
        Cell::maybe(row, |row| Cell::count(row.cpus)),
        Cell::maybe(row, |row| Cell::memory(row.memory_kib)),
        Cell::text(driver(host)),
        Cell::list(&host.groups),
        Cell::maybe(note(host, invited), Cell::text),
        Cell::text(host.id.to_string()),
        Cell::text(host.id.to_string()),
        Cell::maybe(row, |row| Cell::text(&row.agent_version)),
        Cell::Yes(host.fresh.is_live()),
    ]
}

fn driver(host: &Hypervisor) -> &str {
    match (host.wire, &host.row) {
        (Wire::Original, _) => "original agent",
        (Wire::Fleet, row) => row.as_ref().map_or("", |row| &row.driver),
    }
}

/// What is wrong with it, if something is.
fn note(host: &Hypervisor, invited: &[Invitation]) -> Option<String> {
    let invitation = invited.iter().find(|one| one.hypervisor == host.id);
    if invitation.is_some() && !host.reach.is_online() {
        return Some("invited, has not joined yet".to_owned());
    }
    match (&host.reach, &host.watch) {
        (Reach::Offline { reason }, _) => Some(reason.clone()),
        (_, WatchState::Failed(why)) => Some(why.clone()),
        _ => {
            let lost = host.row.as_ref()?.libvirt_lost.as_ref()?;
            Some(format!("libvirt is out of reach: {lost}"))
        }
    }
}

/// A host of the operator's own bus goes by its name.
fn address(host: &HostName, session: &Session) -> Result<HypervisorId, Failure> {
    let domain = session.profile.jid.domain();
    host.at(domain).map_err(Failure::usage)
}

async fn change(session: &mut Session, verb: &Verb, host: &HostName) -> Result<(), Failure> {
    let id = address(host, session)?;
    session.connect().await?;
    let handle = session.handle();
    let changed = async {
        match verb.id.0 {
            "hypervisor.add" => handle.add(id.clone()).await,
            "hypervisor.trust" => handle.trust(id.clone()).await,
            _ => handle.remove(id.clone()).await,
        }
    };
    session.alongside(changed).await?;
    print(&format!("{id} {}", verb.done))?;
    let stays = session.fleet().hypervisor(&id);
    if let Some(host) = stays.filter(|_| verb.id.0 == "hypervisor.remove") {
        remark(&format!(
            "it stays trusted, as a member of a group of the server: {}",
            host.groups.join(", ")
        ));
    }
    Ok(())
}
