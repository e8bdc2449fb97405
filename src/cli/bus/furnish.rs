//! What a running server is given: the operator's account, the groups, the nodes.

use std::{fs, path::Path};

use archipel_config::{BusSettings, Endpoint};
use archipel_servers::{
    Domain, EjabberdApi, Group, Placed, ServerKind, add_prosody_account, fingerprint, write,
};

use super::{
    init::{Plan, folder},
    members,
    messages::Nodes,
    password,
};
use crate::{
    cli::{console::remark, failure::Failure},
    setup,
};

/// Makes what is missing; whether something was.
pub(super) fn furnish(plan: &Plan) -> Result<bool, Failure> {
    let note = folder().join("furnished");
    let done = format!(
        "{} {} {}\n",
        plan.kind.word(),
        plan.profile.domain,
        plan.admin()
    );
    let grouped = members::ensure(
        plan.kind,
        &plan.profile.site,
        &plan.profile.domain,
        Group::Operators,
        plan.admin(),
    )?;
    if fs::read_to_string(&note).is_ok_and(|text| text == done) {
        return Ok(grouped);
    }
    let secret = password::obtain(plan.admin(), plan.wish.password_file.as_deref())?;
    if account(plan, &secret)? {
        remark(&format!("made the account {}", plan.admin()));
    }
    let settings = towards_itself(plan)?;
    let made = archipel_operator::create_nodes(plan.admin(), secret, settings);
    let made = setup::runtime()?.block_on(made)?;
    remark(&Nodes(&made).to_string());
    noted(&note, &done)?;
    Ok(true)
}

/// Whether the account is new.
fn account(plan: &Plan, secret: &archipel_config::Secret) -> Result<bool, Failure> {
    let admin = plan.admin();
    if plan.kind == ServerKind::Prosody {
        return add_prosody_account(admin, secret).map_err(Failure::failed);
    }
    let api = EjabberdApi::new(&plan.profile.site.socket, &plan.profile.domain);
    let name = admin.node().map(ToString::to_string).unwrap_or_default();
    let there = api.has_account(&name).map_err(Failure::failed)?;
    if !there {
        api.register(&name, secret).map_err(Failure::failed)?;
    }
    Ok(!there)
}

/// This host's own server, known by the certificate that it was given.
fn towards_itself(plan: &Plan) -> Result<BusSettings, Failure> {
    let path = &plan.profile.site.certificate;
    let shown = path.display();
    let pem = fs::read_to_string(path)
        .map_err(|error| Failure::failed(format_args!("could not read `{shown}`: {error}")))?;
    let pinned = fingerprint(&pem)
        .ok_or_else(|| Failure::failed(format_args!("`{shown}` holds no certificate (PEM)")))?;
    let host = "127.0.0.1".to_owned();
    Ok(BusSettings {
        hosts: vec![Endpoint {
            host,
            port: plan.profile.listen.port,
        }],
        pinned: Some(pinned),
        ..BusSettings::default()
    })
}

fn noted(note: &Path, done: &str) -> Result<(), Failure> {
    let file = Placed {
        path: note.to_owned(),
        content: done.as_bytes().to_vec(),
        mode: 0o644,
        group: None,
        grows: false,
    };
    write(&file).map_err(Failure::failed)
}

/// Which server and domain were furnished here before.
pub(super) fn furnished() -> Option<(ServerKind, Domain)> {
    let text = fs::read_to_string(folder().join("furnished")).ok()?;
    let mut words = text.split_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}
