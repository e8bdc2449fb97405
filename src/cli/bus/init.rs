//! `archipel bus init`: what is wanted, and where it is written.

use std::path::Path;

use archipel_protocol::BareJid;
use archipel_servers::{
    Certificates, Domain, Installed, Listen, Profile, Registration, ServerKind, Site,
};

use super::{here, messages::OpenToAll, output};
use crate::cli::{
    arguments::Wish,
    console::{ask, is_interactive},
    failure::Failure,
};

/// A wish, understood.
pub(super) struct Plan<'a> {
    pub(super) wish: &'a Wish,
    pub(super) kind: ServerKind,
    pub(super) profile: Profile,
    pub(super) certificates: Certificates,
}

impl Plan<'_> {
    /// The first operator.
    pub(super) fn admin(&self) -> &BareJid {
        &self.profile.operators[0]
    }
}

/// Writes into a folder, or sets this host's server up.
pub(super) fn run(wish: &Wish) -> Result<(), Failure> {
    let kind = kind(wish)?;
    let plan = plan(wish, kind)?;
    match &wish.into {
        Some(folder) => output::write(&plan, folder),
        None => here::set_up(&plan),
    }
}

fn kind(wish: &Wish) -> Result<ServerKind, Failure> {
    if let Some(kind) = wish.server {
        return Ok(kind);
    }
    let installed = if wish.into.is_some() {
        Vec::new()
    } else {
        Installed::all()
    };
    match installed.as_slice() {
        [only] => Ok(only.kind),
        [] if wish.into.is_some() => Err(Failure::usage(
            "for which server? Say --server prosody or --server ejabberd",
        )),
        [] => Err(Failure::failed(
            "no server is installed here. For up to a thousand hosts: sudo apt install prosody; for more, or for two machines: \
             sudo apt install ejabberd. Or write the files for another machine: --into DIR",
        )),
        _ => Err(Failure::usage(
            "both Prosody and ejabberd are installed: say --server prosody or --server ejabberd",
        )),
    }
}

fn plan(wish: &Wish, kind: ServerKind) -> Result<Plan<'_>, Failure> {
    let domain = domain(wish)?;
    let mut site = Site::installed(kind, &domain);
    let certificates = match &wish.certificate {
        Some((certificate, key)) => {
            site.certificate.clone_from(certificate);
            site.key.clone_from(key);
            Certificates::Given
        }
        None => Certificates::Own { renew: wish.renew },
    };
    let profile = Profile {
        operators: vec![admin(wish, &domain)?],
        registration: registration(wish)?,
        listen: Listen::usual(kind),
        site,
        domain,
    };
    Ok(Plan {
        wish,
        kind,
        profile,
        certificates,
    })
}

fn domain(wish: &Wish) -> Result<Domain, Failure> {
    if let Some(domain) = &wish.domain {
        return Ok(domain.clone());
    }
    if !is_interactive() {
        return Err(Failure::usage(
            "which domain shall it serve? Say --domain dc.example",
        ));
    }
    let answer = ask("The domain it shall serve, such as dc.example: ")?;
    answer.parse().map_err(Failure::usage)
}

fn admin(wish: &Wish, domain: &Domain) -> Result<BareJid, Failure> {
    let admin = match &wish.admin {
        Some(admin) => admin.clone(),
        None => BareJid::new(&format!("admin@{domain}")).map_err(Failure::usage)?,
    };
    if admin.domain().as_str() == domain.as_str() {
        return Ok(admin);
    }
    Err(Failure::usage(format_args!(
        "the operator {admin} has no account at {domain}: --admin NAME@{domain}"
    )))
}

fn registration(wish: &Wish) -> Result<Registration, Failure> {
    if let Some(all) = wish.agents.iter().find(|network| network.is_everywhere()) {
        return Err(Failure::usage(OpenToAll(*all)));
    }
    Ok(match wish.agents.as_slice() {
        [] => Registration::Off,
        networks => Registration::From(networks.to_vec()),
    })
}

/// Where the authority and the notes of what was written are kept.
pub(super) fn folder() -> &'static Path {
    Path::new("/etc/archipel/bus")
}
