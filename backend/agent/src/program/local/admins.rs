//! `admins`: who may do everything. Root admins stand in agent.toml; everybody else is one by a grant of `all` in the store.

use archipel_language::Permission;
use archipel_protocol::BareJid;
use clap::Subcommand;

use super::{At, Failed, Local, address, block, say};
use crate::access::{Grant, PolicyChange};

#[derive(Debug, Subcommand)]
pub(in crate::program) enum Admins {
    /// List who may do everything here
    List {
        #[command(flatten)]
        at: At,
    },
    /// Let somebody do everything here
    Add {
        /// Their account, such as olga@dc.example
        #[arg(value_parser = address)]
        jid: BareJid,
        #[command(flatten)]
        at: At,
    },
    /// Take that away again; root admins stand in agent.toml
    Remove {
        /// Their account
        #[arg(value_parser = address)]
        jid: BareJid,
        #[command(flatten)]
        at: At,
    },
}

pub(in crate::program) fn run(wanted: &Admins) -> Result<(), Failed> {
    block(async {
        match wanted {
            Admins::List { at } => list(&Local::open(at)?).await,
            Admins::Add { jid, at } => {
                let change = PolicyChange::Give(all(jid));
                Local::open(at)?.change(vec![change], "rights").await
            }
            Admins::Remove { jid, at } => remove(&Local::open(at)?, jid).await,
        }
    })
}

fn all(jid: &BareJid) -> Grant {
    Grant {
        jid: jid.clone(),
        permission: Permission::ALL.0.to_owned(),
        scope: None,
        expires: None,
    }
}

async fn list(local: &Local) -> Result<(), Failed> {
    for admin in &local.settings.rules.admins {
        say(format_args!("{admin}  agent.toml"));
    }
    let policy = local.policy().await?;
    let whole = |grant: &&Grant| grant.permission == Permission::ALL.0 && grant.scope.is_none();
    for grant in policy.grants.iter().filter(whole) {
        match grant.expires {
            Some(end) => say(format_args!("{}  granted until {end:.0}", grant.jid)),
            None => say(format_args!("{}  granted", grant.jid)),
        }
    }
    Ok(())
}

async fn remove(local: &Local, jid: &BareJid) -> Result<(), Failed> {
    if local.settings.rules.admins.contains(jid) {
        return Err(Failed::new(format!(
            "{jid} is a root admin: take the address out of `admins` in agent.toml, then: systemctl reload archipel-agent"
        )));
    }
    local
        .change(vec![PolicyChange::Take(all(jid))], "rights")
        .await
}
