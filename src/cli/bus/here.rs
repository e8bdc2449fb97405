//! The server of this host: files, check, restart, furnishing.

use std::{fs, net::TcpListener, os::unix::net::UnixStream, path::Path};

use archipel_servers::{
    Certificates, Installation, Installed, Ledger, Placed, ServerKind, Standing, check, group_of,
};

use super::{
    furnish,
    init::{Plan, folder},
    messages::{Change, InTheWay, PortTaken, Ready, RestartFirst},
    service::Service,
};
use crate::cli::{
    console::{ask, is_interactive, print, remark},
    failure::Failure,
};

/// Brings this host's server to the wished state, as far as it can go now.
pub(super) fn set_up(plan: &Plan) -> Result<(), Failure> {
    refuse_without_rights()?;
    let installed = Installed::find(plan.kind).map_err(Failure::failed)?;
    let version = installed.version.unwrap_or_default();
    remark(&format!(
        "{} {version} for {}",
        plan.kind, plan.profile.domain
    ));
    let written = write(plan)?;
    check(plan.kind, &plan.profile.site.profile).map_err(Failure::failed)?;
    if !restarted(plan, written)? {
        let again = RestartFirst {
            kind: plan.kind,
            restart: &Service::here(plan.kind).advice(plan.kind, is_running(plan)),
            again: &again(plan),
        };
        return Ok(print(&again.to_string())?);
    }
    let furnished = furnish::furnish(plan)?;
    let authority = folder().join("ca.pem");
    let own = plan.certificates != Certificates::Given && authority.exists();
    let ready = Ready {
        domain: &plan.profile.domain,
        admin: plan.admin(),
        authority: own.then_some(authority.as_path()),
        changed: written || furnished,
    };
    Ok(print(&ready.to_string())?)
}

fn refuse_without_rights() -> Result<(), Failure> {
    if rustix::process::geteuid().is_root() {
        return Ok(());
    }
    Err(Failure::failed(
        "only root may write a server's configuration: run it with sudo, or write the files elsewhere with --into DIR",
    ))
}

/// Writes what is not as it shall be; whether there was something.
fn write(plan: &Plan) -> Result<bool, Failure> {
    let installation = Installation {
        kind: plan.kind,
        profile: &plan.profile,
        certificates: plan.certificates.clone(),
        authority: folder(),
        group: Some(group_of(plan.kind).map_err(Failure::failed)?),
        root: Path::new("/"),
        today: jiff::Zoned::now().date(),
    };
    readable(plan, installation.group)?;
    let files = installation.files().map_err(Failure::failed)?;
    let mut ledger = Ledger::open(&folder().join("written")).map_err(Failure::failed)?;
    let changes = changes(&ledger, &files)?;
    if changes.is_empty() {
        return Ok(false);
    }
    confirm(plan, &changes)?;
    let stamp = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
    for (file, _) in &changes {
        if let Some(copy) = ledger.put(file, &stamp).map_err(Failure::failed)? {
            let (old, new) = (copy.display(), file.path.display());
            remark(&format!("kept {old}; compare: diff -u {old} {new}"));
        }
    }
    Ok(true)
}

pub(super) fn changes<'a>(
    ledger: &Ledger,
    files: &'a [Placed],
) -> Result<Vec<(&'a Placed, Standing)>, Failure> {
    let mut changes = Vec::new();
    for file in files {
        let standing = ledger.standing(file).map_err(Failure::failed)?;
        if standing != Standing::Same {
            changes.push((file, standing));
        }
    }
    Ok(changes)
}

/// Asks once for everything; what others wrote is not replaced by `--yes` alone.
fn confirm(plan: &Plan, changes: &[(&Placed, Standing)]) -> Result<(), Failure> {
    for (file, standing) in changes {
        remark(
            &Change {
                path: &file.path,
                standing,
            }
            .to_string(),
        );
    }
    let foreign = changes
        .iter()
        .filter(|(_, standing)| *standing == Standing::Foreign);
    let foreign: Vec<&Path> = foreign.map(|(file, _)| file.path.as_path()).collect();
    if plan.wish.yes && (foreign.is_empty() || plan.wish.replace) {
        return Ok(());
    }
    if !is_interactive() {
        return Err(match foreign.as_slice() {
            [] => {
                Failure::usage("nobody is there to be asked; nothing was written. Go on with --yes")
            }
            _ => Failure::usage(InTheWay(foreign)),
        });
    }
    match ask("Write these files? [y/N] ")?.to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::usage("not confirmed; nothing was written")),
    }
}

/// Certificates that somebody else keeps must be there for the server's user.
fn readable(plan: &Plan, group: Option<u32>) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt as _;
    if plan.certificates != Certificates::Given {
        return Ok(());
    }
    let (kind, site) = (plan.kind, &plan.profile.site);
    for path in [&site.certificate, &site.key] {
        let shown = path.display();
        let data = fs::metadata(path)
            .map_err(|error| Failure::failed(format_args!("could not read `{shown}`: {error}")))?;
        let of_group = Some(data.gid()) == group && data.mode() & 0o040 != 0;
        if !of_group && data.mode() & 0o004 == 0 {
            let word = kind.word();
            return Err(Failure::failed(format_args!(
                "{kind} may not read `{shown}`: sudo chgrp {word} {shown} && sudo chmod 640 {shown}"
            )));
        }
    }
    Ok(())
}

/// Whether the server runs with the files; restarts it if it has to and may.
fn restarted(plan: &Plan, written: bool) -> Result<bool, Failure> {
    let running = is_running(plan);
    if running && !written {
        return Ok(true);
    }
    if !running {
        refuse_taken_ports(plan)?;
    }
    let service = Service::here(plan.kind);
    if service == Service::Nothing || !(plan.wish.restart || agreed(plan.kind)?) {
        return Ok(false);
    }
    service.restart(plan.kind, &plan.profile)
}

fn agreed(kind: ServerKind) -> Result<bool, Failure> {
    if !is_interactive() {
        return Ok(false);
    }
    let answer = ask(&format!(
        "Restart {kind} now? Its clients come back by themselves. [y/N] "
    ))?;
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}

/// By the file that the package's service keeps, or by ejabberd's socket, where nobody made a folder for that file.
fn is_running(plan: &Plan) -> bool {
    if UnixStream::connect(&plan.profile.site.socket).is_ok() {
        return true;
    }
    let word = plan.kind.word();
    let pid = fs::read_to_string(format!("/run/{word}/{word}.pid")).unwrap_or_default();
    let pid = pid.trim();
    !pid.is_empty() && Path::new("/proc").join(pid).exists()
}

fn refuse_taken_ports(plan: &Plan) -> Result<(), Failure> {
    let listen = &plan.profile.listen;
    for port in [listen.port, listen.tls_port, listen.https_port] {
        let taken = TcpListener::bind((listen.address.as_str(), port));
        if taken.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse) {
            return Err(Failure::failed(PortTaken {
                port,
                kind: plan.kind,
            }));
        }
    }
    Ok(())
}

/// The command that goes on from here.
fn again(plan: &Plan) -> String {
    let agents = plan.wish.agents.iter();
    let agents = agents.flat_map(|network| [" --agents ".to_owned(), network.to_string()]);
    let agents: String = agents.collect();
    let paths = plan
        .wish
        .certificate
        .as_ref()
        .map_or(String::new(), |(certificate, key)| {
            format!(
                " --certificate {} --key {}",
                certificate.display(),
                key.display()
            )
        });
    let (word, domain, admin) = (plan.kind.word(), &plan.profile.domain, plan.admin());
    format!(
        "sudo archipel bus init --server {word} --domain {domain} --admin {admin}{agents}{paths}"
    )
}
