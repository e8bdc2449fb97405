//! `archipel hypervisor invite` and `invitations`: join codes for new hosts.

use std::{io, net::IpAddr, path::PathBuf};

use archipel_config::{Endpoint, Secret, ask_secret, write_private};
use archipel_operator::{Invite, Tidied};
use archipel_protocol::HypervisorId;
use jiff::{SignedDuration, Timestamp, Unit, tz::TimeZone};

use super::super::{
    arguments::{InviteTask, RevokeTask},
    console::{is_interactive, print, remark},
    failure::Failure,
    session::Session,
    sheet::{Cell, Column, Format, Sheet},
};
use super::address;

const LIST: &[Column] = &[
    Column::shown("jid", "account"),
    Column::shown("state", "state"),
    Column::shown("expires", "ends"),
    Column::shown("prepared", "by hand"),
];

/// Prints a join code, or writes it to a file. It is the only thing on standard output.
pub(super) async fn invite(session: &mut Session, task: &InviteTask) -> Result<(), Failure> {
    let hypervisor = address(&task.host, session)?;
    let prepared = if task.prepared {
        Some(prepared(hypervisor.clone()).await?)
    } else {
        None
    };
    session.connect().await?;
    tidy(session).await;
    let invite = Invite {
        hypervisor: hypervisor.clone(),
        expires: end_of(task.lasts)?,
        servers: task.servers.clone(),
        prepared,
    };
    let expires = invite.expires;
    let invitations = session.invitations();
    let code = session.alongside(invitations.invite(invite)).await?;
    hand_over(&code, task.file.as_ref())?;
    let servers = if task.servers.is_empty() {
        &session.profile.bus.hosts
    } else {
        &task.servers
    };
    remark(&hint(&hypervisor, expires, task.file.is_some()));
    warn_of_loopback(servers);
    Ok(())
}

/// Ends an invitation.
pub(super) async fn revoke(session: &mut Session, task: &RevokeTask) -> Result<(), Failure> {
    let id = address(&task.host, session)?;
    session.connect().await?;
    let invitations = session.invitations();
    let ended = session.alongside(invitations.revoke(&id)).await?;
    print(&format!("{id} is not invited any more"))?;
    if ended.prepared {
        remark(
            "the account was made by hand: delete it on the server, or give it another password",
        );
    }
    Ok(())
}

/// Shows the invitations that are open.
pub(super) async fn list(session: &mut Session, format: Format) -> Result<(), Failure> {
    session.connect().await?;
    tidy(session).await;
    let now = Timestamp::now();
    let mut sheet = Sheet::new(LIST);
    let open = session.invitations().open()?;
    sheet.rows = open
        .into_iter()
        .map(|invitation| {
            let over = invitation.expires <= now;
            vec![
                Cell::text(invitation.hypervisor.to_string()),
                Cell::text(if over { "over" } else { "open" }),
                Cell::text(invitation.expires.to_string()),
                Cell::Yes(invitation.prepared),
            ]
        })
        .collect();
    sheet.print(format)
}

/// Looks what has become of invitations. What keeps that from being done is no reason not to do what was asked.
pub(super) async fn tidy(session: &mut Session) {
    let invitations = session.invitations();
    let tidied = session.alongside(invitations.tidy(Timestamp::now())).await;
    match tidied {
        Ok(tidied) => news(&tidied).iter().for_each(|line| remark(line)),
        Err(error) => remark(&format!("invitations could not be looked after: {error}")),
    }
}

/// What has become of invitations, a line each.
pub(crate) fn news(tidied: &Tidied) -> Vec<String> {
    let joined = tidied.joined.iter().map(|id| format!("{id} has joined"));
    let over = tidied.over.iter();
    let over = over.map(|id| format!("{id} did not join in time and is not invited any more"));
    joined.chain(over).collect()
}

/// Whole seconds: a code holds no parts of them.
fn end_of(lasts: SignedDuration) -> Result<Timestamp, Failure> {
    let end = Timestamp::now().checked_add(lasts);
    let end = end.and_then(|end| end.round(Unit::Second));
    end.map_err(Failure::usage)
}

/// The password of an account that was made by hand: asked for, or the first line of standard input.
async fn prepared(id: HypervisorId) -> Result<Secret, Failure> {
    let read = tokio::task::spawn_blocking(move || {
        if is_interactive() {
            return ask_secret(&format!("Password of {id}: "));
        }
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        Ok(Secret::new(line))
    });
    let unread = |error| Failure::usage(format_args!("no password was given: {error}"));
    let line = read.await.map_err(|error| unread(error.to_string()))?;
    let line = line.map_err(|error| unread(error.to_string()))?;
    match line.expose().trim_end_matches(['\r', '\n']) {
        "" => Err(unread("it is empty".to_owned())),
        password => Ok(Secret::new(password.to_owned())),
    }
}

fn hand_over(code: &Secret, file: Option<&PathBuf>) -> Result<(), Failure> {
    let Some(path) = file else {
        return Ok(print(code.expose())?);
    };
    let line = Secret::new(format!("{}\n", code.expose()));
    write_private(path, line.expose().as_bytes()).map_err(|error| {
        let path = path.display();
        Failure::failed(format_args!(
            "the code could not be written to {path}: {error}. Revoke the invitation, then invite again"
        ))
    })
}

fn hint(id: &HypervisorId, expires: Timestamp, in_file: bool) -> String {
    let end = expires
        .to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M %Z");
    let join = if in_file {
        "archipel-agent join --file FILE"
    } else {
        "archipel-agent join"
    };
    format!(
        "This code lets one host in as {id}, once, until {end}. Treat it as a password. On the host, as root: {join}"
    )
}

fn warn_of_loopback(servers: &[Endpoint]) {
    let local = |server: &&Endpoint| {
        let address = server.host.parse::<IpAddr>();
        server.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    };
    if let Some(server) = servers.iter().find(local) {
        remark(&format!(
            "The code names the server as {server}, which only this machine can reach; for another host give its address: --bus HOST:PORT"
        ));
    }
}
