//! The groups: who is in every operator's contact list.

use std::fs;

use archipel_protocol::BareJid;
use archipel_servers::{
    Domain, EjabberdApi, Group, Groups, Placed, ServerKind, Site, group_of, reload_prosody_groups,
    write,
};

use super::furnish::furnished;
use crate::cli::{console::print, failure::Failure, host_name::HostName};

/// Puts hypervisors into the group that every operator sees.
pub(super) fn add(hosts: &[HostName]) -> Result<(), Failure> {
    let (kind, domain) = furnished().ok_or_else(|| {
        Failure::failed("no bus was set up on this host; first: sudo archipel bus init")
    })?;
    let site = Site::installed(kind, &domain);
    for host in hosts {
        let hypervisor = host.at(&domain).map_err(Failure::usage)?;
        let new = ensure(kind, &site, &domain, Group::Hypervisors, hypervisor.jid())?;
        let said = if new { "is now in" } else { "was already in" };
        print(&format!(
            "{hypervisor} {said} every operator's contact list"
        ))?;
    }
    Ok(())
}

/// Makes the account a member, if it is none; whether it is new.
pub(super) fn ensure(
    kind: ServerKind,
    site: &Site,
    domain: &Domain,
    group: Group,
    member: &BareJid,
) -> Result<bool, Failure> {
    match kind {
        ServerKind::Prosody => in_file(site, domain, group, member),
        ServerKind::Ejabberd => in_database(site, domain, group, member),
    }
}

fn in_file(site: &Site, domain: &Domain, group: Group, member: &BareJid) -> Result<bool, Failure> {
    let path = site.folder.join("groups.txt");
    let shown = path.display();
    let text = fs::read_to_string(&path)
        .map_err(|error| Failure::failed(format_args!("could not read `{shown}`: {error}")))?;
    let mut groups: Groups = text
        .parse()
        .map_err(|error| Failure::failed(format_args!("`{shown}`: {error}")))?;
    if !groups.add(group, member.clone()) {
        return Ok(false);
    }
    let owner = group_of(ServerKind::Prosody).map_err(Failure::failed)?;
    let content = groups.to_string().into_bytes();
    let file = Placed {
        path,
        content,
        mode: 0o640,
        group: Some(owner),
        grows: false,
    };
    write(&file).map_err(Failure::failed)?;
    reload_prosody_groups(domain).map_err(Failure::failed)?;
    Ok(true)
}

fn in_database(
    site: &Site,
    domain: &Domain,
    group: Group,
    member: &BareJid,
) -> Result<bool, Failure> {
    let api = EjabberdApi::new(&site.socket, domain);
    let made = || -> Result<bool, archipel_servers::ApiError> {
        if api.members(group)?.contains(&member.to_string()) {
            return Ok(false);
        }
        api.create_groups()?;
        api.add_member(group, member)?;
        Ok(true)
    };
    made().map_err(Failure::failed)
}
