//! `roles`: named sets of permissions of this host, beside those that ship.

use archipel_language::role::ROLES;
use clap::Subcommand;

use super::{At, Failed, Local, block, say};
use crate::access::PolicyChange;

#[derive(Debug, Subcommand)]
pub(in crate::program) enum Roles {
    /// List the roles that ship and those of this host
    List {
        #[command(flatten)]
        at: At,
    },
    /// Make a role, or give it further permissions
    Create {
        /// Its name
        role: String,
        /// What it holds; `archipel-agent actions` names the permissions
        #[arg(required = true)]
        permissions: Vec<String>,
        #[command(flatten)]
        at: At,
    },
    /// Take permissions out of a role of this host; without any, delete it
    Delete {
        /// Its name
        role: String,
        /// What it holds no longer
        permissions: Vec<String>,
        #[command(flatten)]
        at: At,
    },
}

pub(in crate::program) fn run(wanted: &Roles) -> Result<(), Failed> {
    block(async {
        match wanted {
            Roles::List { at } => list(&Local::open(at)?).await,
            Roles::Create {
                role,
                permissions,
                at,
            } => {
                let add = |permission: &String| PolicyChange::Add {
                    role: role.clone(),
                    permission: permission.clone(),
                };
                let changes = permissions.iter().map(add).collect();
                Local::open(at)?.change(changes, "rights").await
            }
            Roles::Delete {
                role,
                permissions,
                at,
            } => delete(&Local::open(at)?, role, permissions).await,
        }
    })
}

async fn list(local: &Local) -> Result<(), Failed> {
    for role in ROLES {
        say(format_args!("{}  ships  {}", role.name, role.summary));
    }
    for (role, permissions) in local.policy().await?.roles {
        let names: Vec<String> = permissions.into_iter().collect();
        say(format_args!("{role}  {}", names.join(" ")));
    }
    Ok(())
}

async fn delete(local: &Local, role: &str, permissions: &[String]) -> Result<(), Failed> {
    let policy = local.policy().await?;
    let held = policy.roles.get(role).ok_or_else(|| {
        Failed::new(format!(
            "there is no role `{role}` of this host; those that ship stay. See: archipel-agent roles list"
        ))
    })?;
    let named = |permission: &&String| permissions.is_empty() || permissions.contains(permission);
    let drop = |permission: &String| PolicyChange::Drop {
        role: role.to_owned(),
        permission: permission.clone(),
    };
    let changes = held.iter().filter(named).map(drop).collect();
    local.change(changes, "rights").await
}
